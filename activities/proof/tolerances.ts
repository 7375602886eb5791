/**
 * How far a whole recording may be from what was seen of the show. Reasons for each number are in `docs/proof.md`.
 * Milliseconds.
 */

/** A recording begins at a key frame and may lose an unfinished segment, so one target duration at each end of a window. */
const targetDurationsPerWindow = 2;
/** The longest time between two looks at a live encoder: a loss is noticed this much late, a shorter one not at all. */
const lookMs = 10_000;
/** Vendors' views of a connection lag by seconds. */
const leastToleranceMs = 5_000;
/** Clocks and encoders drift in proportion, but a long show must not hide a lost minute behind a share. */
const share = 0.03;
const mostShareMs = 60_000;

/** How much longer or shorter than the live windows a recording may be. */
export function durationToleranceMs(expectedMs: number, windows: number, targetMs: number): number {
  const edges = targetDurationsPerWindow * targetMs * Math.max(1, windows);
  const reconnects = lookMs * Math.max(0, windows - 1);
  return Math.max(edges + reconnects, Math.min(share * expectedMs, mostShareMs), leastToleranceMs);
}

/** How far the playlist may be from the duration that the vendor itself states. */
export const vendorToleranceMs = (statedMs: number, targetMs: number): number =>
  Math.max(2 * targetMs, 0.01 * statedMs);

/** How much longer than the loss we saw the hole in the recording may be. */
export const holeToleranceMs = (targetMs: number): number => 2 * targetMs + lookMs;

/** A hole for which no loss was seen: one that fits between two looks. */
export const unseenHoleMs = (targetMs: number): number => Math.max(2 * targetMs, lookMs);

/** A PROGRAM-DATE-TIME may differ by this from the one before plus the segments between, for each segment. */
export const dateStepMs = 500;

/** A server must have a newer version of a live playlist after one and a half target durations (RFC 8216, 6.2.1). */
const leastRefreshMs = 2_000;
const refreshFactor = 1.5;
/** Beyond it the activity that waits would have to tell the server that it lives. */
const mostRefreshMs = 60_000;

/** How long to wait before the second read. */
export const refreshMs = (targetMs: number): number =>
  Math.min(Math.max(refreshFactor * targetMs, leastRefreshMs), mostRefreshMs);
