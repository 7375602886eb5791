import { describe, expect, it } from 'vitest';
import type { Channel, ChannelRef, Output } from '../../domain/channel.ts';
import { VendorError, type VendorErrorKind } from '../../domain/errors.ts';
import type { FaultKind } from '../../simulators/kit/types.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach, refusalOf } from './reach.ts';
import { eventFor, opened } from './show.ts';

const everyCall = 1_000_000;
const noAnswers: readonly (readonly [FaultKind, VendorErrorKind])[] = [
  ['unavailable', 'unavailable'],
  ['throttle', 'throttled'],
  ['unauthorized', 'unauthorized'],
  ['reset', 'unavailable'],
];
const kindOf = (error: unknown): string => (error instanceof VendorError ? error.kind : String(error));

interface Scene {
  driver: VendorDriver;
  channel: Channel;
  output: Output;
}

/** What must not be believed done, or gone, while the vendor answers nothing of use. */
const steps: Record<string, (scene: Scene) => Promise<unknown>> = {
  start: ({ driver, channel }) => driver.start(channel),
  createOutput: ({ driver, channel }) => driver.createOutput(channel),
  observe: ({ driver, channel }) => driver.observe(channel),
  listLive: ({ driver, channel }) => driver.listLive?.() ?? driver.observe(channel),
  reset: ({ driver, channel }) => driver.reset(channel),
  stop: ({ driver, channel, output }) => driver.stop(channel, output),
  publishVod: ({ driver, channel, output }) => driver.publishVod(channel, output, [{ from: 0, to: Date.now() }]),
  cleanUp: ({ driver, channel }) => driver.cleanUp(channel.ref),
  ingest: ({ driver, channel }) => driver.ingest(channel),
  owned: ({ driver }) => driver.owned(),
};

/** Of a harness where the channel never was: as it was in another one, with the vendor's own id, of a run without places. */
async function neverThere(harness: ContractHarness): Promise<Scene> {
  const elsewhere = await withHarness(harness.manifest, {}, (other) =>
    opened(other.driver, eventFor(other, 'elsewhere')),
  );
  const { place: _, ...ref } = elsewhere.channel.ref;
  return { driver: harness.driver, channel: { ...elsewhere.channel, ref }, output: elsewhere.output };
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('finds what never was stopped and cleaned up', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, channel, output } = await neverThere(harness);
      const { id: _, ...withoutId }: ChannelRef = channel.ref;
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await reach(() => driver.cleanUp(withoutId), 'after-show');
      await reach(() => driver.cleanUp(driver.refOf(eventFor(harness, 'never'))), 'after-show');
      expect((await driver.owned()).items).toEqual([]);
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('finds what is gone stopped and cleaned up again', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'gone'));
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('does not open a channel that is gone, and makes none', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel } = await opened(driver, eventFor(harness, 'vanished'));
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      const made = harness.sim.made();
      expect((await refusalOf(() => driver.start(channel))).kind).toBe('not-found');
      expect(harness.sim.made()).toEqual(made);
    }));

  it.concurrent('takes no refusal and no lost answer for absence or for success', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, sim, kit } = harness;
      const event = eventFor(harness, 'unanswered');
      const scene = { driver, ...(await opened(driver, event)) };
      const there = harness.ofEvents();
      const made = sim.made();
      for (const [fault, expected] of noAnswers) {
        for (const [name, step] of [...Object.entries(steps), ['allocate', () => driver.allocate(event)] as const]) {
          kit.log.clear();
          kit.faults.add(manifest.name, { operation: '*', kind: fault, times: everyCall });
          const outcome = await step(scene).then(() => 'success', kindOf);
          kit.faults.clear();
          // What needs no answer of the vendor cannot misread one: some push URLs are signed here.
          if (harness.operations().length > 0) expect({ fault, [name]: outcome }).toEqual({ fault, [name]: expected });
        }
        expect({ fault, left: harness.ofEvents(), made: sim.made() }).toEqual({ fault, left: there, made });
      }
    }));

  it.concurrent('never calls a channel cleaned up that is still there, whichever call goes unanswered', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, kit } = harness;
      await reach(() => driver.cleanUp(driver.refOf(eventFor(harness, 'probe'))), 'after-show');
      const lies: string[] = [];
      for (const operation of await callsOfCleanUp(harness)) {
        const { channel } = await opened(driver, eventFor(harness, `kept-${operation}`.slice(0, 60)));
        kit.faults.add(manifest.name, { operation, kind: 'unavailable', times: everyCall });
        const outcome = await driver.cleanUp(channel.ref).catch(() => ({ done: false }));
        kit.faults.clear();
        const left = (await driver.owned()).items.filter(({ name }) => name === channel.ref.name);
        if (outcome.done && left.length > 0) lies.push(operation);
        await reach(() => driver.cleanUp(channel.ref), 'after-show');
      }
      expect(lies).toEqual([]);
    }));
});

async function callsOfCleanUp(harness: ContractHarness): Promise<Set<string>> {
  const { channel } = await opened(harness.driver, eventFor(harness, 'measured'));
  harness.kit.log.clear();
  await reach(() => harness.driver.cleanUp(channel.ref), 'after-show');
  return new Set(harness.operations());
}
