import { expect, it, onTestFinished, vi } from 'vitest';
import { startStack } from '../../../cli/stack.ts';
import { vendors } from '../../../vendors/registry.ts';

it('a stack for named vendors, as of a rehearsal, has the simulators of these alone, and loads no SDK of others', async () => {
  const loads = vendors.map((manifest) => vi.spyOn(manifest, 'load'));
  onTestFinished(() => {
    for (const load of loads) load.mockRestore();
  });
  const stack = await startStack({ vendors: ['alibaba-oss'], ui: false });
  onTestFinished(() => stack.stop());
  expect(stack.simulators.running.map(({ vendor }) => vendor)).toEqual(['alibaba-oss']);
  const loaded = vendors.filter((_, i) => loads[i]?.mock.calls.length !== 0);
  expect(loaded.map(({ name }) => name)).toEqual(['alibaba-oss']);
});
