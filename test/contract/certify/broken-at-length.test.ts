import { describe, expect, it } from 'vitest';
import { certify } from '../../../certify/certify.ts';
import { createKit } from '../../../simulators/kit/kit.ts';
import { vendorNamed } from '../../../vendors/registry.ts';
import { brokenVendors } from './broken-vendors.ts';
import { found, withCertifiable } from './certify-harness.ts';

/** What never comes is waited for so long; a step of these simulators takes less than a second. */
const neverMs = 12_000;

describe.concurrent('the report names the promise that is broken', () => {
  it.concurrent.each(brokenVendors)('$vendor: $what', async ({ vendor, breaks, never = [], replace }) => {
    const manifest = vendorNamed(vendor);
    if (!manifest) throw new Error(`there is no vendor ${vendor}`);
    const kit = createKit({ replace: replace() });
    const certified = await withCertifiable(
      manifest,
      ({ input }) =>
        certify({
          ...input,
          limits: { ...input.limits, ...Object.fromEntries(never.map((limit) => [limit, neverMs])) },
        }),
      kit,
    );
    const contradicted = found(certified, 'contradicted');
    expect(contradicted.map((text) => text.split(':')[0])).toEqual(breaks);
    expect(certified.certification.outcome).toBe('contradicted');
  });
});
