import type { HeldBudget } from '../domain/booking/budget.ts';
import type { BookingAnswer, BookingRequest, BookingRules } from '../domain/booking/request.ts';
import type { Channel, ChannelRef, EventSpec, LiveWindow, Output, StopEvidence } from '../domain/channel.ts';
import type { SkewedClock } from '../domain/clock-skew.ts';
import type { JsonObject } from '../domain/json.ts';
import type { PreparedEvent, PreparedPlan } from '../domain/plan.ts';
import type { Playback } from '../domain/playback.ts';
import type { Preflight, PreflightRequest } from '../domain/preflight.ts';
import type { EncoderChange, Presence } from '../domain/presence.ts';
import type { ProvedAsset } from '../domain/report.ts';
import type { OrphanedResource, SweptResource } from '../domain/sweep.ts';
import type { BilledState } from '../domain/usage/billing.ts';
import type { PlannedUse } from '../domain/usage/planned.ts';
import type { ReleasedUsage } from '../domain/usage/usage.ts';
import type { WebhookMessage } from '../domain/webhooks/webhook.ts';

/** What the run knows of itself when its plan is prepared. */
export interface PrepareInput {
  plan: unknown;
  workflowId: string;
  /** When the run was triggered, epoch milliseconds. */
  startedAt: number;
  /** The instant a Temporal Schedule meant, where one started the run. */
  nominalStart?: number;
  /** Temporal had no run of the event before this one. */
  isFirst?: boolean;
}

export interface EncoderWatch {
  channel: Channel;
  /** Where viewers watch it, and how long they may get nothing while an encoder sends: for those that look at the run from outside. */
  playback?: Playback;
  darkMs?: number;
  /** The confirmed presence of the encoder before this watch. */
  last: Presence;
  /** Look until this instant, then answer `until`. */
  until: number;
  /** Do not report a change before this instant: a flapping encoder must not fill the history. */
  quietUntil?: number;
  /** When the encoder is expected: far from it we look seldom. */
  expectedAt: number;
  /** True after too many rechecks: the activity looks by itself and relies on no signal. */
  noHints?: boolean;
  /** The run wants to know of an outage that is over, in which an encoder may have come and left. */
  reportsOutages?: true;
  /** The wait for an absent encoder is over, and no look was answered then: the first that sees the absence answers `absent`. */
  isOverdue?: true;
}

/**
 * `until`: nothing changed until then; with what the vendor calls the encoder's absence, where a last look was taken, or why that was not
 * answered (`unseen`). `absent`: the absence of an encoder that is overdue was seen. `at`: Temporal's time then, at least, where the
 * worker knows it.
 */
export type WatchResult = (
  | { kind: 'until'; vendorState?: string; unseen?: string; at?: number }
  | { kind: 'absent'; vendorState?: string; at?: number }
  | EncoderChange
) &
  Pick<WhatWasSeen, 'clocks'> & { outage?: Outage };

/** No look was answered from then on, until one was. Epoch milliseconds. */
export interface Outage {
  from: number;
  to: number;
  /** The last error. */
  why: string;
}

export interface VodInput {
  channel: Channel;
  output: Output;
  windows: LiveWindow[];
  /** How often the encoder connected, by the vendor's sessions; absent where the vendor has none of this show. */
  connections?: number;
  /** When the show ended, and the stop began that was done at `stoppedAt`. */
  endedAt?: number;
  stoppedAt: number;
}

export interface VodResult extends WhatWasSeen {
  proved: boolean;
  assets: ProvedAsset[];
  /** Why it is not proved. */
  reason?: string;
}

/** Where viewers watch, as far as the vendor could say when the step was done; it keeps no step from being done. */
export interface WithPlayback {
  playback?: Playback;
}

/** What is recorded, and where it is watched. */
export type MadeOutput = Output & WithPlayback & WhatWasSeen;

/** An update for the run of a leg. The same id is the same action, however often it is sent. */
export interface LegAction {
  workflowId: string;
  update: string;
  id: string;
  action: JsonObject;
}

export type LegAnswer = { accepted: true; effect: string } | { accepted: false; why: string };

/** What the look at the account found, where it was asked for. */
export interface WithPreflight {
  preflight?: Preflight;
}

/** What the attempts of a step saw beside what they were to do; absent where they saw none. */
export interface WhatWasSeen {
  /** The states that cost. */
  billing?: BilledState[];
  /** Clocks of workers that are wrong. */
  clocks?: SkewedClock[];
}

/** What an attempt of a step passes to the next, also on another worker, and to the run when the step fails. */
export interface StepMemory extends WithPreflight, WhatWasSeen {
  /** Where the step may have made something, as the vendor's manifest writes it. */
  place?: string;
  /** The vendor's id of what it made there, where no list may show it yet. */
  id?: string;
  /** The session of the encoder that a reset is to drop. */
  dropping?: string;
}

/**
 * What workflows may ask of the world. Each call is retriable and idempotent; "not yet" is a BENIGN retryable failure
 * that says what it waits for.
 */
export interface LiveEventActivities {
  preparePlan(input: PrepareInput): Promise<PreparedEvent>;
  /** Checks a plan with several legs; the run of each leg prepares its own. */
  prepareLegs(input: PrepareInput): Promise<PreparedPlan>;
  /** What an earlier run of the event may have left billed, for people; undefined where none did. */
  unreleasedBefore(): Promise<string | undefined>;
  /** Passes an operator's action to the run of a leg. */
  actOnLeg(input: LegAction): Promise<LegAnswer>;
  /** `isDue`: the channel should accept encoders by now. `joins`: it is one that an earlier run had open. */
  allocate(
    event: EventSpec & { isDue?: boolean; preflight?: PreflightRequest },
  ): Promise<Channel & WithPlayback & WithPreflight & WhatWasSeen & { joins?: boolean }>;
  /** Looks for what would go wrong. Nothing that it finds is a failure. */
  preflight(event: EventSpec & { preflight: PreflightRequest }): Promise<Preflight>;
  /** Nothing where nothing that costs was seen. `output`: it could be made at once, and needs no step of its own. */
  start(channel: Channel): Promise<(WhatWasSeen & { output?: MadeOutput }) | undefined>;
  createOutput(channel: Channel): Promise<MadeOutput>;
  watchEncoder(watch: EncoderWatch): Promise<WatchResult>;
  /** `finishes`: one before it was left half done. No encoder is dropped any more; the channel is opened, and records. */
  resetEncoder(
    channel: Channel,
    output?: Output,
    how?: { finishes: true },
  ): Promise<(Output & WithPlayback) | undefined>;
  /** `at`: Temporal's time when the vendor had stopped it, where that is known: the report may wait for the stops of other shows. */
  stop(input: { channel: Channel; output?: Output }): Promise<StopEvidence & WhatWasSeen & { at?: number }>;
  publishVod(input: VodInput): Promise<VodResult>;
  cleanUp(ref: ChannelRef): Promise<WhatWasSeen | undefined>;
}

/** What decides a booking depends on. */
export interface BookingQuestion {
  vendor: string;
  account: string;
  tenant?: string;
  planned?: PlannedUse[];
  /** What the tenant's events hold of its budgets. */
  held?: HeldBudget[];
  /** The asker goes on where a month cannot be read now; else there are no rules then. */
  mayBeUnread?: true;
}

export interface BudgetLook {
  /** When a budget reaches its next share, if nothing begins and nothing ends; absent where none does. */
  nextInMs?: number;
}

/** What an event holds, as its run asks for it, and as the bookings are decided. */
export interface BookingActivities {
  bookUses(request: BookingRequest): Promise<BookingAnswer>;
  /** `keepsSlot`: the named uses alone are free; the channel is still there. */
  releaseUses(of: { event: string; keepsSlot?: boolean }): Promise<void>;
  /** For each request, in the same order. */
  bookingRules(of: BookingQuestion[]): Promise<BookingRules[]>;
  /** Warns the running events of the tenants whose budgets are near, and ends them where that is configured. */
  lookAtBudgets(of: { tenants: string[] }): Promise<BudgetLook>;
}

/** The poller of one account. */
export interface PollerActivities {
  /** Returns when no event has waited for a while; until then it heartbeats. */
  followAccount(of: { vendor: string; account: string }): Promise<void>;
}

/** The steps of the sweep. */
export interface SweepActivities {
  /** The accounts this worker is configured for. */
  sweepableAccounts(): Promise<{ vendor: string; account: string }[]>;
  findOrphans(of: { vendor: string; account: string }): Promise<{ seen: number; orphans: OrphanedResource[] }>;
  releaseOrphan(
    resource: OrphanedResource,
  ): Promise<Pick<SweptResource, 'outcome' | 'detail'> & { usage?: ReleasedUsage }>;
}

/** The outcome of one webhook; one that is not delivered yet is a BENIGN retryable failure. */
export type Delivery =
  | { outcome: 'delivered' }
  /** The subscriber wants no more webhooks. */
  | { outcome: 'gone'; reason: string }
  /** The subscriber is configured for graver messages, or other vendors: nothing is sent, and nothing is missing. */
  | { outcome: 'filtered' }
  /** The worker's configuration does not allow it this type. */
  | { outcome: 'not-wanted'; reason: string };

/** Delivery of webhooks. Argument names stand in histories: they stay. */
export interface WebhookActivities {
  deliver(input: { receiver: string; notice: WebhookMessage }): Promise<Delivery>;
}

/** Everything a worker offers. */
export type Activities = LiveEventActivities &
  BookingActivities &
  PollerActivities &
  SweepActivities &
  WebhookActivities;

/**
 * How failures of activities are typed, and what travels in their details. A vendor error's type is its kind.
 */
export const failureTypes = { invalidPlan: 'invalid-plan', notYet: 'not-yet' } as const;

/** Details of a failed vendor call, as recorded in history. */
export interface FailureDetails extends StepMemory {
  kind: string;
  operation?: string;
  code?: string;
  advice?: string;
  /** True when the vendor refused before anything could have been made: there is nothing to release. */
  nothingMade: boolean;
}

/**
 * An activity gives up by itself, with its reason, when its next attempt would come too late; Temporal's own timeout
 * gives no reason and only comes after it, this much later.
 */
export const backstopMs = 120_000;
