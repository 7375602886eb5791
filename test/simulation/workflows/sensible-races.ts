import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPhase, runningPhases } from '../../../domain/phases.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import type { OperatorAction } from './held-show.ts';
import { brokenPromises } from './race.ts';

const before = ['stop', 'stop-discard', 'extend', 'cancel'] as const;
/** What makes sense in a phase; `races-at-length.test.ts` has every action in every phase. */
const sensible: Record<RunningPhase, readonly OperatorAction[]> = {
  scheduled: [...before, 'reschedule'],
  allocating: before,
  starting: before,
  'creating-output': before,
  'waiting-for-encoder': [...before, 'skipWait', 'resetEncoder'],
  live: [...before, 'resetEncoder'],
  'encoder-lost': [...before, 'resetEncoder'],
  stopping: ['stop-discard', 'abandonCleanup', 'cancel'],
  'publishing-vod': ['stop-discard', 'retryVod', 'abandonCleanup', 'cancel'],
  'cleaning-up': ['abandonCleanup', 'cancel'],
};

export type Pairs = 'each first and each second' | 'both orders';

/** Every two, also one twice, in both orders; or of these each action with itself, with the next and with the one before. */
const pairsOf = (actions: readonly OperatorAction[], pairs: Pairs) =>
  actions.flatMap((first, i) =>
    actions
      .filter((_, j) => pairs === 'both orders' || i === j || j === (i + 1) % actions.length)
      .map((second) => [first, second] as const),
  );

/** Two actions that make sense, in one workflow task. */
export function racesKeepPromises(pairs: Pairs): void {
  let env: TestEnvironment;
  beforeAll(async () => {
    env = await testEnvironment();
  });
  afterAll(() => env.close());

  describe.concurrent('two actions that reach a run in one workflow task', () => {
    it.each(runningPhases)('while %s: each happens, or is refused', async (phase) => {
      const actions = sensible[phase];
      const wrong: string[] = [];
      for (const pair of pairsOf(actions, pairs))
        wrong.push(...(await brokenPromises({ phase, actions: pair, recovers: 'after' })));
      expect(wrong).toEqual([]);
    });
  });
}
