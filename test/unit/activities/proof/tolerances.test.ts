import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleOf } from '../../../../activities/proof/sample.ts';
import { durationToleranceMs, refreshMs } from '../../../../activities/proof/tolerances.ts';
import { shown, shownFrom, whyRefused } from '../../../../activities/proof/urls.ts';

describe('the tolerance of a duration', () => {
  test.each([
    ['a rehearsal of seconds, by what its vendor rounds', 6_000, 1, 2_000, 2_000],
    ['a rehearsal with a reconnection, by what its vendor rounds of both windows', 6_000, 2, 2_000, 3_000],
    ['a rehearsal with many, up to the lag of the vendor', 20_000, 9, 2_000, 5_000],
    ['a rehearsal in pieces of a second, by no more than half of it', 5_000, 5, 2_000, 2_500],
    ['a longer rehearsal, by a fifth', 20_000, 1, 2_000, 4_000],
    ['a minute, where the lag of the vendor ends', 60_000, 1, 6_000, 5_000],
    ['one window, by one of its segments', 1_800_000, 1, 6_000, 8_000],
    ['two windows, so one reconnection', 1_800_000, 2, 6_000, 24_000],
    ['many windows, by the share of the show', 1_800_000, 20, 6_000, 54_000],
    ['many hours, where the share ends', 36_000_000, 20, 6_000, 60_000],
    ['one segment of an hour, by the share of the show', 3_600_000, 1, 3_600_000, 60_000],
  ])('of %s', (_, expectedMs, windows, segmentMs, tolerance) => {
    expect(durationToleranceMs(expectedMs, windows, segmentMs)).toBe(tolerance);
  });
});

test('the second read comes after one and a half target durations, within bounds', () => {
  expect([0, 1_000, 6_000, 100_000].map(refreshMs)).toEqual([2_000, 2_000, 9_000, 60_000]);
});

describe('a sample of segments', () => {
  const listOf = (flags: readonly (readonly [discontinuity: boolean, gap: boolean])[]) => {
    const marked = (which: 0 | 1) => new Set([...flags.keys()].filter((i) => flags[i]?.[which]));
    return { length: flags.length, breaks: marked(0), gaps: marked(1) };
  };

  test('is within its budget, in order, without what is marked as missing, and has both ends', () => {
    const lists = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 2, max: 60 }), (flags, budget) => {
        const present = [...flags.keys()].filter((i) => !flags[i]?.[1]);
        const sample = sampleOf(listOf(flags), budget);
        expect(sample).toHaveLength(Math.min(budget, present.length));
        expect(sample).toEqual([...sample].sort((a, b) => a - b));
        expect(present).toEqual(expect.arrayContaining(sample));
        if (present.length > 0) expect(sample).toEqual(expect.arrayContaining([present.at(0), present.at(-1)]));
      }),
    );
  });
});

describe('an address', () => {
  test.each([
    ['https://cdn.example/a.ts', undefined],
    ['http://vod.example:8080/a.ts', undefined],
    ['http://8.8.8.8/a.ts', undefined],
    ['http://127.0.0.1/a.ts', /private host/],
    ['http://[::1]/a.ts', /private host/],
    ['http://[fd00::1]/a.ts', /private host/],
    ['http://172.20.0.1/a.ts', /private host/],
    ['http://localhost:9000/a.ts', /private host/],
    ['http://origin/a.ts', /private host/],
    ['http://printer.local/a.ts', /private host/],
    ['file:///a.ts', /scheme/],
    ['data:text/plain,a', /scheme/],
    ['nonsense', /not a URL/],
  ])('%s of a public recording', (url, expected) => {
    const why = whyRefused(url, 'https://vod.example/index.m3u8');
    if (expected) expect(why).toMatch(expected);
    else expect(why).toBeUndefined();
  });

  test('is shown without credentials, query and fragment, and cut at its beginning', () => {
    expect(shown('https://user:pass@h.example/a/b.m3u8?Signature=x#y')).toBe('/a/b.m3u8');
    expect(shown(`https://h.example/${'folder/'.repeat(40)}b.m3u8`)).toMatch(/^…[a-z/]+\/b\.m3u8$/);
    expect(shown('not a url?token=x')).toBe('not a url');
    const locator = '3f9a4c1e-5b2d-4e8f-9a0b-1c2d3e4f5a6b';
    expect(shown(`https://h.example/${locator}/a.ism/manifest(format=m3u8-cmaf)`)).toBe(
      `/${locator}/a.ism/manifest(format=m3u8-cmaf)`,
    );
  });

  test.each([
    '/exp=1700000000~acl=/*~hmac=0123456789abcdef/a.ts',
    '/hdnts=st=1~exp=2~acl=*~hmac=0/a.ts',
    `/${'0123456789abcdef'.repeat(4)}/a.ts`,
    '/token_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl/a.ts',
  ])('is shown without the signature in its folders: %s', (path) => {
    expect(shown(`https://h.example/show${path}`)).toMatch(/^\/show\/….*\/a\.ts$/);
    expect(shown(`https://h.example/show${path}`)).not.toMatch(/hmac|0123|eyJ|acl/);
  });

  test('of another host is shown as that alone', () => {
    expect(shownFrom('https://cdn.example/a/b.ts', 'https://vod.example/i.m3u8', 'segment 4')).toBe(
      'segment 4 on cdn.example',
    );
    expect(shownFrom('https://vod.example/a/b.ts', 'https://vod.example/i.m3u8', 'segment 4')).toBe('/a/b.ts');
  });
});
