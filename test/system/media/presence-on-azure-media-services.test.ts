import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../domain/channel.ts';
import type { Fault } from '../../../simulators/kit/types.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { type AzureHarness, openHarness, seen, vendor } from '../../support/azure-media-services-harness.ts';
import { finish } from '../../support/until.ts';
import {
  billed,
  encoderOf,
  onAir,
  pushTo,
  refusalOf,
} from '../../unit/vendors/azure-media-services/azure-driver-harness.ts';

/** Every answer to a call, from now on. */
const answers = (w: AzureHarness, operation: string, answer: Fault['answer']) =>
  w.kit.faults.add(vendor, {
    operation,
    kind: 'answer',
    times: 1_000,
    answer: { contentType: 'application/json', status: 200, ...answer },
  });

async function isSeenToComeAndGo(driver: VendorDriver, channel: Channel): Promise<void> {
  const becomes = (wanted: string) =>
    seen(
      () => encoderOf(driver, channel),
      (state) => state === wanted,
    );
  expect(await encoderOf(driver, channel)).toBe('absent');
  const encoder = await pushTo(driver, channel);
  await becomes('connected');
  await encoder.stop();
  await becomes('absent');
}

describe('other ways to know the encoder', () => {
  it('reads a status that is answered later', async () => {
    const w = await openHarness({}, { statusApi: 'later' });
    const channel = await onAir(w.driver(), 'async');
    await pushTo(w.driver(), channel);
    await seen(
      () => encoderOf(w.driver(), channel),
      (state) => state === 'connected',
    );
  });

  it('watches the preview move where the status is missing', async () => {
    const w = await openHarness({}, { statusApi: 'absent' });
    const driver = w.driver({ previewProbeMs: '1500' });
    const channel = await onAir(driver, 'preview');
    await isSeenToComeAndGo(driver, channel);
    expect((await finish(() => driver.stop(channel))).sessions).toEqual([]);
  });

  // https://github.com/Ravnur-Inc/ams-api-replacement-demo-app (LiveRunner.cs): what a successor answers of a running event.
  const withoutFacts = { value: [{ state: 'Running', healthDescriptions: [] }] };
  const withoutCount = { value: [{ state: 'Running', healthDescriptions: { isSourceOnline: false } }] };

  it.each([withoutFacts, withoutCount])('lets the preview decide where the status is %j', async (answer) => {
    const w = await openHarness({}, { flavour: 'ravnur' });
    const driver = w.driver({ authMode: 'ravnur', token: '', previewProbeMs: '1500' });
    const channel = await onAir(driver, 'no-facts');
    answers(w, 'LiveEvents_ListGetStatus', { status: 200, body: JSON.stringify(answer) });
    await isSeenToComeAndGo(driver, channel);
    w.kit.faults.clear(vendor);
    expect(await encoderOf(driver, channel)).toBe('absent');
  });

  it.each([
    ['refuses this address', { status: 403 }],
    ['is a page of a proxy', { status: 200, body: '<html>maintenance</html>' }],
    ['does not work', { status: 503 }],
  ])('does not take an encoder for absent where the status says nothing and the preview %s', async (_how, answer) => {
    const w = await openHarness({}, { flavour: 'ravnur' });
    const driver = w.driver({ authMode: 'ravnur', token: '' });
    const channel = await onAir(driver, 'unknown');
    await pushTo(driver, channel);
    await seen(
      () => encoderOf(driver, channel),
      (state) => state === 'connected',
    );
    answers(w, 'LiveEvents_ListGetStatus', { status: 200, body: JSON.stringify(withoutFacts) });
    answers(w, 'media:Playlist', answer);
    const error = await refusalOf(driver.observe(channel));
    expect(error.kind).toBe('unavailable');
  });

  it('speaks to Ravnur: API key, object status, outputs deleted by hand', async () => {
    const w = await openHarness({}, { flavour: 'ravnur' });
    const driver = w.driver({ authMode: 'ravnur', token: '' });
    const channel = await onAir(driver, 'rms');
    expect(await encoderOf(driver, channel)).toBe('absent');
    const [endpoint] = await driver.ingest(channel);
    expect(endpoint?.streamKey).toMatch(/^[0-9a-f]{32}$/);
    await pushTo(driver, channel);
    await seen(
      () => encoderOf(driver, channel),
      (state) => state === 'connected',
    );
    await finish(() => driver.stop(channel));
    await finish(() => driver.cleanUp(channel.ref));
    expect(billed(w)).toEqual([]);
    expect(w.kit.log.entries({ operation: 'Auth_Token' })).toHaveLength(1);
  });
});
