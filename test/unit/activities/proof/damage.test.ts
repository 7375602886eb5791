import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proveAll } from '../../../../activities/proof/prove.ts';
import { durationToleranceMs } from '../../../../activities/proof/tolerances.ts';
import { realSegments } from '../../../support/real-media.ts';
import { base, Store, windowOf } from './recording.ts';

/** A real recording of two minutes. */
const whole = realSegments(120).map(({ bytes, durationMs }, i) => ({
  name: `${i}.ts`,
  bytes,
  durationMs,
  listedMs: durationMs,
}));
const showMs = whole.reduce((sum, { durationMs }) => sum + durationMs, 0);
const toleranceMs = durationToleranceMs(showMs, 1, 2_000);

interface Part {
  name: string;
  bytes: Uint8Array;
  /** What it really holds, and what its EXTINF says. Milliseconds. */
  durationMs: number;
  listedMs: number;
  discontinuity?: boolean;
}

const place = fc.integer({ min: 0, max: whole.length - 1 });
const count = fc.integer({ min: 1, max: 12 });

/** One thing that happens to a recording. */
const damage = fc.oneof(
  fc.record({ kind: fc.constantFrom('cut the end', 'cut the beginning'), count }),
  fc.record({
    kind: fc.constantFrom('drop', 'drop and flag', 'copy', 'copy and flag', 'list again', 'shorten', 'empty'),
    place,
    count,
  }),
  fc.record({ kind: fc.constantFrom('stretch'), place, count, by: fc.double({ min: 1.3, max: 20, noNaN: true }) }),
  fc.record({ kind: fc.constantFrom('swap'), place, other: place }),
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

const tables = whole[0]?.bytes.subarray(0, 376) ?? new Uint8Array();

/**
 * The last segment has no next one that its end is compared with: that a part of it is missing, or that it claims more than
 * it holds, counts against the tolerance of the duration alone.
 */
const isEndOfLast = (what: Damage): boolean =>
  (what.kind === 'shorten' || what.kind === 'stretch') && 'place' in what && what.place === whole.length - 1;

/** The recording after that, and whether a player still goes from one end of it to the other without a jump. */
function damaged(parts: readonly Part[], what: Damage): { parts: Part[]; isSmooth: boolean } {
  const list = parts.map((part) => ({ ...part }));
  const all = Math.min(list.length, 'count' in what ? what.count : 1);
  const at = Math.min('place' in what ? what.place : 0, list.length - all);
  const touched = list.slice(at, at + all);
  switch (what.kind) {
    case 'cut the end':
      return { parts: list.slice(0, list.length - all), isSmooth: true };
    case 'cut the beginning':
      return { parts: list.slice(all), isSmooth: true };
    case 'drop':
      return { parts: list.toSpliced(at, all), isSmooth: at === 0 || at + all === list.length };
    case 'drop and flag': {
      const rest = list.toSpliced(at, all);
      if (rest[at]) rest[at].discontinuity = true;
      return { parts: rest, isSmooth: true };
    }
    case 'copy':
      return {
        parts: list.toSpliced(at + all, 0, ...touched.map((part) => ({ ...part, name: `again-${part.name}` }))),
        isSmooth: false,
      };
    case 'copy and flag': {
      // What is copied takes the place of as much of the end, so that the length is right.
      const copies = touched.map((part, i) => ({ ...part, name: `again-${part.name}`, discontinuity: i === 0 }));
      const rest = list.slice(at + all).map((part, i) => ({ ...part, discontinuity: i === 0 }));
      return {
        parts: [...list.slice(0, at + all), ...copies, ...rest].slice(0, list.length),
        isSmooth: at + all === list.length,
      };
    }
    case 'list again':
      return { parts: list.toSpliced(at + all, 0, ...touched), isSmooth: false };
    case 'shorten':
      for (const part of touched) {
        part.bytes = part.bytes.subarray(0, 188 * Math.floor(part.bytes.length / 188 / 4));
        part.durationMs /= 4;
      }
      return { parts: list, isSmooth: false };
    case 'empty':
      for (const part of touched) Object.assign(part, { bytes: tables, durationMs: 0 });
      return { parts: list, isSmooth: false };
    case 'stretch':
      for (const part of touched) part.listedMs *= 'by' in what ? what.by : 1;
      return { parts: list, isSmooth: false };
    default: {
      const [a, b] = [at, 'other' in what ? what.other : at];
      const [one, other] = [list[a], list[b]];
      if (one && other) Object.assign(list, { [a]: other, [b]: one });
      return { parts: list, isSmooth: a === b };
    }
  }
}

function stored(parts: readonly Part[], target = 400): Store {
  const store = new Store();
  for (const { name, bytes } of parts) store.put(name, bytes);
  const lines = parts.flatMap(({ name, listedMs, discontinuity }) => [
    ...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    `#EXTINF:${(listedMs / 1000).toFixed(3)},`,
    name,
  ]);
  const head = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${target}`];
  return store.put('index.m3u8', [...head, ...lines, '#EXT-X-ENDLIST', ''].join('\n'));
}

const prove = (from: Store) =>
  proveAll({
    assets: [{ url: `${base}index.m3u8`, finality: 'stated by the vendor' }],
    windows: [windowOf(showMs / 1000)],
    connections: 1,
    fetch: from.fetch,
    pause: from.pause,
  });

describe('a real recording', () => {
  test('is proved', async () => {
    expect(await prove(stored(whole))).toMatchObject({ proved: true });
  });

  test('is proved or not by the share of the show that damage left of it', async () => {
    const seen = { proved: 0, unproved: 0 };
    await fc.assert(
      fc.asyncProperty(damage, async (what) => {
        fc.pre(!isEndOfLast(what));
        const { parts, isSmooth } = damaged(whole, what);
        const left = parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
        const { proved, reason } = await prove(stored(parts));
        const isWhole = isSmooth && showMs - left <= toleranceMs;
        expect({ what, reason, proved }).toEqual({ what, reason, proved: isWhole });
        seen[proved ? 'proved' : 'unproved'] += 1;
      }),
      { numRuns: 200 },
    );
    expect(Math.min(seen.proved, seen.unproved)).toBeGreaterThan(5);
  });

  test.each(['shorten', 'stretch'] as const)(
    'is proved when the end of its last segment is all that is wrong: %s',
    async (kind) => {
      const last = { place: whole.length - 1, count: 1 };
      const { parts } = damaged(whole, kind === 'stretch' ? { kind, ...last, by: 1.3 } : { kind, ...last });
      expect(await prove(stored(parts))).toMatchObject({ proved: true });
    },
  );

  test('is not proved when several small damages together took more than may be missing', async () => {
    const cut = fc.constantFrom('cut the end', 'cut the beginning', 'drop and flag');
    const marked = fc.array(fc.record({ kind: cut, place, count: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(marked, async (all) => {
        const parts = all.reduce<Part[]>((list, what) => damaged(list, what).parts, [...whole]);
        const left = parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
        expect((await prove(stored(parts))).proved).toBe(showMs - left <= toleranceMs);
      }),
      { numRuns: 60 },
    );
  });
});
