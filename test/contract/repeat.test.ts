import { describe, expect, it } from 'vitest';
import type { SimResource } from '../../simulators/kit/types.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { eventFor, silentShow, wholeShow } from './show.ts';

const kindsOf = (resources: readonly SimResource[]): string[] => resources.map(({ kind }) => kind).sort();
const workers = 4;

/** Each method asked of both drivers at the same time, and once more after that. */
function doubled(one: VendorDriver, two: VendorDriver): VendorDriver {
  return new Proxy(one, {
    get(_, method: keyof VendorDriver & string) {
      if (method === 'refOf') return one.refOf;
      return async (...args: unknown[]) => {
        const ask = (driver: VendorDriver) => (driver[method] as (...args: unknown[]) => Promise<unknown>)(...args);
        const answers = await Promise.allSettled([ask(one), ask(two)]);
        const failed = answers.find((answer) => answer.status === 'rejected');
        if (failed) throw failed.reason;
        return ask(one);
      };
    },
  });
}

const twice = async (harness: ContractHarness): Promise<ContractHarness> => ({
  ...harness,
  driver: doubled(harness.driver, await harness.anotherDriver()),
});

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('has one channel, the same for all, however many allocate it at once', () =>
    withHarness(manifest, {}, async (harness) => {
      const alone = await withHarness(manifest, {}, async (other) => {
        await reach(() => other.driver.allocate(eventFor(other, 'one')));
        return kindsOf(other.added());
      });
      const event = eventFor(harness, 'one');
      const drivers = await Promise.all(Array.from({ length: workers }, () => harness.anotherDriver()));
      const channels = await Promise.all(drivers.map((driver) => reach(() => driver.allocate(event))));
      for (const channel of channels) expect(channel).toEqual(channels[0]);
      expect(await reach(() => harness.driver.allocate(event))).toEqual(channels[0]);
      // Not what was made: some vendors can neither keep a name unique nor create only what is not there.
      expect(kindsOf(harness.added())).toEqual(alone);
    }));

  it.concurrent('makes nothing more when every method is asked again', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, sim } = harness;
      const event = eventFor(harness, 'again');
      const again = async <T>(step: () => Promise<T>, same = true): Promise<T> => {
        const first = await step();
        const made = sim.made();
        const second = await step();
        expect(sim.made()).toEqual(made);
        if (same) expect(second).toEqual(first);
        return first;
      };
      const channel = await again(() => reach(() => driver.allocate(event)));
      await again(() => reach(() => driver.start(channel)));
      const output = await again(() => reach(() => driver.createOutput(channel)));
      await again(() => driver.ingest(channel), false);
      await again(() => driver.observe(channel));
      await again(() => reach(() => driver.reset(channel), 'watching'));
      await again(() => reach(() => driver.stop(channel, output), 'after-show'));
      await again(() => reach(() => driver.publishVod(channel, output, []), 'recording'));
      await again(() => reach(() => driver.cleanUp(channel.ref), 'after-show'));
      await again(() => driver.owned());
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('comes to the same end when every method is asked twice at once', () =>
    withHarness(manifest, {}, async (harness) => {
      const { assets } = await wholeShow(await twice(harness), eventFor(harness, 'twice'));
      expect(assets).not.toEqual([]);
      const left = await withHarness(manifest, {}, async (other) => {
        await wholeShow(other, eventFor(other, 'twice'));
        return kindsOf(other.added());
      });
      expect(kindsOf(harness.added())).toEqual(left);
      expect((await harness.driver.owned()).items).toEqual([]);
    }));

  it.concurrent('takes an event again after it was cleaned up', () =>
    withHarness(manifest, {}, async (harness) => {
      await silentShow(harness, eventFor(harness, 'encore'));
      await silentShow(harness, eventFor(harness, 'encore'));
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('sets up what an account shares once', () =>
    withHarness(manifest, {}, async ({ driver, sim }) => {
      if (!driver.setUp) return;
      expect((await driver.setUp()).length).toBeGreaterThan(0);
      const made = sim.made();
      await driver.setUp();
      expect(sim.made()).toEqual(made);
    }));
});
