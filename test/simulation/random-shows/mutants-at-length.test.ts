import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import { mutants } from './mutants.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenario.ts';

const mostSeeds = 2000;

let whole: WorkflowSandbox;
const found: string[] = [];
beforeAll(async () => {
  whole = await WorkflowSandbox.open(inject('workflowCode'));
});
afterAll(() => {
  process.stdout.write(`${found.join('\n')}\n`);
});

describe('the oracle of the random shows', () => {
  it.each(Object.entries(mutants))('finds that %s', async (name, mutant) => {
    const code = inject('workflowCode');
    const broken = mutant.code?.(code);
    expect(broken, 'the mistake could not be put into the bundle').not.toBe(code);
    const sandbox = broken === undefined ? whole : await WorkflowSandbox.open(broken);
    for (let seed = 1; seed <= mostSeeds; seed += 1) {
      const [problem] = problemsOf(await play(scenarioOf(seed), { sandbox, mutant }));
      if (problem === undefined) continue;
      expect(problemsOf(await play(scenarioOf(seed), { sandbox: whole })), `seed ${seed}, nothing broken`).toEqual([]);
      found.push(`${name}: by seed ${seed}: ${problem}`);
      return;
    }
    expect.fail(`none of ${mostSeeds} seeds found it`);
  });
});
