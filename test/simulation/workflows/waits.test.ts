import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndReason } from '../../../domain/phases.ts';
import { type RunningPhase, runningPhases } from '../../../domain/phases.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { holdShow, type OperatorAction } from './held-show.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

/** How the run ends, that it goes on as it was answered, or that the action is refused. */
type Expected = EndReason | 'goes on' | 'refused';
type Action = Extract<OperatorAction, 'cancel' | 'stop' | 'stop-discard' | 'abandonCleanup'>;

const beforeTheEnd: Record<Action, Expected> = {
  cancel: 'cancelled',
  stop: 'stopped-by-operator',
  'stop-discard': 'stopped-by-operator',
  abandonCleanup: 'refused',
};
/** The vendor never does what the run waits for. */
const expected: Record<RunningPhase, Record<Action, Expected>> = {
  scheduled: beforeTheEnd,
  allocating: beforeTheEnd,
  starting: beforeTheEnd,
  'creating-output': beforeTheEnd,
  'waiting-for-encoder': beforeTheEnd,
  live: beforeTheEnd,
  'encoder-lost': beforeTheEnd,
  // Where nothing more was lost than what was given up, the end is that of the show.
  stopping: { cancel: 'goes on', stop: 'refused', 'stop-discard': 'goes on', abandonCleanup: 'reached-end' },
  'publishing-vod': {
    cancel: 'vod-unproved',
    stop: 'refused',
    'stop-discard': 'reached-end',
    abandonCleanup: 'goes on',
  },
  'cleaning-up': { cancel: 'goes on', stop: 'refused', 'stop-discard': 'refused', abandonCleanup: 'reached-end' },
};

const cases = runningPhases.flatMap((phase) =>
  Object.entries(expected[phase]).map(([action, what]) => [phase, action as Action, what] as const),
);
const withinMs = 120_000;

describe.concurrent('a wait that has no end', () => {
  it.each(cases)('while %s, by %s: %s', async (phase, action, what) => {
    const show = await holdShow(phase);
    const { accepted, answer } = await show.act(action);
    expect(accepted, answer).toBe(what !== 'refused');
    // Shows that are not stopped end by themselves; what is held is held for ever.
    const report = what === 'refused' ? undefined : await show.ends(withinMs);
    if (what === 'goes on') {
      expect(report).toBeUndefined();
      expect(answer).toMatch(/goes on|abandoned/);
      // There is always one that ends it.
      await show.act(phase === 'publishing-vod' ? 'cancel' : 'abandonCleanup');
      expect(await show.ends(withinMs)).toMatchObject({ left: { name: show.name } });
    } else if (what !== 'refused') {
      expect(report?.endReason).toBe(what);
      const isLeft = action === 'abandonCleanup';
      expect(report).toMatchObject(isLeft ? { released: false, left: { name: show.name } } : { released: true });
    }
    await show.close();
  });
});
