import { describe, expect, it } from 'vitest';
import { encoderHabits, scriptsOf } from '../../../cli/encoder-habits.ts';
import { rehearsingText } from '../../../cli/rehearse.ts';
import type { Plan } from '../../../domain/plan.ts';
import { checkPlan } from '../../../plan/check.ts';

const showMs = 9_000;
const legs = [{ name: 'main' }, { name: 'backup' }, { name: 'third' }];
const onTime = { afterMs: 0 };
const leaves = { afterMs: 0, drop: { afterMs: 3_000, gapMs: showMs } };
const scripts = {
  'on-time': onTime,
  drops: { afterMs: 0, drop: { afterMs: 3_000, gapMs: 3_000 } },
  leaves,
  never: undefined,
};

describe('the encoder of a rehearsal', () => {
  it.each(encoderHabits)('has the habit %s, with legs that of the first one', (habit) => {
    expect(scriptsOf(habit, { showMs })).toEqual([scripts[habit]]);
    expect(scriptsOf(habit, { legs, showMs })).toEqual([scripts[habit], onTime, onTime]);
  });

  it('drops where nothing is said, and leaves the first of several legs', () => {
    expect(scriptsOf(undefined, { showMs })).toEqual([scripts.drops]);
    expect(scriptsOf(undefined, { legs, showMs })).toEqual([leaves, onTime, onTime]);
  });
});

it('a rehearsal names the vendors of all legs', () => {
  const plan: Plan = {
    ...{ eventId: 'final', title: 'Final', startsAt: '2031-01-01T00:00:00Z', duration: '1h' },
    legs: [
      { name: 'main', vendor: 'aws-ivs' },
      { name: 'backup', vendor: 'alibaba-oss' },
      { name: 'third', vendor: 'aws-ivs' },
    ],
  };
  const checked = checkPlan(plan, { now: Date.parse('2030-01-01T00:00:00Z') });
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  expect(rehearsingText(checked.plan, 80, 'http://127.0.0.1:8233')).toBe(
    'rehearsing final (1h on aws-ivs, alibaba-oss), 80.0 times faster; Temporal UI: http://127.0.0.1:8233',
  );
});
