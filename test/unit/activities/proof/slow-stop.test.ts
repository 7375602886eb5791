import { describe, expect, test } from 'vitest';
import { type ProveAllInput, proveAll } from '../../../../activities/proof/prove.ts';
import { base, pieces, type Store, showStart, store, windowOf } from './recording.ts';

const at = (seconds: number) => showStart + seconds * 1000;
/** The show ended after a minute; the encoder was thrown out only half a minute later. */
const slowStop = { windows: [windowOf(90)], showEndedAt: at(60) };
const asset = { url: `${base}index.m3u8`, finality: 'stated by the vendor' };

const prove = (from: Store, given: Partial<ProveAllInput> = {}) =>
  proveAll({ ...slowStop, assets: [asset], fetch: from.fetch, pause: from.pause, ...given });

describe('a stop that took long', () => {
  test.each([60, 72, 90])('leaves a recording of %d s whole: it reaches to the end of the show at least', async (s) => {
    const result = await prove(store(pieces(s / 6)));
    expect(result).toMatchObject({ proved: true, assets: [{ proof: { durationMs: s * 1000, expectedMs: s * 1000 } }] });
  });

  test('does not excuse a recording that ends before the show did', async () => {
    expect((await prove(store(pieces(6)))).reason).toMatch(/too short: 36 s recorded, 60 s of show/);
  });

  test('does not excuse a recording that goes on after it', async () => {
    expect((await prove(store(pieces(20)))).reason).toMatch(/too long: 120 s recorded, 90 s of show/);
  });

  test('does not matter to a recording that covers the show and no more', async () => {
    const covering = { ...asset, covers: { from: at(0), to: at(62) } };
    expect(await prove(store(pieces(10)), { assets: [covering] })).toMatchObject({ proved: true });
    const result = await prove(store(pieces(10)), { assets: [covering], showEndedAt: at(90) });
    expect(result.reason).toMatch(/too short: 60 s recorded, 90 s of show/);
  });
});
