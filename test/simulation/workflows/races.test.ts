import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPhase, runningPhases } from '../../../domain/phases.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import type { OperatorAction } from './held-show.ts';
import { brokenPromises } from './race.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

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

describe.concurrent('two actions that reach a run in one workflow task', () => {
  it.each(runningPhases)('while %s: each happens, or is refused', async (phase) => {
    const actions = sensible[phase];
    const wrong: string[] = [];
    for (const first of actions)
      for (const second of actions)
        wrong.push(...(await brokenPromises({ phase, actions: [first, second], recovers: 'after' })));
    expect(wrong).toEqual([]);
  });
});
