import { describe, expect, it } from 'vitest';
import type { Channel, ChannelRef, Output } from '../../domain/channel.ts';
import { VendorError, type VendorErrorKind } from '../../domain/errors.ts';
import type { FaultKind } from '../../simulators/kit/types.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { vendors } from '../../vendors/registry.ts';
import { onStage, type Stage } from './contract-harness.ts';
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
  observe: ({ driver, channel }) => driver.observe([channel]),
  'observe of two': ({ driver, channel }) => driver.observe([channel, channel]),
  reset: ({ driver, channel }) => driver.reset(channel),
  stop: ({ driver, channel, output }) => driver.stop(channel, output),
  publishVod: ({ driver, channel, output }) => driver.publishVod(channel, output, [{ from: 0, to: Date.now() }]),
  cleanUp: ({ driver, channel }) => driver.cleanUp(channel.ref),
  ingest: ({ driver, channel }) => driver.ingest(channel),
  owned: ({ driver }) => driver.owned(),
};

/** Of a stage where the channel never was: as it was on another one, with the vendor's own id. */
async function neverThere(stage: Stage): Promise<Scene> {
  const elsewhere = await onStage(stage.manifest, {}, (other) => opened(other.driver, eventFor(other, 'elsewhere')));
  return { driver: stage.driver, ...elsewhere };
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('finds what never was stopped and cleaned up', () =>
    onStage(manifest, {}, async (stage) => {
      const { driver, channel, output } = await neverThere(stage);
      const { id: _, ...withoutId }: ChannelRef = channel.ref;
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await reach(() => driver.cleanUp(withoutId), 'after-show');
      await reach(() => driver.cleanUp(driver.refOf(eventFor(stage, 'never'))), 'after-show');
      expect((await driver.owned()).items).toEqual([]);
      expect(stage.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('finds what is gone stopped and cleaned up again', () =>
    onStage(manifest, {}, async (stage) => {
      const { driver } = stage;
      const { channel, output } = await opened(driver, eventFor(stage, 'gone'));
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      expect(stage.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('does not open a channel that is gone, and makes none', () =>
    onStage(manifest, {}, async (stage) => {
      const { driver } = stage;
      const { channel } = await opened(driver, eventFor(stage, 'vanished'));
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      const made = stage.sim.made();
      expect((await refusalOf(() => driver.start(channel))).kind).toBe('not-found');
      expect(stage.sim.made()).toEqual(made);
    }));

  it.concurrent.for(noAnswers)('takes %s neither for absence nor for success', ([fault, expected]) =>
    onStage(manifest, {}, async (stage) => {
      const { driver, sim, kit } = stage;
      const event = eventFor(stage, 'unanswered');
      const scene = { driver, ...(await opened(driver, event)) };
      const there = sim.resources();
      const made = sim.made();
      kit.faults.add(manifest.name, { operation: '*', kind: fault, times: everyCall });
      for (const [name, step] of [...Object.entries(steps), ['allocate', () => driver.allocate(event)] as const]) {
        kit.log.clear();
        const outcome = await step(scene).then(() => 'success', kindOf);
        // What needs no answer of the vendor cannot misread one: some push URLs are signed here.
        if (stage.operations().length > 0) expect({ [name]: outcome }).toEqual({ [name]: expected });
      }
      kit.faults.clear();
      expect(sim.resources()).toEqual(there);
      expect(sim.made()).toEqual(made);
    }),
  );

  it.concurrent('never calls a channel cleaned up that is still there, whichever call goes unanswered', () =>
    onStage(manifest, {}, async (stage) => {
      const { driver, kit } = stage;
      await reach(() => driver.cleanUp(driver.refOf(eventFor(stage, 'probe'))), 'after-show');
      const lies: string[] = [];
      for (const operation of await callsOfCleanUp(stage)) {
        const { channel } = await opened(driver, eventFor(stage, `kept-${operation}`.slice(0, 60)));
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

async function callsOfCleanUp(stage: Stage): Promise<Set<string>> {
  const { channel } = await opened(stage.driver, eventFor(stage, 'measured'));
  stage.kit.log.clear();
  await reach(() => stage.driver.cleanUp(channel.ref), 'after-show');
  return new Set(stage.operations());
}
