import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSessions } from '../../domain/windows.ts';
import { vendors } from '../../vendors/registry.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { eventFor, live, opened, push } from './show.ts';

const minute = 60_000;
const realDate = globalThis.Date;
/** How far the machine's clock is off for what runs in this context: the driver's, not the simulator's. */
const skew = new AsyncLocalStorage<number>();

beforeAll(() => {
  const now = () => realDate.now() + (skew.getStore() ?? 0);
  globalThis.Date = new Proxy(realDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
});
afterAll(() => {
  // A store that was used makes every promise of the tests after it slower.
  skew.disable();
  globalThis.Date = realDate;
});

const runsClock = { now: () => realDate.now() };

/** A show that is stopped and published at once by a worker whose clock is off; the run's time is right. */
async function published(harness: ContractHarness, skewMs: number) {
  const { driver: right } = harness;
  const wrong = await harness.anotherDriver();
  const { channel, output } = await opened(right, eventFor(harness, 'clock'));
  const openedAt = realDate.now();
  const encoder = await push(right, channel);
  const seen = [await live(right, channel, 3_000)];
  return skew.run(skewMs, async () => {
    const evidence = await reach(() => wrong.stop(channel, output), 'after-show');
    await encoder.done;
    const stoppedAt = realDate.now();
    const windows = withSessions(seen, evidence.sessions, { from: openedAt, to: stoppedAt });
    const assets = await reach(() => wrong.publishVod(channel, output, windows), 'recording');
    const tookMs = realDate.now() - stoppedAt;
    await reach(() => wrong.cleanUp(channel.ref), 'after-show');
    return { sessions: evidence.sessions.length, assets: assets.length, tookMs };
  });
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent.each([-20 * minute, 20 * minute])(
    'by a worker whose clock is %i ms off, the show is stopped and published as by another',
    (skewMs) =>
      withHarness(manifest, runsClock, async (harness) => {
        const atTheRightTime = await withHarness(manifest, runsClock, (other) => published(other, 0));
        const { sessions, assets, tookMs } = await published(harness, skewMs);
        expect({ sessions, assets }).toEqual({ sessions: atTheRightTime.sessions, assets: atTheRightTime.assets });
        // A wait by the wrong clock would last for as long as that is off.
        expect(tookMs).toBeLessThan(10 * minute);
      }),
  );
});
