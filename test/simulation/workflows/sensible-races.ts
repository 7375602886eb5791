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

/** Every two, also one twice; in one order, which changes from pair to pair, or in both. */
const pairsOf = (actions: readonly OperatorAction[], orders: 'one order' | 'both orders') =>
  actions.flatMap((first, i) =>
    actions
      .filter((_, j) => orders === 'both orders' || i === j || (i + j) % 2 === Number(i < j))
      .map((second) => [first, second] as const),
  );

/** Every two actions that make sense, in one workflow task: in one order, or in both. */
export function racesKeepPromises(orders: 'one order' | 'both orders'): void {
  let env: TestEnvironment;
  beforeAll(async () => {
    env = await testEnvironment();
  });
  afterAll(() => env.close());

  describe.concurrent('two actions that reach a run in one workflow task', () => {
    it.each(runningPhases)('while %s: each happens, or is refused', async (phase) => {
      const actions = sensible[phase];
      const wrong: string[] = [];
      for (const pair of pairsOf(actions, orders))
        wrong.push(...(await brokenPromises({ phase, actions: pair, recovers: 'after' })));
      expect(wrong).toEqual([]);
    });
  });
}
