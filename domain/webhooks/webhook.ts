import type { Channel } from '../channel.ts';
import type { JsonObject } from '../json.ts';

/** What a run tells receivers. `ingest` is for one trusted receiver alone. */
export const noticeTypes = ['phase-changed', 'encoder-changed', 'warning', 'ended', 'ingest'] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** The CloudEvents type; another meaning gets another version. */
export const eventTypeOf = (type: NoticeType): string => `showcaller.live-event.${type}.v1`;

/** No run tells more than this, whatever happens; the last but one says so. */
export const mostNotices = 500;
/** Each costs history for every notice. */
export const mostReceivers = 8;

/** A receiver as a run knows it: its name and what it wants. Where it is and its secret only the worker knows. */
export interface NoticeReceiver {
  name: string;
  types: NoticeType[];
}

/** Who is told of an event, decided when its plan was prepared. */
export interface NotifyPlan {
  receivers: NoticeReceiver[];
  /** A step that has not succeeded for so long is worth a warning. Milliseconds. */
  slowStepMs: number;
}

/** One thing to tell. Kept in histories: without a secret. */
export interface Notice {
  /** The same for every attempt and every receiver, and never used again: `<run id>/<seq>`. */
  id: string;
  /** From 1, in the order in which things happened. */
  seq: number;
  type: NoticeType;
  /** When it happened, epoch milliseconds. */
  at: number;
  data: JsonObject;
  /** With `ingest`: whose addresses the worker asks for when it delivers. */
  channel?: Channel;
}

export type WarningName =
  /** The run began after the show did. */
  | 'joined-late'
  /** Half of the wait for the encoder is over. */
  | 'encoder-missing'
  /** The encoder is gone; the show ends if it stays away. */
  | 'encoder-lost'
  /** The encoder still sends at the end, and the show goes on. */
  | 'prolonged'
  /** The end was moved as far as it can be. */
  | 'last-end'
  /** A step is being tried for long. */
  | 'step-slow'
  /** A step failed for good. */
  | 'step-failed'
  | 'vod-unproved'
  /** Too many notices: only the end is still told. */
  | 'notices-capped'
  /** Run or notices were ended from outside; nothing more is told. */
  | 'cut-off';

/** Something a person may want to act on. */
export interface Warning {
  /** Epoch milliseconds. */
  at: number;
  warning: WarningName;
  message: string;
}

/** What became of the notices of one run. */
export interface NoticesReport {
  eventId: string;
  receivers: Record<string, ReceiverReport>;
}

export interface ReceiverReport {
  delivered: number;
  /** What was not delivered within its time, with the last answer; the latest few. */
  givenUp: { seq: number; type: NoticeType; reason: string }[];
  /** How many were given up in all. */
  givenUpCount: number;
  /** Why nothing more is sent: the receiver said that it is gone. */
  gone?: string;
}
