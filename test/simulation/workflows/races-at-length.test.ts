import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningPhases } from '../../../domain/phases.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { operatorActions } from './held-show.ts';
import { brokenPromises } from './race.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

const pairs = operatorActions.flatMap((first) => operatorActions.map((second) => [first, second] as const));
const withCancellation = pairs
  .filter((pair) => !pair.includes('cancel'))
  .map(([first, second]) => [first, second, 'cancel'] as const);

describe.concurrent('every two actions, alone and with a cancellation, in one workflow task', () => {
  it.each(runningPhases)('while %s: each happens, or is refused', async (phase) => {
    const wrong: string[] = [];
    for (const actions of [...pairs, ...withCancellation])
      for (const recovers of ['before', 'after'] as const)
        wrong.push(...(await brokenPromises({ phase, actions, recovers })));
    expect(wrong).toEqual([]);
  });
});
