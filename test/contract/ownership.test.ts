import { describe, expect, it } from 'vitest';
import { workflowIdOf } from '../../domain/ids.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { refusalOf } from './reach.ts';
import { eventFor, firstEndpoint, opened, push, untilEncoder } from './show.ts';

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
});

/** A refusal is as good as doing nothing, but it must say that the channel is not ours. */
function refused(error: unknown): void {
  expect(error).toMatchObject({ facts: { kind: 'conflict' } });
}
