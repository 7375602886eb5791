import { describe, expect, it } from 'vitest';
import { minimal, preparedOf, problemsOf } from './plan-harness.ts';

describe('the event id', () => {
  const { eventId: _, ...anonymous } = minimal;
  const inRun = (workflowId: string) => ({ workflowId });

  it('is required outside a run', () => {
    expect(problemsOf(anonymous)).toEqual([{ path: 'eventId', message: 'is required (a string)' }]);
  });

  it('is taken from the workflow id', () => {
    expect(preparedOf(anonymous, inRun('live-event/town-hall')).eventId).toBe('town-hall');
  });

  it('must be the one in the workflow id', () => {
    expect(problemsOf({ ...minimal, eventId: 'other' }, inRun('live-event/town-hall'))).toEqual([
      { path: 'eventId', given: '"other"', message: 'must be "town-hall", as in the workflow id; or leave it out' },
    ]);
  });

  it('may be followed there by the instant that a schedule meant', () => {
    const occurrence = 'town-hall-2026-12-01T18:00:00Z';
    expect(preparedOf(minimal, inRun(`live-event/${occurrence}`)).eventId).toBe(occurrence);
  });

  it.each(['town-hall-2', 'town-hall-2026-12-01', 'town-hall2026-12-01T18:00:00Z', 'town'])(
    'may not be followed by anything else: %s',
    (actual) => {
      expect(problemsOf(minimal, inRun(`live-event/${actual}`)).map(({ path }) => path)).toEqual(['eventId']);
    },
  );

  it('cannot come from a workflow id of another form', () => {
    for (const workflowId of ['town-hall', 'live-event/', 'order/town-hall']) {
      const [problem, ...more] = problemsOf(minimal, inRun(workflowId));
      expect(problem).toMatchObject({ path: 'eventId', message: expect.stringContaining('live-event/<eventId>') });
      expect(more).toEqual([]);
    }
  });

  it('must be one that vendors can carry, wherever it comes from', () => {
    expect(problemsOf(anonymous, inRun('live-event/has spaces'))).toEqual([
      { path: 'eventId', message: expect.stringContaining('"has spaces" from the workflow id is not an event id') },
    ]);
  });
});
