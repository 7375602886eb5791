import { beforeAll, describe, expect, inject, it } from 'vitest';
import { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import { mutants } from './mutants.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenario.ts';

/** The first seed that finds each, as mutants-at-length.test.ts prints it: run that anew after a change of scenarios. */
const foundBy: Readonly<Record<string, number>> = {
  'the clean-up takes an error for success': 13,
  'the clean-up does not wait until the channel is gone': 1,
  'the channel gets the tag of another run': 1,
  'the channel is opened again after the stop': 2,
  'a channel is made twice when the first answer is lost': 1,
  'the stop does not wait until the encoder is out': 2,
  'the stop forgets the last session': 2,
  'a look that fails is taken for an absent encoder': 134,
  'a reset stops the channel for good': 15,
  'the output is called made, and is not': 2,
  'the channel is called open before it is': 21,
  'the clean-up gives up after three attempts': 1,
  'the stop is called done although the vendor refused it': 10,
  'the report says released before the clean-up is done': 1,
  'a cancellation of a live show is ignored': 38,
  'a loss that lasts to the end is not reported': 3,
  'the clean-up is not shielded from cancellation': 4,
  'a stop is not heeded during the show': 107,
  'what viewers got before a freeze is forgotten': 11,
  'a run does not release its budget': 14,
  'a cache gives viewers what it has for a minute': 8,
  'a playlist is called new at every look': 11,
  'a playlist that was gone is called new when it is there again': 302,
  'a viewer asks at an address where nothing ever is': 8,
  'an attempt that comes before its instant sets the clock': 2,
};

let whole: WorkflowSandbox;
/** What the oracle says of each seed with nothing broken. */
const unbroken = new Map<number, Promise<string[]>>();
beforeAll(async () => {
  whole = await WorkflowSandbox.open(inject('workflowCode'));
});

describe('the oracle of the random shows', () => {
  it.each(Object.entries(mutants))('finds that %s', async (name, mutant) => {
    const code = inject('workflowCode');
    const broken = mutant.code?.(code);
    expect(broken, 'the mistake could not be put into the bundle').not.toBe(code);
    const sandbox = broken === undefined ? whole : await WorkflowSandbox.open(broken);
    const seed = foundBy[name] ?? 1;
    if (!unbroken.has(seed)) unbroken.set(seed, play(scenarioOf(seed), { sandbox: whole }).then(problemsOf));
    await expect(unbroken.get(seed), 'with nothing broken').resolves.toEqual([]);
    expect(problemsOf(await play(scenarioOf(seed), { sandbox, mutant }))).not.toEqual([]);
  });
});
