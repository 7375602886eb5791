import { describe, expect, it } from 'vitest';
import { type ConfiguredSubscriber, checkPlan } from '../../../plan/check.ts';
import { fakeVendors } from './fake-vendors.ts';

const subscribers: ConfiguredSubscriber[] = [
  { name: 'ops', types: ['ended'], isDefault: true },
  { name: 'studio', types: ['warning', 'ingest'], isDefault: false },
];
const webhooks = { subscribers, slowStepMs: 1000 };
const plan = { eventId: 'town-hall', vendor: 'able', duration: '1h' };
const check = (notify?: unknown, known: typeof webhooks | undefined = webhooks) =>
  checkPlan({ ...plan, ...(notify !== undefined && { notify }) }, { now: 0, vendors: fakeVendors, webhooks: known });

const notified = (notify?: unknown) => {
  const checked = check(notify);
  return checked.ok ? checked.plan.notify?.receivers.map(({ name }) => name) : checked.problems;
};

describe('the subscribers of a plan', () => {
  it('are the default ones, unless it names them', () => {
    expect(notified()).toEqual(['ops']);
    expect(notified(['studio'])).toEqual(['studio']);
    expect(notified(['studio', 'ops'])).toEqual(['ops', 'studio']);
  });

  it('are none when it names none, and then nothing of it is in the prepared plan', () => {
    const checked = check([]);
    expect(checked.ok && 'notify' in checked.plan).toBe(false);
  });

  it('are with what each wants, as it stands in history', () => {
    const checked = check(['studio']);
    expect(checked.ok && checked.plan.notify).toEqual({
      receivers: [{ name: 'studio', types: ['warning', 'ingest'] }],
      slowStepMs: 1000,
    });
  });

  it('are refused where they are not configured, and left to the worker where that is not known', () => {
    expect(notified(['ops', 'nobody'])).toEqual([
      { path: 'notify[1]', given: '"nobody"', message: 'is not a configured subscriber: one of ops, studio' },
    ]);
    const unknown = checkPlan({ ...plan, notify: ['nobody'] }, { now: 0, vendors: fakeVendors });
    expect(unknown.ok).toBe(true);
  });

  it('cannot be addresses', () => {
    expect(notified(['https://ops.example/'])).toMatchObject([{ path: 'notify[0]' }]);
  });
});
