import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QuotaCounter } from '../../../../api/auth/quota-counter.ts';
import { defaultQuotas, readQuotas } from '../../../../api/auth/quotas.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a quota', () => {
  it('holds for requests at the same moment, before Temporal sees what they make', async () => {
    let asked = 0;
    const counter = new QuotaCounter(async () => {
      asked += 1;
      await new Promise(setImmediate);
      return 3;
    });
    const places = await Promise.all(Array.from({ length: 50 }, () => counter.reserve('acme', 10)));
    expect(places.filter(Boolean)).toHaveLength(7);
    expect(asked).toBe(1);
    for (const place of places) place?.made();
    expect(await counter.reserve('acme', 10)).toBeUndefined();
    expect(await counter.reserve('bolt', 10)).toBeDefined();
  });

  it('has room again for what was not made, and soon for what has ended', async () => {
    let running = 9;
    const counter = new QuotaCounter(async () => running);
    const place = await counter.reserve('acme', 10);
    expect(await counter.reserve('acme', 10)).toBeUndefined();
    place?.cancel();
    (await counter.reserve('acme', 10))?.made();
    running = 10;
    vi.advanceTimersByTime(2_500);
    expect(await counter.reserve('acme', 10)).toBeUndefined();
    running = 9;
    vi.advanceTimersByTime(1_000);
    expect(await counter.reserve('acme', 10)).toBeDefined();
  });

  it('is not passed by what a failing count leaves behind', async () => {
    const counter = new QuotaCounter(() => Promise.reject(new Error('Temporal is away')));
    await expect(counter.reserve('acme', 10)).rejects.toThrow('away');
    await expect(counter.reserve('acme', 10)).rejects.toThrow('away');
  });
});

describe('the quotas of a configuration', () => {
  it('are those of the tenant, of all tenants, and else the usual ones', () => {
    const read = readQuotas({ '*': { events: 20, streams: 5 }, acme: { events: 0 } });
    const quotasOf = read.ok ? read.value : undefined;
    expect(quotasOf?.('acme')).toEqual({ ...defaultQuotas, events: 0, streams: 5 });
    expect(quotasOf?.('bolt')).toEqual({ ...defaultQuotas, events: 20, streams: 5 });
    const none = readQuotas(undefined);
    expect(none.ok && none.value('acme')).toEqual(defaultQuotas);
  });

  it.each<[string, unknown, string]>([
    ['not an object', [], 'tenants'],
    ['negative', { acme: { events: -1 } }, 'tenants.acme.events'],
    ['no number', { acme: { streams: 'many' } }, 'tenants.acme.streams'],
    ['unknown', { acme: { shows: 1 } }, 'tenants.acme.shows'],
  ])('are refused when one is %s', (_what, section, path) => {
    const read = readQuotas(section as never);
    expect(read.ok ? [] : read.problems.map((problem) => problem.path)).toEqual([path]);
  });
});
