import { describe, expect, it } from 'vitest';
import type { ChannelRef } from '../../domain/channel.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { inTurns } from './faults.ts';
import { reach, refusalOf } from './reach.ts';
import { allocateAsManyAsAllowed, eventFor, firstEndpoint, listed, opened, push, untilEncoder } from './show.ts';

/** More than the page of any vendor that lets us choose one. */
const many = 105;

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('never takes over a channel of another workflow', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      await opened(driver, eventFor(harness, 'ours'));
      const there = harness.ofEvents();
      const intruder = eventFor(harness, 'ours', { workflowId: workflowIdOf('theirs') });
      const { facts } = await refusalOf(() => driver.allocate(intruder));
      expect(facts).toMatchObject({ kind: 'conflict', advice: expect.stringMatching(/\w+/) });
      expect(harness.ofEvents()).toEqual(there);
    }));

  it.concurrent('never stops, resets or cleans up the channel of another workflow', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'ours'));
      const encoder = await push(driver, channel);
      await untilEncoder(driver, channel, 'connected');
      const there = harness.ofEvents();
      const theirs = { ...channel, ref: { ...channel.ref, workflowId: workflowIdOf('theirs') } };
      const { id: _, ...withoutId } = theirs.ref;

      await driver.cleanUp(theirs.ref).catch(refused);
      await driver.cleanUp(withoutId).catch(refused);
      await driver.stop(theirs, output).catch(refused);
      await driver.reset(theirs).catch(refused);

      expect(harness.ofEvents()).toEqual(there);
      expect((await untilEncoder(driver, channel, 'connected')).encoder).toBe('connected');
      await firstEndpoint(driver, channel);
      await encoder.stop();
    }));

  it.concurrent('lists every channel of ours with its workflow, over all pages, and after clean-up none', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const eventIds = Array.from({ length: many }, (_, i) => `listed-${i}`);
      const refs = await allocateAsManyAsAllowed(harness, eventIds);
      const { items } = await listed(driver);
      const ownersOf = (all: readonly ChannelRef[]) => all.map(({ workflowId }) => workflowId).sort();
      expect(ownersOf(items)).toEqual(ownersOf(refs));
      expect(items.every((ref) => ref.vendor === manifest.name && ref.account === harness.account.name)).toBe(true);

      await inTurns(items, 8, (ref) => reach(() => driver.cleanUp(ref), 'after-show'));
      expect((await listed(driver)).items).toEqual([]);
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));
});

/** A refusal is as good as doing nothing, but it must say that the channel is not ours. */
function refused(error: unknown): void {
  expect(error).toMatchObject({ facts: { kind: 'conflict' } });
}
