import type { Channel } from '../channel.ts';
import type { JsonObject } from '../json.ts';

/** The types of outbound webhooks. `ingest` is for one trusted subscriber alone. */
export const webhookTypes = [
  'phase-changed',
  'starts-soon',
  'encoder-changed',
  'on-air',
  'warning',
  'ended',
  'ingest',
] as const;
export type WebhookType = (typeof webhookTypes)[number];

/** The CloudEvents type; a change of meaning gets a new version. */
export const eventTypeOf = (type: WebhookType): string => `showcaller.live-event.${type}.v1`;

/** No run sends more than this, whatever happens; the last but one says so. */
export const maxWebhooks = 500;
/** Each subscriber costs history for every webhook. */
export const maxSubscribers = 8;

/** A subscriber as a run knows it: its name and its types. Only the worker knows its address and its secret. */
export interface WebhookSubscriber {
  name: string;
  types: WebhookType[];
}

/** The subscribers of an event, fixed when its plan is prepared. Stands in histories: field names stay. */
export interface NotifyPlan {
  receivers: WebhookSubscriber[];
  /** A step that has not succeeded for so long is worth a warning. Milliseconds. */
  slowStepMs: number;
  /** How long before the start it is announced to subscribers; absent where none wants to be, and in plans prepared before. Milliseconds. */
  soonMs?: number;
}

/** One webhook before it is addressed. Stands in histories: without a secret. */
export interface WebhookMessage {
  /** The same for every attempt and every subscriber, and never used again: `<run id>/<seq>`. */
  id: string;
  /** From 1, in the order in which things happened. */
  seq: number;
  type: WebhookType;
  /** When it happened, epoch milliseconds. */
  at: number;
  data: JsonObject;
  /** With `ingest`: the channel whose ingest endpoints the worker asks the vendor for at delivery. */
  channel?: Channel;
}

export type WarningName =
  /** The run began after the show did. */
  | 'joined-late'
  /** The preflight found what would go wrong. */
  | 'preflight'
  /** Half of the wait for the encoder is over. */
  | 'encoder-missing'
  /** The encoder is gone; the show ends if it stays away. */
  | 'encoder-lost'
  /** The wait for the encoder is over, and the vendor does not answer whether it is there: the show goes on. */
  | 'encoder-unseen'
  /** The encoder is connected, and viewers have got nothing yet. */
  | 'viewers-dark'
  /** Viewers get no new picture. */
  | 'viewers-frozen'
  /** The live playlist is refused or no longer there. */
  | 'viewers-gone'
  /** Viewers get new segments without picture or sound, or with black pictures or silence. */
  | 'viewers-blank'
  /** 80 % of the event's budget is billed. */
  | 'budget-near'
  /** All of the event's budget is billed. */
  | 'budget-spent'
  /** Another event holds what this one uses, at the same time. */
  | 'booking-conflict'
  /** A leg does not carry the show: a step failed, its vendor does not answer, or its viewers are dark. */
  | 'leg-failed'
  /** Viewers are sent to another leg. */
  | 'leg-switched'
  /** The encoder still sends at the end, and the show goes on. */
  | 'prolonged'
  /** The end was moved as far as it can be. */
  | 'last-end'
  /** The show ended while the encoder was away: its last part was never sent. */
  | 'ended-without-encoder'
  /** A worker took a cue to have come too early: its clock is ahead. */
  | 'clock-skew'
  /** A step has been tried for long. */
  | 'step-slow'
  /** A step failed for good. */
  | 'step-failed'
  | 'vod-unproved'
  /** Too many webhooks: only the end is still sent. */
  | 'notices-capped'
  /** The run or its webhook delivery was ended from outside; no more webhooks follow. */
  | 'cut-off';

/** Something a person may want to act on. */
export interface Warning {
  /** Epoch milliseconds. */
  at: number;
  warning: WarningName;
  message: string;
  /** When its cause ended, and how; absent while it goes on, and where it has no end. */
  endedAt?: number;
  ended?: string;
}

/** How the webhooks of one run were delivered: the result of the workflow `liveEventNotices`. */
export interface WebhooksReport {
  eventId: string;
  /** By the subscriber's name. */
  receivers: Record<string, SubscriberReport>;
}

export interface SubscriberReport {
  delivered: number;
  /** The latest webhooks that were not delivered in time, each with the last answer. */
  givenUp: { seq: number; type: WebhookType; reason: string }[];
  /** How many were given up in all. */
  givenUpCount: number;
  /** Why nothing more is sent: the subscriber answered that it is gone. */
  gone?: string;
}
