import type { LiveWindow } from '../channel.ts';
import { completes } from '../phases.ts';
import type { EventStatus, LegStatus, RecordingPiece } from '../report.ts';
import { outside, totalMs } from '../spans.ts';

type Reported = LegStatus & { status: EventStatus };

const reported = (legs: readonly LegStatus[]): Reported[] =>
  legs.filter((leg): leg is Reported => leg.status !== undefined);

export const isProved = ({ status }: LegStatus): boolean =>
  status !== undefined && status.vod.length > 0 && status.vod.every(({ proof }) => proof.proved);

/** The leg whose recording holds most of the show: a proved one, else one that ended well; the first of equals. */
export function bestLeg(legs: readonly LegStatus[]): Reported | undefined {
  const worth = (leg: Reported): [number, number, number] => [
    isProved(leg) ? 1 : 0,
    leg.status.endReason !== undefined && completes(leg.status.endReason) ? 1 : 0,
    totalMs(leg.status.windows),
  ];
  return reported(legs).reduce<Reported | undefined>((best, leg) => {
    if (!best) return leg;
    const [one, other] = [worth(best), worth(leg)];
    const at = one.findIndex((value, index) => value !== other[index]);
    return at >= 0 && (other[at] ?? 0) > (one[at] ?? 0) ? leg : best;
  }, undefined);
}

/** Vendors round their instants to the second: a shorter piece is no gain. */
const shortestPieceMs = 2_000;

/**
 * The recording of the show: the best leg's, and between and around its windows what another proved leg has. Each piece
 * names its leg; pieces do not overlap. An asset that covers several windows stands in each of them.
 */
export function recordingPieces(legs: readonly LegStatus[]): RecordingPiece[] {
  const best = bestLeg(legs);
  if (!best || !isProved(best)) return [];
  const others = reported(legs).filter((leg) => leg !== best && isProved(leg));
  const pieces = piecesOf(best, best.status.windows);
  for (const other of others) {
    const missing = outside(other.status.windows, pieces);
    pieces.push(
      ...piecesOf(
        other,
        missing.filter(({ from, to }) => to - from >= shortestPieceMs),
      ),
    );
    pieces.sort((a, b) => a.from - b.from);
  }
  return pieces;
}

function piecesOf({ name, status }: Reported, windows: readonly LiveWindow[]): RecordingPiece[] {
  return windows.flatMap(({ from, to }) => {
    const assets = status.vod.filter(({ covers }) => !covers || (covers.from < to && from < covers.to));
    return assets.map(({ url, covers }) => ({
      leg: name,
      url,
      from: assets.length > 1 && covers ? Math.max(from, covers.from) : from,
      to: assets.length > 1 && covers ? Math.min(to, covers.to) : to,
    }));
  });
}
