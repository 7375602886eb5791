import { describe, expect, it } from 'vitest';
import type { ChannelRef } from '../../domain/channel.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { inTurns } from './faults.ts';
import { reach } from './reach.ts';
import { allocateAsManyAsAllowed, listed } from './show.ts';

/** So many channels of ours, or as many as the vendor allows. */
export function allAreListed(count: number): void {
  describe.concurrent.each(vendors)('$name', (manifest) => {
    it.concurrent('lists every channel of ours with its workflow, and after clean-up none', () =>
      withHarness(manifest, {}, async (harness) => {
        const { driver } = harness;
        const eventIds = Array.from({ length: count }, (_, i) => `listed-${i}`);
        const refs = await allocateAsManyAsAllowed(harness, eventIds);
        const { items } = await listed(harness);
        const ownersOf = (all: readonly ChannelRef[]) => all.map(({ workflowId }) => workflowId).sort();
        expect(ownersOf(items)).toEqual(ownersOf(refs));
        expect(items.every((ref) => ref.vendor === manifest.name && ref.account === harness.account.name)).toBe(true);

        await inTurns(items, 8, (ref) => reach(() => driver.cleanUp(ref), 'after-show'));
        expect((await listed(harness)).items).toEqual([]);
        expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
      }));
  });
}
