import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { VendorError } from '../../domain/errors.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import type { RunningSimulator } from '../../simulators/kit/types.ts';
import { simulators } from '../../simulators/registry.ts';
import { vendors } from '../../vendors/registry.ts';
import { accountsFrom, driverContext } from '../support/accounts.ts';
import { reach } from './reach.ts';
import { eventFor, opened } from './show.ts';

const minute = 60_000;
const realDate = globalThis.Date;
/** How far the clock is off for what runs in this context: the driver's, not the simulator's. */
const skew = new AsyncLocalStorage<number>();

function skewDates(): void {
  const now = () => realDate.now() + (skew.getStore() ?? 0);
  globalThis.Date = new Proxy(realDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}

let sim: RunningSimulator | undefined;
afterEach(async () => {
  globalThis.Date = realDate;
  await sim?.close();
});

describe.each(vendors.map((manifest) => [manifest.name, manifest] as const))('%s', (name, manifest) => {
  it.each([-20 * minute, 20 * minute])(
    'with a clock %i ms off: a refusal says whose clock is wrong',
    async (skewMs) => {
      sim = await simulators.find(({ vendor }) => vendor === name)?.start(createKit(), { slowness: 0.01 });
      if (!sim) throw new Error(`no simulator of ${name}`);
      const account = accountsFrom(sim.env, [manifest]).get(name, 'default');
      if (!account) throw new Error(`no account of ${name}`);
      const seen: (number | undefined)[] = [];
      const hooks = {
        clockAheadMs: () => skewMs,
        settled: ({ clockAheadMs }: { clockAheadMs?: number }) => seen.push(clockAheadMs),
      };
      const driver = (await manifest.load()).createDriver(account, { ...driverContext, hooks });
      skewDates();
      const event = eventFor({ manifest }, 'skewed', { account: 'default', workflowId: 'live-event/skewed' });
      const refusal = await skew.run(skewMs, () =>
        driver.allocate(event).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      // Azure looks at no date of ours.
      if (name === 'azure-media-services') expect(refusal).toBeUndefined();
      else {
        expect(refusal).toBeInstanceOf(VendorError);
        const { kind, message } = refusal as VendorError;
        expect(kind).toBe('clock-skew');
        // To the second of the answer's date, and of when it was read.
        const by = `(19m5\\d+s|20m(\\d+s)?) ${skewMs > 0 ? 'ahead of' : 'behind'}`;
        const words = `this machine's clock is ${by} that of ${name}, and wrong by Temporal's clock too`;
        expect(message).toMatch(new RegExp(words));
      }
      expect(seen.some((ms) => ms !== undefined && Math.abs(ms - skewMs) < 5000)).toBe(true);
    },
  );

  // As far as the vendor takes the dates of the calls.
  it.each([3 * minute, ...(name === 'volcengine-live' ? [400_000] : [])])(
    'with a clock %i ms ahead: allocates, stops and cleans up, with no instant too far away',
    async (aheadMs) => {
      sim = await simulators.find(({ vendor }) => vendor === name)?.start(createKit(), { slowness: 0.01 });
      const account = sim && accountsFrom(sim.env, [manifest]).get(name, 'default');
      if (!sim || !account) throw new Error(`no account of ${name}`);
      const driver = (await manifest.load()).createDriver(account, driverContext);
      skewDates();
      await skew.run(aheadMs, async () => {
        const { channel, output } = await opened(driver, eventFor({ manifest }, 'ahead'));
        await reach(() => driver.stop(channel, output), 'after-show');
        await reach(() => driver.cleanUp(channel.ref), 'after-show');
      });
      expect(sim.resources().filter(({ kind, billed }) => billed && kind !== 'streamingEndpoint')).toEqual([]);
    },
  );
});
