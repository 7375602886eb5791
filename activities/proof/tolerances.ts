/**
 * How far a whole recording may be from what was seen of the show. Reasons for each number are in `docs/proof.md`.
 * Milliseconds. `segmentMs` is what a segment of this recording usually lasts: nothing the playlist claims may widen a
 * tolerance.
 */

/** The longest time between two looks at a live encoder: a loss is detected this much late, a shorter one not at all. */
const lookMs = 10_000;
/** Vendors give the two ends of a session in whole seconds. */
const instantsMs = 2_000;
/** Of each further session: the seconds that were begun at its end are lost, and those at its beginning won. */
const sessionMs = 1_000;
/** Whatever a show is cut into, no more of it than this may be missing. */
const share = 0.03;
const mostShareMs = 60_000;
/** Vendors' views of a connection lag by seconds; a rehearsal of seconds must not be lost in that. */
const lagMs = 5_000;
const rehearsalShare = 0.2;

/** How much longer or shorter than the live windows a recording may be. */
export function durationToleranceMs(expectedMs: number, windows: number, segmentMs: number): number {
  const reconnects = Math.max(0, windows - 1);
  const edges = segmentMs * (reconnects + 1) + lookMs * reconnects + instantsMs;
  const rounded = Math.min(instantsMs + sessionMs * reconnects, expectedMs / 2);
  const least = Math.min(lagMs, Math.max(instantsMs, rounded, rehearsalShare * expectedMs));
  return Math.max(least, Math.min(edges, share * expectedMs, mostShareMs));
}

/** How far the playlist may be from the duration that the vendor itself states. */
export const vendorToleranceMs = (statedMs: number, segmentMs: number): number =>
  Math.max(instantsMs, Math.min(segmentMs, share * statedMs));

/** How much longer than the loss we saw the hole in the recording may be. */
export const holeToleranceMs = (segmentMs: number): number => 2 * segmentMs + lookMs;

/** A hole for which no loss was seen: one that fits between two looks. */
export const unseenHoleMs = lookMs;

/** A PROGRAM-DATE-TIME may differ by this from the one before plus the segments between, for each segment. */
export const dateStepMs = 500;
/** What a PROGRAM-DATE-TIME may differ by where all dates are whole seconds. */
export const wholeSecondsMs = 1_000;

/** A server must have a newer version of a live playlist after one and a half target durations (RFC 8216, 6.2.1). */
const leastRefreshMs = 2_000;
const refreshFactor = 1.5;
/** Beyond it the activity that waits would have to heartbeat. */
const mostRefreshMs = 60_000;

/** How long to wait before the second read. */
export const refreshMs = (targetMs: number): number =>
  Math.min(Math.max(refreshFactor * targetMs, leastRefreshMs), mostRefreshMs);
