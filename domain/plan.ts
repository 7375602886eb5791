import type { Capabilities } from './capabilities.ts';
import type { ChannelRef, EventSpec } from './channel.ts';
import { eventKeyOf } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { Bill, Budget } from './usage/billing.ts';
import type { NotifyPlan } from './webhooks/webhook.ts';

/**
 * What a caller sends. Plain JSON; durations are `"90s"`, `"15m"`, `"4h"`, `"PT15M"`; instants are ISO 8601 with an
 * offset. The schema in `plan/schema.ts` accepts exactly this, and publishes it as JSON Schema.
 */
export interface Plan {
  /** Default: what follows `live-event/` in the workflow id. */
  eventId?: string;
  title?: string;
  /** This or `legs`: `vendor`, `account` and `vendorOptions` are the short form of one leg. */
  vendor?: string;
  account?: string;
  /** Default: now, or the nominal time when a Temporal Schedule started the run. */
  startsAt?: string;
  /** Instead of `startsAt`: how long after now, or after the nominal time, the show starts. */
  startsAfter?: string;
  /** This or `duration`. */
  endsAt?: string;
  duration?: string;
  /** How long before `startsAt` to allocate. Default: the vendor's. */
  warmUp?: string;
  /** How long before the allocation the account is looked at. Default: an hour; `0s` for no look but the one at allocation. */
  preflight?: string;
  /** How long before `startsAt` to accept encoders. Default: the vendor's. */
  startLead?: string;
  /** Keep the channel warm, and billed, between allocation and start, where the vendor can. */
  standby?: boolean;
  /** Where the vendor should pull from, where it can; without it the encoder pushes. */
  sources?: string[];
  waits?: {
    /** From `startsAt` (or the opening, if later) until we give up on an encoder that never came. */
    firstConnect?: string;
    /** How long an encoder may be gone before the show ends. */
    encoderLost?: string;
    /** How long an encoder may be connected while viewers get nothing yet, before a warning. */
    dark?: string;
    /** No run lasts longer than this from `startsAt`, extensions included. */
    maxDuration?: string;
  };
  /**
   * At the end, go on in steps while the encoder still sends, up to `until` at most: an instant, or how long after the
   * planned end.
   */
  overrun?: { while: 'encoder-connected'; step?: string; until: string };
  vod?: {
    publish?: boolean;
    /** How long after the stop we keep trying to publish and prove the recording. */
    deadline?: string;
  };
  /** Whose event it is, e.g. the customer. */
  tenant?: string;
  /** Names of the configured subscribers that get webhooks of this event. Default: those with `default` in the configuration. */
  notify?: string[];
  /** How much may be billed of the event: a warning at 80 % and at 100 %; `stop` ends the show at 100 %. */
  budget?: { billedMinutes: number; onLimit?: Budget['onLimit'] };
  /** What no other event may use at the same time: `["encoder-3", "studio-a"]`. */
  uses?: string[];
  vendorOptions?: JsonObject;
  /** The same show on several vendors, the preferred one first. */
  legs?: LegPlan[];
  /** With legs: whether the recording of any leg, or those of all that began, must be proved. Default: any. */
  require?: Require;
  failover?: {
    /** How long viewers of a leg may be dark, or its vendor silent, before another leg takes over. */
    dark?: string;
  };
}

/** The vendors of a plan, for people. */
export const vendorsOf = ({ vendor, legs = [] }: Plan): string => vendor ?? legs.map((leg) => leg.vendor).join(', ');

/** `with-event`: begins with the event. `on-failure`: begins when another leg has failed. */
export type LegStart = 'with-event' | 'on-failure';
export type Require = 'any' | 'all';

/** One vendor's part of an event; what it leaves out is as in the plan. */
export interface LegPlan {
  name: string;
  vendor: string;
  account?: string;
  /** Default: with-event. */
  start?: LegStart;
  warmUp?: string;
  startLead?: string;
  standby?: boolean;
  sources?: string[];
  vendorOptions?: JsonObject;
}

/**
 * A plan with nothing left to decide: absolute instants (epoch milliseconds), defaults filled, the vendor's abilities.
 * The run's first activity returns it, so that replay depends neither on today's defaults nor on today's vendors.
 */
export interface PreparedPlan {
  eventId: string;
  title: string;
  vendor: string;
  account: string;
  tenant?: string;
  /** As planned. */
  startsAt: number;
  endsAt: number;
  /** `startsAt + waits.maxDuration`. */
  hardEndsAt: number;
  warmUpMs: number;
  startLeadMs: number;
  /** Absent in plans that were prepared before there was a preflight: their runs look at nothing. */
  preflightMs?: number;
  /** The look waits for its time by its own retry. Absent in plans prepared before: a timer of the run did. */
  preflightWaits?: true;
  standby: boolean;
  sources: string[];
  /** `darkMs` is absent in plans that were prepared before viewers were looked after. */
  waits: { firstConnectMs: number; encoderLostMs: number; darkMs?: number; maxDurationMs: number };
  overrun?: { stepMs: number; until: number };
  vod: { publish: boolean; deadlineMs: number };
  vendorOptions: JsonObject;
  capabilities: Capabilities;
  /** Absent without subscribers. */
  notify?: NotifyPlan;
  budget?: Budget;
  uses?: string[];
  /** The run books what it uses: named things, a slot of its account, a part of its tenant's budget. */
  books?: { slot: boolean; budget?: boolean };
  /** Absent where the event has one leg. What stands above is then that leg's, else the first leg's. */
  legs?: PreparedLegs;
}

export interface PreparedLegs {
  require: Require;
  darkMs: number;
  legs: PreparedLeg[];
}

/** A leg whose run is given `plan`, with the event's times. */
export interface PreparedLeg {
  name: string;
  vendor: string;
  account: string;
  start: LegStart;
  warmUpMs: number;
  startLeadMs: number;
  /** What its vendor bills, where the event has a budget: the legs spend it together. */
  bills?: readonly Bill[];
  plan: Plan;
}

/** The part of a prepared plan that a driver gets. Stands in histories. */
export function specOf(
  plan: PreparedPlan,
  { workflowId, name, place }: Pick<ChannelRef, 'workflowId' | 'name' | 'place'>,
): EventSpec {
  const { title, vendor, account, startsAt, endsAt, hardEndsAt, standby, sources, vendorOptions } = plan;
  return {
    eventId: eventKeyOf(workflowId) ?? plan.eventId,
    workflowId,
    made: { name, ...(place !== undefined && { place }) },
    title,
    vendor,
    account,
    startsAt,
    endsAt,
    hardEndsAt,
    standby,
    sources,
    options: vendorOptions,
  };
}

/** What the run's first activity returns: the plan, and the name its channel will have before anything is made. */
export interface PreparedEvent {
  plan: PreparedPlan;
  ref: ChannelRef;
  /** An earlier run of the event was terminated or reset while its channel was open. */
  continues?: boolean;
}
