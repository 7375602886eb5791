import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventKey } from '../../../../domain/ids.ts';

// The page is checked with the types of a browser, and so is no part of this program.
const links = new URL('../../../../api/board/links.js', import.meta.url);
const { nameSpaceOf } = (await import(links.href)) as { nameSpaceOf(tenant: string): string };

it('the page names the runs of a tenant as Temporal knows them', () => {
  const tenants = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('..', '.a', 'a_b', "it's", '%'),
  );
  fc.assert(
    fc.property(tenants, (tenant) => {
      expect(`${nameSpaceOf(tenant)}/show`).toBe(eventKey('show', tenant));
    }),
  );
});
