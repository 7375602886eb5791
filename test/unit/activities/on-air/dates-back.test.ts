import { expect, it } from 'vitest';
import { WatchedVariant } from '../../../../activities/on-air/variant.ts';
import type { MediaPlaylist } from '../../../../domain/hls.ts';

const targetMs = 2_000;

/** Six segments of two seconds, of which the newest ends at this date. */
const listOf = (newest: number, until: number): MediaPlaylist => ({
  kind: 'media',
  targetMs,
  newest,
  uris: Array.from({ length: 6 }, (_, i) => `${newest - 5 + i}.ts`),
  durationMs: 12_000,
  newestMs: targetMs,
  until,
  ended: false,
  isPlain: true,
});

it('what comes after the clock of the dates was set back is new, although another variant that stopped had later dates', () => {
  const [high, low] = [new WatchedVariant(), new WatchedVariant()];
  const aheadMs = 3_600_000;
  const states: string[] = [];
  let at = 0;
  let newest = 10;
  const look = (variant: WatchedVariant, until: number, other: WatchedVariant) =>
    variant.take({ kind: 'playlist', playlist: listOf(newest, until) }, at, [other]);
  for (; at < 20_000; at += targetMs, newest += 1) {
    look(high, at + aheadMs, low);
    look(low, at + aheadMs, high);
  }
  // One more segment of the high one; the low one has none, and from then on goes on alone.
  look(high, at + aheadMs, low);
  newest -= 1;
  look(low, at - targetMs + aheadMs, high);
  for (at += targetMs, newest += 2; at < 120_000; at += targetMs, newest += 1) {
    look(low, at, high);
    states.push(low.state);
  }
  expect([...new Set(states)]).toEqual(['on-air']);
});
