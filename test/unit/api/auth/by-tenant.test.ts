import { describe, expect, it } from 'vitest';
import { ByTenant } from '../../../../api/auth/by-tenant.ts';
import { QuotaCounter } from '../../../../api/auth/quota-counter.ts';

describe('what is kept for each tenant', () => {
  it('is made once, and forgotten when many others came since', () => {
    const made: string[] = [];
    const kept = new ByTenant((tenant) => made.push(tenant), 3);
    for (const tenant of ['a', 'b', 'a', 'c', 'd', 'a', 'b']) kept.of(tenant);
    expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
    expect(kept.size).toBe(3);
  });

  it('stays while something of it is under way', () => {
    const kept = new ByTenant(
      (tenant) => ({ tenant }),
      2,
      ({ tenant }) => tenant !== 'busy',
    );
    const busy = kept.of('busy');
    for (let n = 0; n < 10; n += 1) kept.of(`t${n}`);
    expect(kept.of('busy')).toBe(busy);
  });

  it('does not let a quota be passed by many tenants at once', async () => {
    const counter = new QuotaCounter(async () => 0);
    await counter.reserve('acme', 1);
    for (let n = 0; n < 12_000; n += 1) (await counter.reserve(`t${n}`, 1))?.cancel();
    expect(await counter.reserve('acme', 1)).toBeUndefined();
  });
});
