import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { checkPlan } from '../../../plan/check.ts';

const now = Date.parse('2026-12-01T12:00:00Z');
const base = { eventId: 'final', startsAt: '2026-12-01T18:00:00Z', endsAt: '2026-12-01T20:00:00Z' };
const legs = [
  { name: 'main', vendor: 'aws-ivs' },
  { name: 'backup', vendor: 'alibaba-oss', start: 'on-failure' },
];
const check = (plan: unknown, workflowId?: string) => checkPlan(plan, { now, ...(workflowId && { workflowId }) });
const problems = (plan: unknown, workflowId?: string) => {
  const checked = check(plan, workflowId);
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('a plan with legs', () => {
  test('is prepared with a plan for the run of each leg', () => {
    const checked = check({ ...base, title: 'Final', legs, failover: { dark: '20s' } });
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    expect(checked.plan).toMatchObject({ vendor: 'aws-ivs', legs: { require: 'any', darkMs: 20_000 } });
    expect(checked.plan.legs?.legs.map(({ name, start, plan }) => [name, start, plan])).toEqual([
      ['main', 'with-event', { title: 'Final', vendor: 'aws-ivs', ...instants }],
      ['backup', 'on-failure', { title: 'Final', vendor: 'alibaba-oss', ...instants }],
    ]);
  });

  test('gives the run of a leg a plan that its own check accepts', () => {
    const checked = check({ ...base, overrun: { while: 'encoder-connected', until: '10m' }, legs });
    const plans = checked.ok ? (checked.plan.legs?.legs ?? []) : [];
    expect(plans.map(({ name, plan }) => problems(plan, `live-event/acme/final@${name}`))).toEqual([[], []]);
  });

  test('of one leg is the same as its short form', () => {
    const [main] = legs;
    expect(check({ ...base, legs: [main] })).toEqual(check({ ...base, vendor: 'aws-ivs' }));
  });

  test('has everything wrong reported at once, each at its place', () => {
    const bad = [
      { name: 'main', vendor: 'none', start: 'on-failure' },
      { name: 'main', vendor: 'alibaba-oss', sources: ['rtmp://a/b'] },
      { name: 'X', vendor: 'aws-ivs', extra: 1 },
    ];
    expect(problems({ ...base, endsAt: base.startsAt, vendor: 'aws-ivs', legs: bad })).toEqual([
      'legs[2].name: must be 1 to 32 lower-case letters and digits, with single hyphens between them',
      expect.stringContaining('legs[2].extra: is not a known field'),
      'vendor: stands in each of the legs: leave it out here',
      expect.stringContaining('legs[0].vendor: is not a vendor'),
      'endsAt: must be after the start, 2026-12-01T18:00:00.000Z',
      'legs[1].sources: alibaba-oss cannot pull: leave it out and let the encoder push',
      'legs[0].start: must be with-event in the first leg',
      'legs[1].name: is the name of two legs',
    ]);
  });

  test('refuses what only legs have in a plan without, and legs in a leg', () => {
    expect(problems({ ...base, vendor: 'aws-ivs', require: 'all', failover: {} })).toEqual([
      'require: is only for plans with legs: leave it out',
      'failover: is only for plans with legs: leave it out',
    ]);
    expect(problems({ ...base, legs: [] })).toEqual(['legs: must be at least 1 entries long']);
    expect(problems({ ...base, eventId: undefined, legs }, 'live-event/final@main')).toContain(
      'legs: has a leg only: a leg has no legs',
    );
    expect(problems(base as Plan)).toEqual(['vendor: is required (a string)']);
  });

  test('has ids for which every vendor has room', () => {
    expect(problems({ ...base, eventId: 'e'.repeat(95), legs })).toEqual([
      "legs[1].name: is 2 characters too long after the event's id",
    ]);
  });
});

const instants = { startsAt: '2026-12-01T18:00:00.000Z', endsAt: '2026-12-01T20:00:00.000Z' };
