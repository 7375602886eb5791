import { beforeAll, describe, expect, test } from 'vitest';
import { scanTs } from '../../../../activities/proof/media/mpeg-ts.ts';
import type { Kind } from '../../../../activities/proof/media/samples.ts';
import { proveAll } from '../../../../activities/proof/prove.ts';
import type { LiveWindow } from '../../../../domain/channel.ts';
import { tsMedia } from '../../../support/media.ts';
import { realFragments } from '../../../support/real-fragments.ts';
import { realSegments } from '../../../support/real-media.ts';
import { base, Store, showStart, windowOf } from './recording.ts';

interface Part {
  bytes: Uint8Array;
  /** Seconds. */
  duration: number;
  discontinuity?: boolean;
}

const packetBytes = 188;
const real = realSegments(60);
const ts: Part[] = real.map(({ bytes, durationMs }) => ({ bytes, duration: durationMs / 1000 }));
let mp4: Part[] = [];
let init = new Uint8Array();

beforeAll(async () => {
  const written = await realFragments(real);
  init = Uint8Array.from(written.init);
  mp4 = written.fragments.map((bytes, i) => ({ bytes, duration: written.durations[i] ?? 0 }));
});

const secondsOf = (parts: readonly Part[]): number => parts.reduce((sum, { duration }) => sum + duration, 0);

function stored(parts: readonly Part[], isMp4 = false): Store {
  const store = new Store();
  for (const [i, { bytes }] of parts.entries()) store.put(`${i}.seg`, bytes);
  const lines = parts.flatMap(({ duration, discontinuity }, i) => [
    ...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    `#EXTINF:${duration.toFixed(6)},`,
    `${i}.seg`,
  ]);
  const head = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:6'];
  if (isMp4) head.push('#EXT-X-MAP:URI="init.mp4"');
  store.put('init.mp4', init);
  return store.put('index.m3u8', [...head, ...lines, '#EXT-X-ENDLIST', ''].join('\n'));
}

/** Without a decoder: whatever a machine without ffmpeg must see. */
const prove = (from: Store, windows: readonly LiveWindow[]) =>
  proveAll({
    assets: [{ url: `${base}index.m3u8`, finality: 'stated by the vendor' }],
    windows,
    fetch: from.fetch,
    pause: from.pause,
  });

/** Every packet of one kind made a null packet: times and sizes of the rest are as they were. */
function without(bytes: Uint8Array, kind: Kind): Uint8Array {
  const muted = Uint8Array.from(bytes);
  const pids = new Set([...scanTs(bytes).streams].flatMap(([pid, of]) => (of === kind ? [pid] : [])));
  for (let at = 0; at < muted.length; at += packetBytes) {
    const pid = (((muted[at + 1] ?? 0) & 0x1f) << 8) | (muted[at + 2] ?? 0);
    if (pids.has(pid)) muted.set([0x47, 0x1f, 0xff, 0x10], at);
  }
  return muted;
}

const from = (parts: readonly Part[], place: number, change: (part: Part) => Part): Part[] =>
  parts.map((part, i) => (i < place ? part : change(part)));

const at = (parts: readonly Part[], place: number, bytes: Uint8Array): Part[] =>
  parts.map((part, i) => (i === place ? { ...part, bytes } : part));

const afterMoof = (bytes: Uint8Array): number => Buffer.from(bytes).indexOf('mdat') - 4;

const middle = Math.floor(ts.length / 2);

describe('a real recording is not proved', () => {
  test.each<[Kind, RegExp]>([
    ['audio', /no sound in segments 15 to 29, unlike elsewhere/],
    ['video', /no picture in segments 15 to 29, unlike elsewhere/],
  ])('whose second half lacks its %s', async (kind, reason) => {
    const parts = from(ts, middle, (part) => ({ ...part, bytes: without(part.bytes, kind) }));
    expect((await prove(stored(parts), [windowOf(secondsOf(ts))])).reason).toMatch(reason);
  });

  test('whose first half is there three times, behind a DISCONTINUITY each', async () => {
    const half = ts.slice(0, middle);
    const again = half.map((part, i) => ({ ...part, discontinuity: i === 0 }));
    const result = await prove(stored([...half, ...again, ...again]), [windowOf(3 * secondsOf(half))]);
    expect(result.reason).toMatch(/segment 15 is segment 0 again/);
  });

  test('that is one segment again and again, each behind a DISCONTINUITY, though an encoder was lost once', async () => {
    const [first] = ts;
    if (!first) throw new Error('the fixture has segments');
    const parts = ts.map(() => ({ ...first, discontinuity: true }));
    const seconds = secondsOf(parts) / 2;
    const windows = [windowOf(seconds), windowOf(seconds, showStart + (seconds + 30) * 1000)];
    expect((await prove(stored(parts), windows)).reason).toMatch(/segment 1 is segment 0 again/);
  });

  test('whose fragments end where their samples should begin', async () => {
    const bytes = mp4[3]?.bytes ?? init;
    const cut = bytes.subarray(0, afterMoof(bytes));
    const result = await prove(stored(at(mp4, 3, cut), true), [windowOf(secondsOf(mp4))]);
    expect(result.reason).toMatch(/3\.seg has 0 bytes of samples, \d+ are announced/);
  });

  test('of which a fragment says that the half of its samples is all of them', async () => {
    const bytes = Buffer.from(mp4[3]?.bytes ?? init);
    const begin = afterMoof(bytes);
    const kept = begin + Math.floor((bytes.length - begin) / 2);
    bytes.writeUInt32BE(kept - begin, begin);
    const result = await prove(stored(at(mp4, 3, bytes.subarray(0, kept)), true), [windowOf(secondsOf(mp4))]);
    expect(result.reason).toMatch(/3\.seg has \d+ bytes of samples, \d+ are announced/);
  });

  test('of which a fragment has zeros for samples', async () => {
    const bytes = Uint8Array.from(mp4[3]?.bytes ?? init);
    bytes.fill(0, afterMoof(bytes) + 8);
    const result = await prove(stored(at(mp4, 3, bytes), true), [windowOf(secondsOf(mp4))]);
    expect(result.reason).toMatch(/3\.seg has nothing but zeros in its last \d+ bytes/);
  });

  test('of which a store announces more of a fragment than it has', async () => {
    const store = stored(mp4, true);
    const result = await proveAll({
      assets: [{ url: `${base}index.m3u8`, finality: 'stated by the vendor' }],
      windows: [windowOf(secondsOf(mp4))],
      fetch: async (url, range) => {
        const file = await store.fetch(url, range);
        const has = (file.totalBytes ?? 0) - 200;
        return url.endsWith('/3.seg') && range
          ? { ...file, body: file.body.subarray(0, Math.max(0, has - range.start)) }
          : file;
      },
      pause: store.pause,
    });
    expect(result.reason).toMatch(/\/3\.seg is cut off inside its samples/);
  });

  test.each([
    ['MPEG-TS', () => ts, false],
    ['MP4', () => mp4, true],
  ] as const)('in %s of which a segment is a page, zeros, or another one', async (_, parts, isMp4) => {
    const windows = [windowOf(secondsOf(parts()))];
    const length = parts()[3]?.bytes.length ?? 0;
    const others = [Buffer.from('<!DOCTYPE html>'.padEnd(length, '<p>')), Buffer.alloc(length), parts()[5]?.bytes];
    for (const bytes of others) {
      const result = await prove(stored(at(parts(), 3, bytes ?? init), isMp4), windows);
      expect(result.reason).toMatch(/segments-play/);
    }
  });
});

describe('a real recording is proved', () => {
  test('in MPEG-TS and in MP4', async () => {
    expect(await prove(stored(ts), [windowOf(secondsOf(ts))])).toMatchObject({ proved: true });
    expect(await prove(stored(mp4, true), [windowOf(secondsOf(mp4))])).toMatchObject({ proved: true });
  });

  test.each<Kind>(['audio', 'video'])('that never had any %s', async (kind) => {
    const parts = ts.map((part) => ({ ...part, bytes: without(part.bytes, kind) }));
    expect(await prove(stored(parts), [windowOf(secondsOf(ts))])).toMatchObject({ proved: true });
  });

  test('whose encoder came back and began the same file again', async () => {
    const again = ts.map((part, i) => ({ ...part, discontinuity: i === 0 }));
    const seconds = secondsOf(ts);
    const windows = [windowOf(seconds), windowOf(seconds, showStart + (seconds + 30) * 1000)];
    expect(await prove(stored([...ts, ...again]), windows)).toMatchObject({ proved: true });
  });

  test('whose sound is in neither end of its large segments, at a bounded number of reads', async () => {
    const parts = Array.from({ length: 100 }, (_, i) => {
      const piece = (atMs: number, lengthMs: number, audio: boolean) =>
        tsMedia({ startMs: i * 2_000 + atMs, lengthMs, everyMs: 100, bytes: 5_000, silent: !audio });
      const hidden = [piece(0, 500, false), piece(500, 1_000, true), piece(1_500, 500, false)];
      return { bytes: i === 0 ? piece(0, 2_000, true) : Buffer.concat(hidden), duration: 2 };
    });
    const store = stored(parts);
    expect((await prove(store, [windowOf(200)])).reason).toBeUndefined();
    // Two for each segment, and two more for sixty of them.
    expect(store.asked.length).toBeLessThanOrEqual(2 * 100 + 2 * 60 + 2);
  });
});
