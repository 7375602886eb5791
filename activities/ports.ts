import type { EventSpans } from '../domain/booking/budget.ts';
import type { BookingAnswer, BookingRequest } from '../domain/booking/request.ts';
import type { Channel } from '../domain/channel.ts';
import type { OnAirChange, OnAirState } from '../domain/on-air.ts';
import type { Phase } from '../domain/phases.ts';
import type { PlannedAtOnce, PlannedSpan } from '../domain/preflight.ts';
import type { EventStatus } from '../domain/report.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import type { BudgetReached, TenantBudget } from '../domain/usage/tenant-budget.ts';
import type { EncoderWatch, LegAction, LegAnswer, WatchResult } from './contract.ts';

/** The attempt of a step that a worker asks Temporal about. */
export interface AttemptId {
  workflowId: string;
  runId: string;
  activityId: string;
  attempt: number;
}

/** A run that waits for or watches an encoder. */
export interface WatchingRun {
  workflowId: string;
  /** The key of its channel. */
  channel?: string;
  /** When it began, epoch milliseconds. */
  startedAt?: number;
  phase?: Phase;
}

/** A run on a channel of which something changed. */
export interface FoundRun {
  workflowId: string;
  runId: string;
  /** The key of its channel. */
  channel: string;
  isOver?: true;
  /** Absent between two watches. */
  watch?: {
    activityId: string;
    /** Names the attempt that is under way or was the last. */
    attempt: string;
    isUnderWay: boolean;
    /** Absent unless it waits for its next attempt, and its last one said it. */
    of?: WaitingWatch;
  };
}

/** What a watch that waits looks for. */
export interface WatchedFor extends Pick<EncoderWatch, 'last' | 'until' | 'quietUntil'> {
  /** Of what, and where viewers watch it; absent where that is long. */
  of?: Pick<EncoderWatch, 'channel' | 'playback' | 'darkMs'>;
}

/** A watch that waits for its next attempt, and when its last one ended: Temporal's time, epoch milliseconds. */
export interface WaitingWatch extends WatchedFor {
  lookedAt: number;
}

/** What ends a watch from outside. */
export interface WatchAnswer {
  result: WatchResult;
  /** False once so much time has passed since the look that it says nothing of now. */
  isFresh(): boolean;
}

/** The run has its answer, or looks at once: either may not agree with its next look. Or there is nothing to reach any more. */
export type Reached = 'reached' | 'over' | 'missed';

/** What the poller asks of Temporal. The worker implements it. */
export interface PollerPort {
  /** The events of the account that wait for or watch an encoder, by visibility. */
  watching(vendor: string, account: string): Promise<WatchingRun[]>;
  /** The watch of a run that waits for its next attempt, without a question to the run; undefined when it does not wait now. */
  waiting(workflowId: string): Promise<WaitingWatch | undefined>;
  /** The status of a run; undefined when it gives none now. */
  statusOf(workflowId: string): Promise<EventStatus | undefined>;
  /** Whether the run is over, or its show; needs no worker. Rejects when Temporal is away. */
  isShowOver(workflowId: string): Promise<boolean>;
  /** Signals a run that what viewers get has changed; one that is over is left alone. Rejects when Temporal is away. */
  signalOnAir(workflowId: string, change: OnAirChange): Promise<void>;
  /** The channels of the account whose run saw an encoder last, by visibility. */
  connected(vendor: string, account: string): Promise<string[]>;
  /** The runs of these channels that accept an encoder, by visibility, each with its watch; those that give none now are left out. */
  find(vendor: string, account: string, channels: readonly string[]): Promise<FoundRun[]>;
  /** Ends the watch of the run by the answer, or makes it look at once. */
  reach(run: FoundRun, answer?: WatchAnswer): Promise<Reached>;
  /** Starts a poller of the account unless one runs; false when that failed. */
  ensure(vendor: string, account: string): Promise<boolean>;
  /** Called after each listing of the account's live channels, with whether the vendor answered. */
  onPoll?(vendor: string, account: string, listed: boolean): void;
  /** Called after each recheck, with the number of runs that were answered or made to look. */
  onRecheck?(vendor: string, account: string, reached: number): void;
  /** Called after each look as a viewer; undefined when a run is not watched any more. */
  onView?(vendor: string, account: string, workflowId: string, state: OnAirState | undefined): void;
}

/** The bookings of all events of the task queue. */
export interface BookingsPort {
  book(request: BookingRequest): Promise<BookingAnswer>;
  release(of: { event: string; keepsSlot?: boolean }): Promise<void>;
}

/** What the events of a tenant used in a month. */
export interface MonthUsed {
  events: EventMonth[];
  /** The events that cannot be read, which are counted as if all that their vendor bills had been running. */
  assumed: number;
}

export interface EventMonth extends EventSpans {
  /** Of its newest run; absent where it is over. */
  running?: { workflowId: string; runId: string; phase?: Phase };
  /** Why neither it nor its plan can be read: its spans go by the longest warm-up. */
  unreadPlan?: string;
}

/** The monthly budgets of tenants. */
export interface BudgetsPort {
  of(tenant: string): TenantBudget | undefined;
  prices?: PriceList;
  /** Undefined where the tenant has more events in the month than are read: its budget is not held. Rejects when Temporal is away. */
  used(tenant: string, month: string): Promise<MonthUsed | undefined>;
  /** A run that is over is left alone. Rejects when Temporal is away. */
  signal(workflowId: string, reached: BudgetReached): Promise<void>;
}

/** What a run that begins asks of Temporal. */
export interface EarlierRunPort {
  /**
   * The channel that the run of the event before this one had open when it was terminated or reset; undefined where that
   * run ended by itself, or there was none. Rejects when Temporal cannot say.
   */
  cutOff(run: { workflowId: string; runId: string }): Promise<OpenChannel | undefined>;
  /** The run before this one that was cut off while something at its vendor may have been billed; undefined where none was. Rejects like `cutOff`. */
  unreleased(run: { workflowId: string; runId: string }): Promise<UnreleasedRun | undefined>;
}

/** An event with legs has neither an account nor a channel of its own. */
export interface UnreleasedRun {
  phase: Phase;
  vendor?: string;
  account?: string;
  /** The key of its channel, where it had opened it. */
  channel?: string;
}

export interface OpenChannel {
  vendor: string;
  account: string;
  /** The key of the channel. */
  channel: string;
}

/** What the run of an event with legs asks of Temporal. */
export interface LegsPort {
  act(action: LegAction): Promise<LegAnswer>;
}

/** Counts the events of ours that hold channels of an account while another one does, by visibility. */
export type PlannedPort = (wanted: PlannedSpan, limit: number) => Promise<PlannedAtOnce>;

/** What the sweep asks of Temporal, by workflow id: visibility lags, and a lag would release a live channel. */
export interface SweepPort {
  ownerOf(workflowId: string): Promise<ResourceOwner>;
  /**
   * The channel of the newest run, as its status has it; undefined where it has none or can never be asked for it. Rejects when
   * Temporal or a worker cannot say now.
   */
  channelOf?(workflowId: string): Promise<Channel | undefined>;
}

/** The run that an ownership tag names. */
export interface ResourceOwner {
  /** Running also while a later retry of its recording is. */
  state: 'running' | 'over' | 'unknown';
  /** The key of the channel that it recorded, once it had one. */
  channel?: string;
  /** The account that a run which is running itself allocates at; absent for one of which only a retry of its recording is running. */
  at?: { vendor: string; account: string };
  /** A run that waits for its show allocates nothing before, epoch milliseconds; absent where it may already do so. */
  waitsUntil?: number;
}
