import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { VendorError } from '../../domain/errors.ts';
import { createKit } from '../../simulators/kit/kit.ts';
import type { RunningSimulator, SimResponse } from '../../simulators/kit/types.ts';
import { simulators } from '../../simulators/registry.ts';
import { vendors } from '../../vendors/registry.ts';
import { accountsFrom, driverContext } from '../support/accounts.ts';
import { reach } from './reach.ts';
import { eventFor, opened } from './show.ts';

const minute = 60_000;
const realDate = globalThis.Date;
/** How far the clock is off for what runs in this context: the driver's, not the simulator's. */
const skew = new AsyncLocalStorage<number>();
// A store that was used makes every promise of the tests after it slower.
afterAll(() => skew.disable());

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
  const withClock = async (skewMs: number) => {
    const kit = createKit();
    sim = await simulators.find(({ vendor }) => vendor === name)?.start(kit, { slowness: 0.01 });
    const account = sim && accountsFrom(sim.env, [manifest]).get(name, 'default');
    if (!sim || !account) throw new Error(`no account of ${name}`);
    const seen: (number | undefined)[] = [];
    const hooks = {
      clockAheadMs: () => skewMs,
      settled: ({ clockAheadMs }: { clockAheadMs?: number }) => seen.push(clockAheadMs),
    };
    const driver = (await manifest.load()).createDriver(account, { ...driverContext, hooks });
    skewDates();
    return { kit, driver, seen };
  };
  const isThatFar = (skewMs: number) => (ms: number | undefined) => ms !== undefined && Math.abs(ms - skewMs) < 5000;

  it.each([-20 * minute, 20 * minute, 60 * minute])(
    'with a clock %i ms off: signs by the date of the answers after one refusal at most, also while the clock is set',
    async (skewMs) => {
      const { kit, driver, seen } = await withClock(skewMs);
      const { channel, output } = await skew.run(skewMs, () => opened(driver, eventFor({ manifest }, 'skewed')));
      expect(seen.some(isThatFar(skewMs))).toBe(true);
      const refused = () => kit.log.entries({ vendor: name }).filter(({ status }) => [400, 401, 403].includes(status));
      // Azure looks at no date of ours. Those who read recordings of IVS have a client of their own, for S3.
      expect(refused().length).toBeLessThanOrEqual(1);
      await reach(() => driver.stop(channel, output), 'after-show');
      await skew.run(-skewMs, () => reach(() => driver.cleanUp(channel.ref), 'after-show'));
      expect(refused().length).toBeLessThanOrEqual(1);
    },
  );

  it.each([-20 * minute, 20 * minute])(
    'with a clock %i ms off: a refusal that stays says whose clock is wrong',
    async (skewMs) => {
      const { kit, driver } = await withClock(skewMs);
      let first: SimResponse | undefined;
      kit.replace = async (_call, serve) => {
        first ??= await serve();
        return first;
      };
      const refusal = await skew.run(skewMs, () =>
        driver.allocate(eventFor({ manifest }, 'skewed')).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      // Azure looks at no date of ours.
      if (name === 'azure-media-services') return;
      expect(refusal).toBeInstanceOf(VendorError);
      const { kind, message } = refusal as VendorError;
      expect(kind).toBe('clock-skew');
      // To the second of the answer's date, and of when it was read.
      const by = `(19m5\\d+s|20m(\\d+s)?) ${skewMs > 0 ? 'ahead of' : 'behind'}`;
      const words = `this machine's clock is ${by} that of ${name}, and wrong by Temporal's clock too`;
      expect(message).toMatch(new RegExp(words));
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
