import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationPattern,
  formatDuration,
  formatInstant,
  parseDuration,
  parseInstant,
  whyNotInstant,
} from '../../../domain/time.ts';

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['4h', 14_400_000],
    ['2d', 172_800_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['500ms', 500],
    ['0s', 0],
    ['PT15M', 900_000],
    ['P1DT2H', 93_600_000],
    ['P2D', 172_800_000],
    ['PT0.5S', 500],
    ['PT1.25S', 1_250],
    ['PT1H30M10S', 5_410_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '15',
    'm',
    '-5m',
    '+5m',
    '1.5h',
    '5 m',
    ' 5m',
    '5m\n',
    '30m1h',
    '5M',
    'P',
    'PT',
    'P1DT',
    'P1Y',
    'P1M',
    'P1W',
    '-PT5M',
    'pt5m',
    'PT0.0005S',
    'PT1H2H',
    'P1D2H',
    '1e3s',
    '٣m',
    '99999999999999999d',
    `${'9'.repeat(400)}s`,
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads back what formatDuration wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it('reads nothing that the published pattern does not match', () => {
    const published = new RegExp(durationPattern);
    const nearly = fc.stringMatching(/^P?T?(\d{1,3}(d|h|m|s|ms|H|M|S|D)){0,4}$/);
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        expect(published.test(text)).toBe(parseDuration(text) !== undefined);
      }),
    );
  });

  it('gives a safe whole number of at least 0 or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDuration(text);
        expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [500, '500ms'],
    [90_000, '1m30s'],
    [93_600_000, '1d2h'],
    [-300_000, '-5m'],
    [0.4, '0s'],
  ])('writes %d as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('parseInstant', () => {
  it.each([
    ['2026-12-01T18:00:00Z', Date.UTC(2026, 11, 1, 18)],
    ['2026-12-01T18:00Z', Date.UTC(2026, 11, 1, 18)],
    ['2026-12-01t18:00:00z', Date.UTC(2026, 11, 1, 18)],
    ['2026-12-01T19:00:00+01:00', Date.UTC(2026, 11, 1, 18)],
    ['2026-12-01T19:00:00+0100', Date.UTC(2026, 11, 1, 18)],
    ['2026-12-01T19:00:00+01', Date.UTC(2026, 11, 1, 18)],
    ['2026-12-01T12:30:00-05:30', Date.UTC(2026, 11, 1, 18)],
    ['2026-01-01T00:30:00+14:00', Date.UTC(2025, 11, 31, 10, 30)],
    ['2026-12-01T18:00:00.25Z', Date.UTC(2026, 11, 1, 18, 0, 0, 250)],
    ['2026-12-01T18:00:00,123456789Z', Date.UTC(2026, 11, 1, 18, 0, 0, 123)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  ])('reads %s', (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
    expect(whyNotInstant(text)).toBeUndefined();
  });

  it.each([
    ['2026-12-01T18:00:00', /no time zone/],
    ['2026-12-01 18:00', /no time zone/],
    ['2026-12-01', /no time zone/],
    ['2026-02-30T18:00:00Z', /no such day/],
    ['2026-02-29T18:00:00Z', /no such day/],
    ['2026-13-01T18:00:00Z', /no such day/],
    ['2026-00-10T18:00:00Z', /no such day/],
    ['2026-12-00T18:00:00Z', /no such day/],
    ['2026-12-01T24:00:00Z', /time of day/],
    ['2026-12-01T18:60:00Z', /time of day/],
    ['2026-12-01T18:00:60Z', /time of day/],
    ['2026-12-01T18:00:00+25:00', /impossible offset/],
    ['2026-12-01T18:00:00+01:60', /impossible offset/],
    ['2026-12-01T18:00:00-14:01', /impossible offset/],
    ['2026-12-01T18:00:00 Z', /not an ISO 8601 instant/],
    ['2026-12-01T18:00:00Europe/Berlin', /not an ISO 8601 instant/],
    ['+002026-12-01T18:00:00Z', /not an ISO 8601 instant/],
    ['1764612000000', /not an ISO 8601 instant/],
    ['tomorrow', /not an ISO 8601 instant/],
    ['', /not an ISO 8601 instant/],
  ])('refuses %j and says why', (text, why) => {
    expect(parseInstant(text)).toBeUndefined();
    expect(whyNotInstant(text)).toMatch(why);
  });

  it('reads back what formatInstant wrote', () => {
    const fourDigitYears = fc.integer({
      min: Date.parse('0000-01-01T00:00:00Z'),
      max: Date.parse('9999-12-31T23:59:59Z'),
    });
    fc.assert(
      fc.property(fourDigitYears, (ms) => {
        expect(parseInstant(formatInstant(ms))).toBe(ms);
      }),
    );
  });

  it('gives the same instant whatever the offset it is written in', () => {
    const instants = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(instants, fc.integer({ min: -14 * 60, max: 14 * 60 }), (ms, offsetMinutes) => {
        const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, -1);
        const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
        const size = Math.abs(offsetMinutes);
        const offset = `${offsetMinutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
        expect(parseInstant(local + offset)).toBe(ms);
      }),
    );
  });

  it('either reads a text or says why not, never both', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)$/)), (text) => {
        expect(parseInstant(text) === undefined).toBe(whyNotInstant(text) !== undefined);
      }),
    );
  });
});

describe('formatInstant', () => {
  it('writes what no calendar holds as it is', () => {
    expect(formatInstant(Number.POSITIVE_INFINITY)).toBe('Infinity');
    expect(formatInstant(9e15)).toBe('9000000000000000');
  });
});
