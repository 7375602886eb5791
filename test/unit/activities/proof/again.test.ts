import { expect, test } from 'vitest';
import { proveAll } from '../../../../activities/proof/prove.ts';
import type { LiveWindow, VodAsset } from '../../../../domain/channel.ts';
import { tsMedia } from '../../../support/media.ts';
import { realSegments } from '../../../support/real-media.ts';
import { base, Store, showStart, windowOf } from './recording.ts';

interface Part {
  bytes: Uint8Array;
  /** Seconds. */
  duration: number;
}

const real: Part[] = realSegments(60).map(({ bytes, durationMs }) => ({ bytes, duration: durationMs / 1000 }));
const seconds = real.reduce((sum, { duration }) => sum + duration, 0);
const windows = Array.from({ length: 4 }, (_, i) => windowOf(seconds, showStart + i * (seconds + 30) * 1000));

const linesOf = (parts: readonly Part[], query = '') =>
  parts.flatMap(({ duration }, i) => [`#EXTINF:${duration.toFixed(6)},`, `${i}.ts${query}`]);
const playlist = (...lines: readonly string[]) =>
  ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:48', ...lines, '#EXT-X-ENDLIST', ''].join('\n');

function stored(folders: readonly string[], parts = real): Store {
  const store = new Store();
  for (const folder of folders) {
    for (const [i, { bytes }] of parts.entries()) store.put(`${folder}${i}.ts`, bytes);
    store.put(`${folder}index.m3u8`, playlist(...linesOf(parts)));
  }
  return store;
}

const of = (folder: string, covers?: LiveWindow): VodAsset => ({
  url: `${base}${folder}index.m3u8`,
  finality: 'stated by the vendor',
  ...(covers && { covers }),
});
const prove = (store: Store, assets: readonly VodAsset[], during: readonly LiveWindow[], connections?: number) =>
  proveAll({ assets, windows: during, fetch: store.fetch, pause: store.pause, connections });

test('one recording given for each of two windows is not the show, however often the encoder connected', async () => {
  const assets = windows.slice(0, 2).map((window) => of('a/', window));
  const { reason } = await prove(stored(['a/']), assets, windows.slice(0, 2), 9);
  expect(reason).toMatch(/recording 2 is recording 1 again: they have \d+ files in common/);
});

test('one recording under four names is not the whole of one connection', async () => {
  const folders = ['a/', 'b/', 'c/', 'd/'];
  const assets = folders.map((folder) => of(folder));
  const { reason } = await prove(stored(folders), assets, [windowOf(4 * seconds)], 1);
  expect(reason).toMatch(/recording 2 is recording 1 again, and the encoder connected again 0 times/);
});

test('an encoder that came back and began its file again gives recordings that are alike', async () => {
  const folders = ['a/', 'b/'];
  const assets = folders.map((folder, i) => of(folder, windows[i]));
  expect(await prove(stored(folders), assets, windows.slice(0, 2))).toMatchObject({ proved: true });
});

test('two recordings cut at midnight may both hold the segment of that instant', async () => {
  const store = stored(['']);
  const at = 2 * 15;
  const lines = linesOf(real);
  store.put('first.m3u8', playlist(...lines.slice(0, at + 2)));
  store.put('second.m3u8', playlist(...lines.slice(at)));
  const cut = showStart + real.slice(0, 15).reduce((sum, { duration }) => sum + duration * 1000, 0);
  const assets = [
    { ...of(''), url: `${base}first.m3u8`, covers: { from: showStart, to: cut } },
    { ...of(''), url: `${base}second.m3u8`, covers: { from: cut, to: showStart + seconds * 1000 } },
  ];
  expect((await prove(store, assets, [windowOf(seconds)], 1)).reason).toBeUndefined();
});

test('the same files listed again behind a DISCONTINUITY are a repeat, whatever their query and the losses', async () => {
  const store = stored(['']);
  const again = ['#EXT-X-DISCONTINUITY', ...linesOf(real, '?v=2')];
  store.put('index.m3u8', playlist(...linesOf(real), ...again));
  const { reason } = await prove(store, [of('')], windows.slice(0, 2));
  expect(reason).toMatch(/segment 30 is segment 0 again/);
});

test('a segment that has few bytes for its time is read whole: it is empty between its two ends', async () => {
  const piece = (startMs: number, lengthMs: number) => tsMedia({ startMs, lengthMs, everyMs: 40 });
  const parts = [
    { duration: 6, bytes: piece(10_000, 6_000) },
    { duration: 48, bytes: Buffer.concat([piece(16_000, 2_000), piece(62_000, 2_000)]) },
    { duration: 6, bytes: piece(64_000, 6_000) },
  ];
  const { reason } = await prove(stored([''], parts), [of('')], [windowOf(60)]);
  expect(reason).toMatch(/1\.ts has no picture and no sound for 44 s of its middle/);
});
