import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventIdOf,
  eventIdPattern,
  eventKey,
  eventKeyOf,
  isEventKey,
  partsOfKey,
  tenantPattern,
  workflowIdOf,
} from '../../../domain/ids.ts';

const tenant = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z0-9._%/~'*()!-]+$/))
  .filter((text) => tenantPattern.test(text));
const eventId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,40}$/);

describe('an event key', () => {
  it.each([
    ['final', undefined, 'final'],
    ['final', 'acme', 'acme/final'],
    ['final', 'Acme GmbH', 'Acme_20GmbH/final'],
    ['final', 'a/b', 'a_2Fb/final'],
    ['final', 'a_b', 'a_5Fb/final'],
    ['final', '..', '_2E./final'],
    ['final', 'é', '_C3_A9/final'],
  ])('of %s and the tenant %s is %s', (id, of, key) => {
    expect(eventKey(id, of)).toBe(key);
    expect(partsOfKey(key)).toEqual({ id, ...(of !== undefined && { tenant: of }) });
    expect(isEventKey(key)).toBe(true);
    expect(eventIdOf(workflowIdOf(key))).toBe(id);
    expect(eventKeyOf(workflowIdOf(key))).toBe(key);
  });

  it('is never that of another tenant, or of another event', () => {
    const named = fc.tuple(eventId, fc.option(tenant, { nil: undefined }));
    fc.assert(
      fc.property(named, named, (one, other) => {
        const same = one[0] === other[0] && one[1] === other[1];
        expect(eventKey(...one) === eventKey(...other)).toBe(same);
      }),
    );
  });

  it('gives its tenant and its id back, and fits every vendor as far as it is short enough', () => {
    fc.assert(
      fc.property(eventId, tenant, (id, of) => {
        const key = eventKey(id, of);
        expect(partsOfKey(key)).toEqual({ id, tenant: of });
        expect(isEventKey(key)).toBe(key.length <= 100);
        expect(key).toMatch(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._:-]+$/);
      }),
    );
  });

  it.each(['a_2/final', 'a_zz/final', 'a_62/final', '/final', '_FF/final', 'a b/final'])(
    'is not what no tenant is written as: %s',
    (key) => {
      expect(partsOfKey(key)).toEqual({ id: key });
      expect(eventIdPattern.test(key)).toBe(false);
    },
  );
});
