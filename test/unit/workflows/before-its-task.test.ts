import { expect, it } from 'vitest';
import { asOfLastTask } from '../../../domain/as-of-last-task.ts';
import { interceptors } from '../../../workflows/before-its-task.ts';

type Input = Parameters<NonNullable<NonNullable<ReturnType<typeof interceptors>['internals']>[number]['activate']>>[0];

const task = (seconds: number, historyLength: number, historySizeBytes: number, jobs: object[] = [{ fireTimer: {} }]) =>
  ({
    activation: { timestamp: { seconds, nanos: 0 }, historyLength, historySizeBytes, jobs },
    batchIndex: 0,
  }) as unknown as Input;

/** Which of these activations a run is given. */
function given(activations: readonly Input[]): Input[] {
  const activate = interceptors().internals?.[0]?.activate;
  const passed: Input[] = [];
  for (const activation of activations) activate?.(activation, (input) => void passed.push(input));
  return passed;
}

const first = task(10, 3, 500);

it.each([
  ['each task', [first, task(12, 9, 900)]],
  ['what a local attempt gives within a task', [first, task(10, 3, 500, [{ resolveActivity: { isLocal: true } }])]],
  ['a task in the same instant', [first, task(10, 9, 900)]],
  ['tasks of a server that gives no sizes', [task(10, 3, 0), task(12, 9, 0)]],
  ['a query', [first, task(10, 3, 500, [{ queryWorkflow: {} }])]],
])('a run is given %s', (_, activations) => {
  expect(given(activations)).toEqual(activations);
});

const late = task(10, 8, 500);
const query = (...words: string[]) =>
  task(10, 8, 500, [
    { queryWorkflow: { arguments: words.map((word) => ({ data: Buffer.from(JSON.stringify(word)) })) } },
  ]);

it('a run is not given what happened before the task that brings it has begun, and refuses the query for which it was read', () => {
  expect(given([first, late])).toEqual([first]);
  expect(() => given([first, late, query()])).toThrow('was read again');
});

it('a run from which something was kept gets no task: it is read anew', () => {
  expect(() => given([first, late, task(12, 9, 900)])).toThrow('was read again');
});

it('a query of a run that is over may ask for what its last task left', () => {
  expect(given([first, late, query(asOfLastTask)])).toEqual([first, query(asOfLastTask)]);
  expect(() => given([first, late, query('status')])).toThrow('was read again');
});

it('each run is looked at by itself', () => {
  expect(given([first])).toHaveLength(1);
  expect(given([task(10, 8, 500)])).toHaveLength(1);
});
