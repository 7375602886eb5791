import { describe, expect, it } from 'vitest';
import { workflowIdOf } from '../../domain/ids.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { endpointsOf, eventFor, firstEndpoint, knock, opened, push, untilEncoder } from './show.ts';

/** Signed addresses differ in their time. */
const unsigned = (url: string): string | undefined => url.split('?')[0];

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('a run that joins a show under way leaves the encoder connected, and the key as it is', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const event = eventFor(harness, 'joined');
      const { channel } = await opened(driver, event);
      const { url } = await firstEndpoint(driver, channel);
      let isDropped = false;
      const encoder = await push(driver, channel);
      void encoder.done.then(() => {
        isDropped = true;
      });
      const before = await untilEncoder(driver, channel, 'connected');

      const again = await opened(driver, { ...event, joins: true });
      const after = await untilEncoder(driver, again.channel, 'connected');
      expect(isDropped).toBe(false);
      expect(after.session).toBe(before.session);
      const { url: now } = await firstEndpoint(driver, again.channel);
      expect(unsigned(now)).toBe(unsigned(url));
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      expect(await encoder.done).toMatchObject({ reason: 'closed' });
    }));

  it.concurrent('the publish URL of a run that is over lets no encoder into a later run of the event', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const workflowId = workflowIdOf('reused');
      const runOf = (run: string) =>
        eventFor(harness, 'reused', { workflowId, made: driver.refOf({ eventId: 'reused', workflowId, run }) });
      const yesterday = await opened(driver, runOf('yesterday'));
      const stale = await endpointsOf(driver, yesterday.channel);
      await reach(() => driver.cleanUp(yesterday.channel.ref), 'after-show');

      const today = await opened(driver, runOf('today'));
      const fresh = await firstEndpoint(driver, today.channel);
      for (const { url } of stale) {
        expect(unsigned(url)).not.toBe(unsigned(fresh.url));
        await knock(url);
        const seen = await driver.observe(today.channel);
        expect(seen?.encoder).toBe('absent');
      }
      const encoder = await push(driver, today.channel);
      await untilEncoder(driver, today.channel, 'connected');
      await reach(() => driver.cleanUp(today.channel.ref), 'after-show');
      await encoder.done;
    }));
});
