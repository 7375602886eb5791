import type { Channel, ChannelRef, LiveWindow, Output, Session, VodAsset } from './channel.ts';
import type { SkewedClock } from './clock-skew.ts';
import type { JsonObject } from './json.ts';
import type { OnAir } from './on-air.ts';
import type { EncoderState, EndReason, Phase } from './phases.ts';
import type { LegStart, PreparedPlan } from './plan.ts';
import type { Playback } from './playback.ts';
import type { Preflight } from './preflight.ts';
import type { CueName } from './timeline.ts';
import type { BilledState } from './usage/billing.ts';
import type { VendorEvent } from './vendor-events/vendor-event.ts';
import type { Warning } from './webhooks/webhook.ts';

/** A span of the show without the encoder, between two live windows. Epoch milliseconds. */
export interface Gap {
  from: number;
  to: number;
}

/** One check of a recording, in the words of `docs/proof.md`. */
export interface ProofCheck {
  name: string;
  ok: boolean;
  /** What the check found, for people; always present when `ok` is false. */
  detail?: string;
}

/** The evidence that one recording is whole, or why it is not. */
export interface Proof {
  proved: boolean;
  /** Sum of the segment durations, milliseconds. */
  durationMs: number;
  /** The length that the live windows lead to, milliseconds. */
  expectedMs: number;
  segments: number;
  discontinuities: number;
  checks: ProofCheck[];
}

export interface ProvedAsset extends VodAsset {
  proof: Proof;
}

/** What an operator did, why, and when. */
export interface AuditEntry {
  at: number;
  action: string;
  by: string;
  reason: string;
  details?: JsonObject;
}

/** A step that failed, and the phase of the run then. */
export interface Trouble {
  at: number;
  phase: Phase;
  /** Error kind or activity type. */
  kind: string;
  message: string;
}

/**
 * Status while it runs and report when it ends: one type. Instants are epoch milliseconds. Never holds a secret.
 */
export interface EventStatus {
  eventId: string;
  title: string;
  vendor: string;
  account: string;
  tenant?: string;
  /** Who started it; absent where it was started by hand in Temporal. */
  createdBy?: string;
  phase: Phase;
  encoder: EncoderState;
  /** As prepared, with every default filled; absent until the plan is checked. */
  plan?: PreparedPlan;
  startsAt: number;
  endsAt: number;
  hardEndsAt: number;
  /** The next instant at which the run must act, and what it will do. */
  nextCue?: { what: CueName; at: number };
  /** How late the run began after `startsAt`, milliseconds; absent when on time. */
  missedMs?: number;
  /** The channel of the event, which `ingest` and a later `retryVod` need. */
  channel?: Channel;
  output?: Output;
  /** Where viewers watch; absent until the vendor has said it. */
  playback?: Playback;
  /** What viewers get; absent until it was looked. */
  onAir?: OnAir;
  /** The spans of the show that viewers could get, without the one that still goes on. */
  viewed?: LiveWindow[];
  /** The spans of the show in which it could not be looked what viewers get, without the one that still goes on; absent where none was. */
  viewersUnknown?: LiveWindow[];
  /** The newest look at the account before the channel was made; absent until it was looked. */
  preflight?: Preflight;
  /** The vendor's own word for the last observed state. */
  vendorState?: string;
  evidence?: JsonObject;
  /** Events that the vendor sent: the newest fifty by its clock, newest last. Absent while there is none. */
  hints?: VendorEvent[];
  /** How many vendor events are not kept, and those that the API had no room for; absent where there are none. */
  vendorEventsDropped?: number;
  /** Epoch milliseconds; absent before the stop. */
  stoppedAt?: number;
  /** When each phase was first entered. */
  entered: Partial<Record<Phase, number>>;
  windows: LiveWindow[];
  gaps: Gap[];
  /** The newest twenty. */
  sessions: Session[];
  /** How often the encoder connected; absent where `sessions` has every time. */
  connections?: number;
  vod: ProvedAsset[];
  audit: AuditEntry[];
  troubles: Trouble[];
  /** What a person may want to act on, the latest fifty, of an event with legs twenty; absent while there is nothing. */
  warnings?: Warning[];
  /** How many older warnings are not kept; absent where all are. */
  warningsDropped?: number;
  endReason?: EndReason;
  /** The instants and words that led to the end reason. */
  endDetail?: string;
  /** True once nothing billed is left at the vendor. */
  released: boolean;
  /** When the sweep released what the run left; nothing billed is left since then. */
  sweptAt?: number;
  /** The legs of the event, in the order of the plan; absent where it has one. Above stands what holds of the leg on air. */
  legs?: LegStatus[];
  /** Which leg viewers were sent to, and when. */
  legsOnAir?: LegOnAir[];
  /** With legs, once it is proved: which leg's asset holds which piece of the show. */
  recording?: RecordingPiece[];
  /** The states that cost of what was made, as the vendor dated them; absent where none was. What usage is derived from. */
  billing?: BilledState[];
  /** Clocks of workers that its steps saw to be wrong, newest last; absent where none was. */
  clocks?: SkewedClock[];
  /** What an earlier run of the event may have left billed, or why that is unknown; only where the run ended before it had a plan. */
  leftBefore?: string;
  /** What an operator took over instead, and must release by hand; the sweep tries as well. */
  left?: ChannelRef;
}

/** One vendor's part of an event, as its run last reported it. Epoch milliseconds. */
export interface LegStatus {
  name: string;
  vendor: string;
  account: string;
  start: LegStart;
  /** When its run was begun; absent while it is held back. */
  begunAt?: number;
  /** Why this `on-failure` leg was started. */
  begunBecause?: string;
  /** Why it does not carry the show, and since when; absent while it does, or may. */
  failed?: { since: number; reason: string };
  /** How its run ended, where it gave no report of its own: terminated in Temporal, never started. */
  lost?: string;
  /** Since when its run cannot begin, because one of before goes on: of the event that was terminated or reset. Absent once it has begun. */
  earlierSince?: number;
  /** Absent until its run has reported for the first time. */
  status?: EventStatus;
  endedAt?: number;
}

/** A span in which one leg was the one that viewers are sent to. */
export interface LegOnAir {
  leg: string;
  from: number;
  /** Absent while it lasts. */
  to?: number;
  why: string;
}

/** One piece of the recording, and the leg whose asset holds it. */
export interface RecordingPiece {
  leg: string;
  url: string;
  from: number;
  to: number;
}

/** The result of trying the recording of a finished event again. */
export interface VodRetry {
  eventId: string;
  by: string;
  reason: string;
  proved: boolean;
  vod: ProvedAsset[];
  /** Why it is not proved. */
  detail?: string;
}
