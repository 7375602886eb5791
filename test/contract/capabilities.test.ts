import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../domain/capabilities.ts';
import { vendors } from '../../vendors/registry.ts';
import { promises, untested } from './capabilities.ts';
import { withHarness } from './contract-harness.ts';

const names = Object.keys(promises) as (keyof Capabilities)[];

describe.concurrent.each(vendors)('$name', (manifest) => {
  const declared = names.filter((name) => manifest.capabilities[name]);
  const missing = names.filter((name) => !manifest.capabilities[name] && promises[name].otherwise);

  if (declared.length > 0) {
    it.concurrent.for(declared)('keeps what it declares: %s', async (name) => {
      await withHarness(manifest, {}, promises[name].declared);
    });
  }
  if (missing.length > 0) {
    it.concurrent.for(missing)('behaves as it declares, without %s', async (name) => {
      await withHarness(manifest, {}, promises[name].otherwise ?? promises[name].declared);
    });
  }
  it.concurrent('declares nothing that no contract test uses', () => {
    expect(untested(manifest.capabilities, promises)).toEqual([]);
  });
});

it('names a capability that no contract test uses', () => {
  expect(untested({ standby: true, teleport: false }, promises)).toEqual(['teleport']);
});
