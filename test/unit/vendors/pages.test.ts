import { describe, expect, it } from 'vitest';
import type { Page } from '../../../vendors/driver.ts';
import { allOf, pageOf, truncatedPage } from '../../../vendors/pages.ts';

const list = { vendor: 'aws-ivs', operation: 'ListChannels', resource: 'all' };

/** Reads a list that answers with these pages, by cursor; the first has none. */
async function read(pages: (cursor: string) => Page<number>): Promise<{ outcome: unknown; asked: string[] }> {
  const asked: string[] = [];
  const ask = async (cursor = '') => {
    asked.push(cursor);
    return pages(cursor);
  };
  const outcome = await allOf(list, ask).catch((error: unknown) => error);
  return { outcome, asked };
}

describe('the pages of a list', () => {
  it('are read in turn, also empty ones, to the one that names no next', async () => {
    const pages: Record<string, Page<number>> = {
      '': pageOf([1, 2], 'a'),
      a: pageOf<number>([], 'b'),
      b: pageOf<number>([], 'c'),
      c: pageOf([3], ''),
    };
    const { outcome, asked } = await read((cursor) => pages[cursor] ?? pageOf([], undefined));
    expect(outcome).toEqual([1, 2, 3]);
    expect(asked).toEqual(['', 'a', 'b', 'c']);
  });

  it.each<[string, (cursor: string) => Page<number>, number]>([
    ['the first page names itself', (cursor) => pageOf(cursor ? [2] : [1], 'a'), 2],
    ['two pages name each other', (cursor) => pageOf([Math.random()], cursor === 'a' ? 'b' : 'a'), 3],
    ['every page is the first', (cursor) => pageOf([1], `${cursor}x`), 2],
    ['the last page is the one before', (cursor) => pageOf([1], cursor ? undefined : 'a'), 2],
    ['every empty page names another', (cursor) => pageOf<number>([], String(Number(cursor) + 1)), 1_000],
  ])('end with an error where %s', async (_, pages, calls) => {
    const { outcome, asked } = await read(pages);
    expect(outcome).toMatchObject({ kind: 'unavailable', facts: { ...list, code: 'EndlessList' } });
    expect(String(outcome)).toMatch(/has no end: it (gave the same page twice|named a page again|has more than 1000)/);
    expect(asked).toHaveLength(calls);
  });

  it('are not believed to be all where the list is truncated and names no next one', () => {
    expect(() => truncatedPage([1], true, undefined)).toThrow('a list that is truncated names its next page');
    expect(truncatedPage([1], true, 'a')).toEqual({ items: [1], next: 'a' });
    expect(truncatedPage([1], false, 'a')).toEqual({ items: [1] });
  });
});
