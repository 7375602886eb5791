import { describe, expect, it } from 'vitest';
import { simulators } from '../../../simulators/registry.ts';
import { startSimulators } from '../../../simulators/start.ts';
import { closing } from './kit/kit-harness.ts';

describe('all simulators of the registry', () => {
  it('start together, each in an environment of its own, and are empty', async () => {
    const all = closing(await startSimulators({ slowness: 0 }));
    expect(all.running.map((one) => one.vendor)).toEqual(simulators.map((module) => module.vendor));
    const variables = all.running.flatMap((one) => Object.keys(one.env));
    expect(new Set(variables).size).toBe(variables.length);
    expect(Object.keys(all.env)).toHaveLength(variables.length);
    expect(all.running.flatMap((one) => one.resources()).filter((resource) => resource.billed)).toEqual([]);
  });
});
