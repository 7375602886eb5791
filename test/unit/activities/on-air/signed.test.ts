import { expect, it } from 'vitest';
import type { Playback } from '../../../../domain/playback.ts';
import { followed } from './followed.ts';
import { type PlannedStream, planned } from './planned-stream.ts';

const plan: PlannedStream = { segmentMs: 2_000, sent: [{ from: 0, to: 180_000 }], variants: ['high', 'low'] };

/** What a vendor is asked to sign in three minutes of two variants, each once in two minutes. */
async function signedOf(needs: Playback['needs']): Promise<string[]> {
  const stream = (now: () => number) => planned(plan, now);
  const { signed, signals } = await followed({ stream, untilMs: 180_000, needs });
  expect(signals.map(({ state }) => state)).toEqual(['on-air']);
  return signed;
}
const { url: main } = planned(plan, () => 0);

it('a look as a viewer asks the vendor nothing of a stream that is open', async () => {
  expect(await signedOf(undefined)).toEqual([]);
});

it('of a stream that a token opens it asks for its address alone, not for each variant and segment', async () => {
  const signed = await signedOf('viewer-token');
  expect(new Set(signed)).toEqual(new Set([main]));
  expect(signed.length).toBeLessThanOrEqual(2);
});

it('of a stream whose requests are signed it asks for each', async () => {
  const signed = await signedOf('signature');
  expect(new Set(signed).size).toBeGreaterThan(2);
});

it('the vendor is not asked for an address whose first segment comes soon', async () => {
  const connectedAt = 60_000;
  const sent = [{ from: connectedAt, to: 180_000 }];
  const late = (packagingMs: number) => {
    const stream = (now: () => number) => planned({ ...plan, sent, packagingMs, vanishes: true }, now);
    return followed({ stream, untilMs: 115_000, connectedAt });
  };
  expect((await late(5_000)).addressesAsked).toBe(0);
  expect((await late(50_000)).addressesAsked).toBe(1);
});
