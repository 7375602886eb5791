import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../plan/check.ts';

const now = Date.parse('2026-11-20T18:00:00Z');
const plan = (overrides = {}) => ({ eventId: 'final', vendor: 'aws-ivs', duration: '1h', ...overrides });
const subscriber = (name: string, more = {}) => ({ name, types: ['ended' as const], isDefault: false, ...more });
const subscribers = [
  subscriber('everyone', { isDefault: true }),
  subscriber('acme-ops', { tenants: ['acme'], isDefault: true }),
  subscriber('bolt-ops', { tenants: ['bolt', 'cork'] }),
];
const accountsOf: Record<string, string[] | undefined> = { open: undefined, acme: ['acme'], shared: ['acme', 'bolt'] };
const accounts = (_vendor: string, tenant: string | undefined) =>
  Object.keys(accountsOf).filter((name) => !accountsOf[name] || (tenant && accountsOf[name]?.includes(tenant)));
const check = (given: object, workflowId?: string) =>
  checkPlan(given, { now, accounts, webhooks: { subscribers, slowStepMs: 1 }, ...(workflowId && { workflowId }) });
const problemsOf = (given: object, workflowId?: string) => {
  const checked = check(given, workflowId);
  return checked.ok ? [] : checked.problems;
};
const subscribersOf = (given: object, workflowId?: string) => {
  const checked = check(given, workflowId);
  return checked.ok ? checked.plan.notify?.receivers.map(({ name }) => name) : checked.problems;
};

describe('the plan of a tenant', () => {
  it.each(['acme-ops', 'nobody-has-it'])('names a subscriber of others like one that is not there: %s', (name) => {
    const [problem] = problemsOf(plan({ account: 'open', tenant: 'bolt', notify: [name] }));
    expect(problem).toEqual({
      path: 'notify[0]',
      given: JSON.stringify(name),
      message: 'is not a configured subscriber: one of everyone, bolt-ops',
    });
  });

  it.each(['acme', 'nobody-has-it'])('names an account of others like one that is not there: %s', (account) => {
    const [problem] = problemsOf(plan({ account, tenant: 'bolt' }));
    expect(problem?.message).toBe(`"${account}" is not configured for aws-ivs: one of open, shared`);
  });

  it('may use what is kept for it, and what is for all', () => {
    for (const account of ['open', 'acme', 'shared'])
      expect(problemsOf(plan({ account, tenant: 'acme', notify: ['acme-ops'] }))).toEqual([]);
    expect(problemsOf(plan({ account: 'shared', tenant: 'bolt', notify: ['bolt-ops'] }))).toEqual([]);
  });

  it('by default goes to its own subscribers and to those of all, and never to those of others', () => {
    expect(subscribersOf(plan({ account: 'open', tenant: 'acme' }))).toEqual(['everyone', 'acme-ops']);
    expect(subscribersOf(plan({ account: 'open', tenant: 'bolt' }))).toEqual(['everyone']);
    expect(subscribersOf(plan({ account: 'open' }))).toEqual(['everyone']);
    expect(subscribersOf(plan({ account: 'open', eventId: undefined }), 'live-event/acme/final')).toEqual([
      'everyone',
      'acme-ops',
    ]);
  });

  it('that names no tenant, or none that can be one, may use nothing that belongs to a tenant', () => {
    expect(problemsOf(plan({ account: 'acme' }))[0]?.message).toContain('one of open');
    const messages = problemsOf(plan({ account: 'acme', tenant: 'a"b', notify: ['acme-ops'] })).map(
      ({ message }) => message,
    );
    expect(messages.join('\n')).not.toMatch(/shared|bolt/);
  });

  it('is of the tenant in whose name space it runs', () => {
    expect(problemsOf(plan({ account: 'open', tenant: 'bolt' }), 'live-event/acme/final')).toEqual([
      { path: 'tenant', given: '"bolt"', message: 'must be "acme", as in the workflow id; or leave it out' },
    ]);
    const checked = check(plan({ account: 'acme' }), 'live-event/acme/final');
    expect(checked.ok && checked.plan.tenant).toBe('acme');
  });
});
