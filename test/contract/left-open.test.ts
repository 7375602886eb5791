import { describe, expect, it } from 'vitest';
import { workflowIdOf } from '../../domain/ids.ts';
import { vendors } from '../../vendors/registry.ts';
import { runWith } from '../../vendors/under-way.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { endpointsOf, eventFor, firstEndpoint, knock, opened, push, untilEncoder } from './show.ts';

const workflowId = workflowIdOf('left');

/** The allocation of one run; `named` is the run whose name it has, where it keeps that of an earlier one. */
const runOf = (harness: ContractHarness, run: string, named = run) =>
  eventFor(harness, 'left', {
    workflowId,
    run,
    made: harness.driver.refOf({ eventId: 'left', workflowId, run: named }),
  });

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('an allocation that comes late leaves open what its own run has opened', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const event = runOf(harness, 'today');
      const { channel, output } = await opened(driver, event);
      let isDropped = false;
      const encoder = await push(driver, channel);
      void encoder.done.then(() => {
        isDropped = true;
      });
      const before = await untilEncoder(driver, channel, 'connected');
      const { url } = await firstEndpoint(driver, channel);

      const late = await harness.anotherDriver();
      const again = await reach(() => late.allocate(event));
      const after = await untilEncoder(driver, again, 'connected');
      expect({ isDropped, session: after.session }).toEqual({ isDropped: false, session: before.session });
      expect((await firstEndpoint(driver, again)).url.split('?')[0]).toBe(url.split('?')[0]);
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
    }));

  it.concurrent('what an earlier run left open is closed, and not billed, when the allocation is done', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const earlier = await opened(driver, runOf(harness, 'yesterday'));
      const encoder = await push(driver, earlier.channel);
      await untilEncoder(driver, earlier.channel, 'connected');
      const stale = await endpointsOf(driver, earlier.channel);

      const channel = await reach(() => driver.allocate(runOf(harness, 'today', 'yesterday')));
      expect(await encoder.done).toMatchObject({ reason: 'closed' });
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
      for (const { url } of stale) await knock(url);
      expect((await driver.observe(channel)).encoder).toBe('absent');

      await reach(() => driver.start(channel));
      const output = await reach(() => driver.createOutput(channel));
      const again = await push(driver, channel);
      await untilEncoder(driver, channel, 'connected');
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await again.done;
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));

  it.concurrent('an attempt that Temporal has given up changes nothing', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      // A name that is kept says nothing of the run: only Temporal knows that the attempt is late.
      const event = runOf(harness, 'today', 'yesterday');
      const { channel, output } = await opened(driver, event);
      const encoder = await push(driver, channel);
      const { session } = await untilEncoder(driver, channel, 'connected');
      const refused = new Error('given up');
      const givenUp = { count: 0, mayChange: () => Promise.reject(refused) };
      const late = await harness.anotherDriver();
      const steps = [
        () => late.allocate({ ...event, run: 'tomorrow' }),
        () => late.reset(channel, output),
        () => late.stop(channel, output),
        () => late.cleanUp(channel.ref),
      ];
      for (const step of steps) {
        await expect(runWith({ counter: givenUp }, step as () => Promise<unknown>)).rejects.toBe(refused);
      }
      expect((await untilEncoder(driver, channel, 'connected')).session).toBe(session);
      await reach(() => driver.stop(channel, output), 'after-show');
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await encoder.done;
    }));
});
