import { describe, expect, it } from 'vitest';
import { withWrongKey } from '../../certify/secrets.ts';
import { vendors } from '../../vendors/registry.ts';
import { persistentEncoder } from '../support/persistent-encoder.ts';
import { until } from '../support/until.ts';
import { withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { endpointsOf, eventFor, firstEndpoint, knock, opened, push, untilEncoder } from './show.ts';

/** How often and for how long an encoder connects to an ingest that must stay blocked. */
const knocks = 5;
const betweenKnocksMs = 250;

async function stayShut(url: string): Promise<void> {
  const begunAt = Date.now();
  for (let i = 1; i <= knocks; i += 1) {
    expect(await knock(url)).toMatch(/^refused/);
    await until(() => Date.now() - begunAt >= i * betweenKnocksMs);
  }
}

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('keeps encoders out before start', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const channel = await reach(() => driver.allocate(eventFor(harness, 'early')));
      for (const { url } of await endpointsOf(driver, channel)) expect(await knock(url)).toMatch(/^refused/);
      expect(harness.kit.log.entries().length).toBeGreaterThan(0);
    }));

  it.concurrent('lets the key in after start and no other', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel } = await opened(driver, eventFor(harness, 'keyed'));
      const endpoint = await firstEndpoint(driver, channel);
      expect(await knock(withWrongKey(endpoint.url, harness.account))).toMatch(/^refused/);
      expect(await knock(endpoint.url)).toBe('let in');
    }));

  it.concurrent('gives the parts of the push URL as encoders with two fields want them', () =>
    withHarness(manifest, {}, async (harness) => {
      const { channel } = await opened(harness.driver, eventFor(harness, 'parts'));
      const { url, server, streamKey, protocol } = await firstEndpoint(harness.driver, channel);
      expect(url.startsWith(`${protocol}://`)).toBe(true);
      expect(`${server.replace(/\/$/, '')}/${streamKey}`).toBe(url);
    }));

  it.concurrent('drops the encoder at reset and lets it come back', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel } = await opened(driver, eventFor(harness, 'reset'));
      const first = await push(driver, channel);
      const before = await untilEncoder(driver, channel, 'connected');
      await reach(() => driver.reset(channel), 'watching');
      expect(await first.done).toMatchObject({ reason: 'closed' });
      await push(driver, channel);
      const after = await untilEncoder(driver, channel, 'connected');
      if (before.session !== undefined) expect(after.since ?? 0).toBeGreaterThanOrEqual(before.since ?? 0);
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
    }));

  it.concurrent('opens the channel and records again where a reset was left half done', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'half-done'));
      const first = await push(driver, channel);
      await untilEncoder(driver, channel, 'connected');
      await driver.reset(channel, output);
      expect(await first.done).toMatchObject({ reason: 'closed' });
      const recording = (await reach(() => driver.reset(channel, output, async () => true), 'watching')) ?? output;
      const second = await push(driver, channel);
      await untilEncoder(driver, channel, 'connected');
      await reach(() => driver.reset(channel, output, async () => true), 'watching');
      await untilEncoder(driver, channel, 'connected');
      expect(await reach(() => driver.createOutput(channel))).toEqual(recording);
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await second.done;
    }));

  it.concurrent('opens a channel at reset that was closed meanwhile: an encoder is let in, and recorded', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'closed'));
      await reach(() => driver.stop(channel, output), 'after-show');
      const recording = (await reach(() => driver.reset(channel, output), 'watching')) ?? output;
      const encoder = await push(driver, channel);
      await untilEncoder(driver, channel, 'connected');
      expect(await reach(() => driver.createOutput(channel))).toEqual(recording);
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await encoder.done;
    }));

  it.concurrent('drops an encoder that reconnects at once a single time, and records it again', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'knocking'));
      const encoder = persistentEncoder((await firstEndpoint(driver, channel)).url);
      const letIn = () => encoder.knocks.filter((one) => one.letIn).length;
      try {
        await untilEncoder(driver, channel, 'connected');
        const recording = (await reach(() => driver.reset(channel, output), 'watching')) ?? output;
        await until(() => letIn() > 1);
        await untilEncoder(driver, channel, 'connected');
        expect(letIn()).toBe(2);
        await reach(() => driver.reset(channel, output, async () => true), 'watching');
        await untilEncoder(driver, channel, 'connected');
        expect(letIn()).toBe(2);
        expect(await reach(() => driver.createOutput(channel))).toEqual(recording);
      } finally {
        await encoder.stop();
      }
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
    }));

  it.concurrent('stops for good: drops the encoder and refuses it, then and later and after clean-up', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const { channel, output } = await opened(driver, eventFor(harness, 'stopped'));
      const { url } = await firstEndpoint(driver, channel);
      const encoder = await push(driver, channel);
      await untilEncoder(driver, channel, 'connected');
      await reach(() => driver.stop(channel, output), 'after-show');
      expect(await encoder.done).toMatchObject({ reason: 'closed' });
      await stayShut(url);
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await stayShut(url);
    }));

  it.concurrent('cleans up a channel that is sending, from its name alone', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver } = harness;
      const event = eventFor(harness, 'abandoned');
      const { channel } = await opened(driver, event);
      const { url } = await firstEndpoint(driver, channel);
      const encoder = await push(driver, channel);
      await reach(() => driver.cleanUp(driver.refOf(event)), 'after-show');
      expect(await encoder.done).toMatchObject({ reason: 'closed' });
      expect(await knock(url)).toMatch(/^refused/);
      expect(harness.added().filter(({ billed }) => billed)).toEqual([]);
    }));
});
