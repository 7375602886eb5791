import { afterEach, expect, it } from 'vitest';
import { interceptors } from '../../../workflows/shared-stacks.ts';

type Conclude = NonNullable<NonNullable<ReturnType<typeof interceptors>['internals']>[number]['concludeActivation']>;

const stackOf = (formatted: string) => ({
  formatted,
  structured: [{ function_name: formatted, internal_code: false }],
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, '__TEMPORAL_ACTIVATOR__');
});

/** The stacks of a run that waits in these places, after an activation that gives these commands. */
function afterOneActivation(places: readonly string[], commands: Parameters<Conclude>[0]['commands'] = []) {
  const promiseToStack = new Map(places.map((place) => [Promise.resolve(), stackOf(place)]));
  Object.assign(globalThis, { __TEMPORAL_ACTIVATOR__: { promiseStackStore: { promiseToStack } } });
  const concluded = interceptors().internals?.[0]?.concludeActivation?.({ commands }, (input) => input);
  return { concluded, stacks: [...promiseToStack.values()] };
}

it('two runs that wait in the same place share its stack, and those of other places stay their own', () => {
  const one = afterOneActivation(['at waitForTime', 'at stopped']).stacks;
  const other = afterOneActivation(['at waitForTime', 'at moved']).stacks;
  expect(other).toEqual([stackOf('at waitForTime'), stackOf('at moved')]);
  expect(other[0]).toBe(one[0]);
});

it('changes nothing in the commands of an activation', () => {
  const commands: Parameters<Conclude>[0]['commands'] = [{ startTimer: { seq: 1 } }];
  expect(afterOneActivation(['at waitForTime'], commands).concluded).toEqual({ commands });
});
