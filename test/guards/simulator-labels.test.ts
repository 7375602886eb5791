import { describe, expect, it } from 'vitest';
import {
  countLabels,
  countsByVendor,
  mostAssumed,
  oddLabels,
  shareAssumed,
  sourcesOf,
} from '../../scripts/simulator-labels.ts';

describe('the labels of the simulators', () => {
  it('have one form, so that each can be counted and followed', async () => {
    const sources = await sourcesOf('simulators');
    expect(sources.flatMap(({ path, text }) => oddLabels(text).map((line) => `${path}: ${line}`))).toEqual([]);
  });

  it.each([
    '/** documented: https://example.org/a */',
    '/** A name is unique (documented). */',
    '// Answers 409, recorded (https://example.org/a)',
    '/** documented(the fact sheet) */',
    '// assumed, since no page says it',
  ])('are refused in another form: %s', (source) => {
    expect(oddLabels(source)).toHaveLength(1);
  });

  it.each([
    '/** Answers 409: documented(https://example.org/a) */',
    '// What is recorded of a session.',
    'const assumed = documented(3);',
  ])('are not seen where there is none in another form: %s', (source) => {
    expect(oddLabels(source)).toEqual([]);
  });

  it('say of each vendor for at most a tenth that a behaviour is assumed', async () => {
    const counts = await countsByVendor();
    for (const [vendor, count] of counts) {
      expect(count.documented + count.recorded, vendor).toBeGreaterThan(0);
      expect(shareAssumed(count), vendor).toBeLessThanOrEqual(mostAssumed);
    }
  });

  it('count also over the end of a line, and in comments only', () => {
    const source = `/**
 * One: documented(https://example.org/a), recorded(https://example.org/b)
 * and the rest:
 * assumed
 */
const text = 'recorded(https://example.org/c): assumed';
`;
    expect(countLabels(source)).toEqual({ documented: 1, recorded: 1, assumed: 1 });
  });
});
