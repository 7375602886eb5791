import { describe, expect, test } from 'vitest';
import { type ProveAllInput, proveAll } from '../../../../activities/proof/prove.ts';
import type { VodAsset } from '../../../../domain/channel.ts';
import { base, pieces, Store, showStart, store, windowOf } from './recording.ts';

const finality = 'stated by the vendor';
const later = (seconds: number) => showStart + seconds * 1000;
const twoWindows = [windowOf(60), windowOf(60, later(90))];

/** One recording of one minute in each folder. */
function recordings(...folders: string[]): Store {
  const into = new Store();
  for (const folder of folders) store(pieces(10), { folder: `${folder}/`, into });
  return into;
}

const asset = (folder: string, extra: Partial<VodAsset> = {}): VodAsset => ({
  url: `${base}${folder}/index.m3u8`,
  finality,
  ...extra,
});

const prove = (from: Store, assets: VodAsset[], given: Partial<ProveAllInput> = {}) =>
  proveAll({ assets, windows: twoWindows, fetch: from.fetch, pause: from.pause, ...given });

describe('several recordings', () => {
  test('are proved when together they last as long as the show', async () => {
    const result = await prove(recordings('a', 'b'), [asset('a'), asset('b')]);
    expect(result).toMatchObject({ proved: true, assets: [{ proof: { proved: true } }, { proof: { proved: true } }] });
    expect(result.reason).toBeUndefined();
  });

  test('are proved when each covers its part of the show', async () => {
    const assets = [
      asset('a', { covers: { from: later(-10), to: later(75) } }),
      asset('b', { covers: { from: later(75), to: later(160) } }),
    ];
    expect(await prove(recordings('a', 'b'), assets)).toMatchObject({ proved: true });
  });

  test('are not proved when one is missing, even if each is whole', async () => {
    const result = await prove(recordings('a', 'b'), [asset('a'), asset('b')], {
      windows: [...twoWindows, windowOf(60, later(180))],
    });
    expect(result.assets.every(({ proof }) => proof.proved)).toBe(true);
    expect(result).toMatchObject({
      proved: false,
      reason: expect.stringMatching(/2 recording\(s\) together: 60 s of the show are in none of them/),
    });
  });

  test('are not proved when a part of the show is covered by none', async () => {
    const assets = [
      asset('a', { covers: { from: later(0), to: later(60) } }),
      asset('b', { covers: { from: later(90), to: later(150) } }),
    ];
    const windows = [...twoWindows, windowOf(60, later(180))];
    expect((await prove(recordings('a', 'b'), assets, { windows })).reason).toMatch(/60 s of the show are in none/);
  });

  test('are judged by their sum when what they say they cover is not the show, by clocks that are hours off', async () => {
    const hour = 3_600;
    const assets = [
      asset('a', { covers: { from: later(-5 * hour), to: later(-5 * hour + 60) } }),
      asset('b', { covers: { from: later(-5 * hour + 90), to: later(-5 * hour + 150) } }),
    ];
    expect(await prove(recordings('a', 'b'), assets)).toMatchObject({ proved: true });
    const third = asset('a', { covers: { from: later(-5 * hour + 180), to: later(-5 * hour + 240) } });
    const result = await prove(recordings('a', 'b'), [...assets, third]);
    expect(result.reason).toMatch(/60 s more than the show/);
  });

  test('are not proved when they are the same one twice', async () => {
    const result = await prove(recordings('a'), [asset('a'), asset('a'), asset('a')]);
    expect(result.reason).toMatch(/60 s more than the show/);
  });

  test('are proved when two cover the same part', async () => {
    const covers = { from: later(0), to: later(60) };
    const assets = [asset('a', { covers }), asset('b', { covers })];
    expect(await prove(recordings('a', 'b'), assets, { windows: [windowOf(60)] })).toMatchObject({
      proved: true,
    });
  });

  test('are not proved when one is broken, and the reason says which and what', async () => {
    const from = recordings('a', 'b').edit('b/index.m3u8', (text) => text.replace('#EXT-X-ENDLIST', ''));
    const result = await prove(from, [asset('a'), asset('b')]);
    expect(result.assets.map(({ proof }) => proof.proved)).toEqual([true, false]);
    expect(result.reason).toMatch(/^\/show\/b\/index\.m3u8: ended: .*no EXT-X-ENDLIST/);
  });

  test('are not proved when one is shorter than what it says it covers', async () => {
    const assets = [asset('a', { covers: { from: later(0), to: later(150) } }), asset('b')];
    expect((await prove(recordings('a', 'b'), assets)).reason).toMatch(/a\/index\.m3u8: duration: too short: 60 s/);
  });

  test('that are many are all looked at, in their order', async () => {
    const folders = Array.from({ length: 12 }, (_, i) => `r${i}`);
    const windows = folders.map((_, i) => windowOf(60, later(i * 90)));
    const result = await prove(
      recordings(...folders),
      folders.map((folder) => asset(folder)),
      { windows },
    );
    expect(result.proved).toBe(true);
    expect(result.assets.map(({ url }) => url)).toEqual(folders.map((folder) => `${base}${folder}/index.m3u8`));
  });
});

describe('a show without recordings', () => {
  test('is not proved', async () => {
    expect(await prove(new Store(), [])).toMatchObject({
      proved: false,
      reason: 'there is no recording of 120 s of show',
    });
  });

  test('is proved when nothing was ever sent: there was nothing to record', async () => {
    expect(await prove(new Store(), [], { windows: [] })).toEqual({ proved: true, assets: [] });
  });
});
