import { VendorError, type VendorErrorFacts } from '../domain/errors.ts';
import { UnknownAnswer } from './answer.ts';
import type { Page } from './driver.ts';

/** The list that is read, for the error's words. */
export type ListCall = Pick<VendorErrorFacts, 'vendor' | 'operation' | 'resource'>;

/** With a hundred items a page, more than any account holds. */
const mostPages = 1_000;

/** A vendor may name no next page by an empty text. */
export const pageOf = <T>(items: T[], next: string | undefined): Page<T> => ({ items, ...(next && { next }) });

/** Of a vendor that says apart from the next page whether there is one. A part of a list is never taken for the whole. */
export function truncatedPage<T>(items: T[], isTruncated: boolean, next: string | undefined): Page<T> {
  if (isTruncated && !next) throw new UnknownAnswer('a list that is truncated names its next page', { items });
  return pageOf(items, isTruncated ? next : undefined);
}

/** Every item of a list. Throws as `pagesOf` does. */
export async function allOf<T>(list: ListCall, ask: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for await (const items of pagesOf(list, ask)) all.push(...items);
  return all;
}

/**
 * The pages of a list, one after another. A list that names a page again, that gives the same page again, or that has more
 * pages than any account fills, would be read for ever: it is `unavailable`, as every answer that
 * no vendor means.
 */
export async function* pagesOf<T>(
  list: ListCall,
  ask: (cursor?: string) => Promise<Page<T>>,
): AsyncGenerator<T[], void, undefined> {
  const named = new Set<string>();
  let before: string | undefined;
  let cursor: string | undefined;
  do {
    const { items, next } = await ask(cursor);
    const content =
      items.length > 0 && (next !== undefined || before !== undefined) ? JSON.stringify(items) : undefined;
    if (content !== undefined && content === before) throw endless(list, 'it gave the same page twice');
    if (next !== undefined && named.has(next)) throw endless(list, 'it named a page again that it had named before');
    yield items;
    if (next !== undefined) named.add(next);
    if (named.size >= mostPages) throw endless(list, `it has more than ${mostPages} pages`);
    before = content;
    cursor = next;
  } while (cursor !== undefined);
}

const endless = (list: ListCall, why: string): VendorError =>
  new VendorError({
    ...list,
    kind: 'unavailable',
    code: 'EndlessList',
    message: `the list has no end: ${why}`,
    advice: 'What is in it is not known; it is read again. If it stays so, report it to the vendor.',
  });
