import { describe, expect, test } from 'vitest';
import { type ProveAllInput, proveAll } from '../../../../activities/proof/prove.ts';
import type { LiveWindow, VodAsset } from '../../../../domain/channel.ts';
import { base, type Piece, pieces, Store, showStart, store, type Written, windowOf } from './recording.ts';

const at = (seconds: number) => showStart + seconds * 1000;
const finality = 'stated by the vendor';
const asset = (extra: Partial<VodAsset> = {}): VodAsset => ({ url: `${base}index.m3u8`, finality, ...extra });

/** Windows of these lengths, with half a minute between two of them. */
function windowsOf(seconds: number, count: number): LiveWindow[] {
  return Array.from({ length: count }, (_, i) => windowOf(seconds, at(i * (seconds + 30))));
}

const prove = (from: Store, windows: readonly LiveWindow[], given: Partial<ProveAllInput> = {}) =>
  proveAll({ assets: [asset()], windows, fetch: from.fetch, pause: from.pause, ...given });

/** One playlist in which every window begins with a discontinuity. */
function runs(count: number, list: readonly Piece[], written: Written = {}): Store {
  const all = Array.from({ length: count }, (_, run) =>
    list.map((piece, i) => ({ ...piece, discontinuity: run > 0 && i === 0 })),
  );
  return store(all.flat(), written);
}

describe('a recording is not proved that lacks', () => {
  test('half of six short sessions, because each was joined between two key frames', async () => {
    const result = await prove(runs(6, pieces(1, 6)), windowsOf(12, 6));
    expect(result.reason).toMatch(/too short: 36 s recorded, 72 s of show/);
  });

  test('the same in a recording for each session that covers only what it holds', async () => {
    const windows = windowsOf(12, 6);
    const into = new Store();
    const assets = windows.map(({ to }, i) => {
      store(pieces(1, 6), { folder: `${i}/`, into });
      return asset({ url: `${base}${i}/index.m3u8`, covers: { from: to - 6_000, to } });
    });
    const result = await prove(into, windows, { assets });
    expect(result.reason).toMatch(/too short: 6 s recorded, 12 s of show/);
  });

  test('a little of each of many sessions, which is much of the show', async () => {
    const windows = windowsOf(30, 20);
    const into = new Store();
    const assets = windows.map((covers, i) => {
      store(pieces(13, 2), { folder: `${i}/`, into });
      return asset({ url: `${base}${i}/index.m3u8`, covers });
    });
    const result = await prove(into, windows, { assets });
    expect(result.reason).toMatch(/80 s of the show are in none of them/);
  });

  test('fifty of sixty minutes, under a target duration of an hour', async () => {
    const result = await prove(store(pieces(100), { target: 3_600 }), [windowOf(3_600)]);
    expect(result.reason).toMatch(/too short: 600 s recorded, 3600 s of show/);
  });

  test('most of the show, with the rest claimed by one segment of a day', async () => {
    const list = [...pieces(100), { duration: 89_483, holds: 6 }];
    const result = await prove(store(list), [windowOf(3_600)]);
    expect(result.reason).toMatch(/segment 100 holds 6 s of media, 89483 s are listed/);
    expect(result.assets[0]?.proof).toMatchObject({ durationMs: 606_000, expectedMs: 3_600_000 });
  });

  test('all but one segment, whatever that one claims', async () => {
    const result = await prove(store([{ duration: 3_600, holds: 3_600 }]), [windowOf(7_200)]);
    expect(result.reason).toMatch(/too short: 3600 s recorded/);
  });

  test('three of twenty-nine minutes in ten reconnections', async () => {
    const windows = windowsOf((29 * 60) / 11, 11);
    const list = pieces(Math.floor((26 * 60) / 11 / 6), 6);
    expect((await prove(runs(11, list), windows)).reason).toMatch(/too short/);
  });

  test('the end of the show, when its vendor says only what it holds', async () => {
    const covers = { from: at(0), to: at(600) };
    const result = await prove(store(pieces(100)), [windowOf(3_600)], {
      assets: [asset({ covers, durationMs: 600_000 })],
    });
    expect(result.reason).toMatch(/too short: 600 s recorded, 3600 s of show/);
  });

  test('the end of the second window, when another recording covers the first', async () => {
    const windows = windowsOf(600, 2);
    const into = store(pieces(100), { folder: 'a/' });
    store(pieces(50), { folder: 'b/', into });
    const second = windows[1]?.from ?? 0;
    const assets = [
      asset({ url: `${base}a/index.m3u8`, covers: windowOf(600) }),
      asset({ url: `${base}b/index.m3u8`, covers: { from: second, to: second + 300_000 } }),
    ];
    expect((await prove(into, windows, { assets })).reason).toMatch(
      /b\/index\.m3u8: .*too short: 300 s recorded, 600 s/,
    );
  });
});

describe('a recording is proved that lacks', () => {
  test('one segment at the beginning of an hour', async () => {
    expect(await prove(store(pieces(599)), [windowOf(3_600)])).toMatchObject({ proved: true });
  });

  test('what a loss that was seen late leaves, in an hour', async () => {
    const windows = windowsOf(1_800, 2);
    expect(await prove(runs(2, pieces(299)), windows)).toMatchObject({ proved: true });
  });

  test('nothing, though a window was cut in two at midnight', async () => {
    const into = store(pieces(100), { folder: 'a/' });
    store(pieces(200), { folder: 'b/', into });
    const assets = [
      asset({ url: `${base}a/index.m3u8`, covers: { from: at(0), to: at(600) } }),
      asset({ url: `${base}b/index.m3u8`, covers: { from: at(600), to: at(1_800) } }),
    ];
    expect(await prove(into, [windowOf(1_800)], { assets })).toMatchObject({ proved: true });
  });

  test('nothing, though the first of two recordings is said to end after the second began', async () => {
    const into = store(pieces(100), { folder: 'a/' });
    store(pieces(200), { folder: 'b/', into });
    const assets = [
      asset({ url: `${base}a/index.m3u8`, covers: { from: at(0), to: at(602) } }),
      asset({ url: `${base}b/index.m3u8`, covers: { from: at(599), to: at(1_800) } }),
    ];
    expect(await prove(into, [windowOf(1_800)], { assets })).toMatchObject({ proved: true });
  });
});
