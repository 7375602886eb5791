import { metricMeter } from '@temporalio/workflow';
import type { PreflightCheck } from '../domain/preflight.ts';
import type { EventStatus } from '../domain/report.ts';
import type { CueName } from '../domain/timeline.ts';

// The SDK drops metrics during a replay, and none of them is in the history. Labels are bounded:
// vendors, accounts, phases, reasons, cues. Prometheus adds `_total` and `_seconds`.

type Event = Pick<EventStatus, 'vendor' | 'account'>;

const counted = (name: string, about: string, labels: Record<string, string>): void =>
  metricMeter.createCounter(`showcaller_${name}`, '', about).add(1, labels);

const measured = (name: string, about: string, ms: number, labels: Record<string, string>): void =>
  metricMeter.createHistogram(`showcaller_${name}`, 'float', 'seconds', about).record(Math.max(0, ms) / 1000, labels);

/** A plan that was refused names no vendor that could be believed. */
const ownerOf = ({ vendor, account }: Event) => ({ vendor: vendor || 'unknown', account: account || 'unknown' });

export const phaseEntered = (event: EventStatus): void =>
  counted('phase_entered', 'Phases that events entered', { ...ownerOf(event), phase: event.phase });

export const eventEnded = (event: EventStatus): void =>
  counted('events_ended', 'Events that ended, by reason', {
    ...ownerOf(event),
    end_reason: event.endReason ?? 'reached-end',
  });

/** @param due epoch milliseconds */
export const cueMet = (event: Event, cue: CueName, due: number): void =>
  measured('cue_lateness', 'How late cues were acted on', Date.now() - due, { ...ownerOf(event), cue });

export const preflightFound = (event: Event, check: PreflightCheck): void =>
  counted('preflight_findings', 'What preflights found, by check', { ...ownerOf(event), check });

export const encoderLost = (event: Event): void =>
  counted('encoder_losses', 'Confirmed losses of the encoder', ownerOf(event));

export const encoderBack = (event: Event, gapMs: number): void =>
  measured('encoder_gap', 'How long encoders that came back were away', gapMs, ownerOf(event));

export const firstSegmentSeen = (event: Event, ms: number): void =>
  measured(
    'first_segment',
    'From the cue, or the encoder where it came later, to the first segment',
    ms,
    ownerOf(event),
  );

export const viewersLost = (event: Event, state: 'frozen' | 'gone'): void =>
  counted('viewer_losses', 'Live streams that froze or vanished for viewers', { ...ownerOf(event), state });

export const viewersBack = (event: Event, gapMs: number): void =>
  measured('viewer_gap', 'How long viewers got nothing new', gapMs, ownerOf(event));

export const vodTried = (event: Event, proved: boolean): void =>
  counted('vod_proofs', 'Recordings that were proved whole, or not', { ...ownerOf(event), proved: String(proved) });
