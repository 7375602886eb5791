import type { MediaPacket } from './media-packets.ts';

type TrackKind = MediaPacket['track'];

interface TrackClock {
  lastIn: number;
  lastOut: number;
  /** When its last frame came, epoch milliseconds. */
  arrivedAt: number;
  /** From the encoder's times to ours. */
  shift: number;
  shiftBefore: number | undefined;
  /** Its usual steps; the median is one frame. */
  steps: number[];
}

export interface Placed {
  /** On a clock that never goes back nor jumps. */
  at: number;
  /** How far the encoder's clock was off, where it was put right. */
  jumpMs: number;
}

const usualMs: Readonly<Record<TrackKind, number>> = { video: 40, audio: 23 };
const keptSteps = 9;
/** A frame that is no further back than this is jitter: it comes a millisecond after the one before. */
const jitterMs = 100;
/** Two tracks' clocks that agree to this are one clock; a step of no more is no jump. */
const agreeMs = 1_000;
/** A pause is one when nothing came for a good part of it. */
const leastShareOfPause = 0.5;

/**
 * Follows the clock of an encoder over small steps back, 32-bit wraps, jumps of hours and single wild frames, so that
 * what is recorded is as long as what was sent. A real pause stays one.
 */
export class MediaClock {
  readonly #tracks: Partial<Record<TrackKind, TrackClock>> = {};

  place(track: TrackKind, timestamp: number, now: number): Placed {
    const other = this.#tracks[track === 'video' ? 'audio' : 'video'];
    const own = this.#tracks[track];
    if (!own) return this.#first(track, timestamp, now, other);
    const input = near(own.lastIn, timestamp);
    const jumpMs = this.#followJump(own, input, now, other, usualMs[track]);
    const at = Math.max(input + own.shift, own.lastOut + 1);
    const step = at - own.lastOut;
    own.steps = [...own.steps.slice(1 - keptSteps), step];
    own.lastIn = input;
    own.lastOut = at;
    own.arrivedAt = now;
    return { at, jumpMs };
  }

  /** How long a frame usually lasts. */
  frameMs(track: TrackKind): number {
    const clock = this.#tracks[track];
    return clock ? median(clock.steps, usualMs[track]) : usualMs[track];
  }

  #first(track: TrackKind, timestamp: number, now: number, other: TrackClock | undefined): Placed {
    const input = other ? near(other.lastIn, timestamp) : timestamp;
    const late = other && Math.abs(input + other.shift - other.lastOut) > Math.max(agreeMs, now - other.arrivedAt);
    // The one clock that both should have, unless they plainly have not.
    const shift = other === undefined ? 0 : late ? other.lastOut - input : other.shift;
    const at = input + shift;
    this.#tracks[track] = {
      lastIn: input,
      lastOut: at,
      arrivedAt: now,
      shift,
      shiftBefore: undefined,
      steps: [],
    };
    return { at, jumpMs: other && late ? input + other.shift - at : 0 };
  }

  #followJump(own: TrackClock, input: number, now: number, other: TrackClock | undefined, usual: number): number {
    const out = input + own.shift;
    const frame = median(own.steps, usual);
    if (!isJump(own, out, frame, now, other)) return 0;
    const expected = own.lastOut + frame;
    const candidates = [other?.shift, own.shiftBefore].filter((shift) => shift !== undefined);
    const known = candidates.find((shift) => Math.abs(input + shift - expected) <= agreeMs);
    own.shiftBefore = own.shift;
    own.shift = known ?? expected - input;
    return out - (input + own.shift);
  }
}

function isJump(own: TrackClock, out: number, frame: number, now: number, other: TrackClock | undefined): boolean {
  if (out < own.lastOut - jitterMs) return true;
  if (out - own.lastOut <= Math.max(agreeMs, 3 * frame)) return false;
  // The other track went on meanwhile: this one was frozen.
  const ahead = out - Math.max(own.lastOut, other?.lastOut ?? own.lastOut);
  if (ahead <= agreeMs) return false;
  const silentSince = Math.max(own.arrivedAt, other?.arrivedAt ?? 0);
  return now - silentSince < ahead * leastShareOfPause;
}

/** The time that the 32 bits of `timestamp` stand for, nearest to `last`. */
const near = (last: number, timestamp: number): number => last + ((timestamp - last) | 0);

function median(values: readonly number[], otherwise: number): number {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.floor(sorted.length / 2)] ?? otherwise;
}
