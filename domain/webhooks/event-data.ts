import type { JsonObject } from '../json.ts';
import { unsigned } from '../playback.ts';
import type { EventStatus } from '../report.ts';
import { stillBilled } from '../still-billed.ts';
import { formatInstant } from '../time.ts';

/** The data that every webhook carries about its event. */
export function eventData(status: EventStatus): JsonObject {
  const { eventId, title, vendor, account, tenant, phase, encoder, onAir, playback, startsAt, endsAt, nextCue } =
    status;
  return {
    eventId,
    title,
    vendor,
    account,
    ...(tenant !== undefined && { tenant }),
    phase,
    encoder,
    ...(onAir && { onAir: onAir.state }),
    ...(playback && { playback: { ...playback } }),
    startsAt: formatInstant(startsAt),
    endsAt: formatInstant(endsAt),
    ...(nextCue && { nextCue: { what: nextCue.what, at: formatInstant(nextCue.at) } }),
  };
}

/** Further data of the last webhook: the report in short. */
export function endData(status: EventStatus): JsonObject {
  const { endReason, endDetail, vod, gaps, windows, viewed, viewersUnknown, released, left } = status;
  const billed = stillBilled(status);
  return {
    endReason: endReason ?? 'reached-end',
    reason: endDetail ?? '',
    proved: vod.length > 0 && vod.every(({ proof }) => proof.proved),
    vod: vod.map(({ url, proof }) => ({
      url: unsigned(url),
      proved: proof.proved,
      durationMs: proof.durationMs,
    })),
    windows: windows.slice(-longestList).map(span),
    gaps: gaps.slice(-longestList).map(span),
    ...(viewed && { viewed: viewed.slice(-longestList).map(span) }),
    ...(viewersUnknown && { viewersUnknown: viewersUnknown.slice(-longestList).map(span) }),
    released,
    ...(billed !== undefined && { stillBilled: billed }),
    ...(left && { left: { vendor: left.vendor, account: left.account, name: left.name } }),
  };
}

/** A flapping encoder makes hundreds of spans; the report has them all. */
const longestList = 50;

const span = ({ from, to }: { from: number; to: number }): JsonObject => ({
  from: formatInstant(from),
  to: formatInstant(to),
});
