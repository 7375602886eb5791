import { describe, expect, it } from 'vitest';
import { openHarness, seen } from '../../../support/azure-media-services-harness.ts';
import { finish } from '../../../support/until.ts';
import { billed, encoderOf, onAir, pushTo } from './azure-driver-harness.ts';

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
    expect(await encoderOf(driver, channel)).toBe('absent');
    const encoder = await pushTo(driver, channel);
    await seen(
      () => encoderOf(driver, channel),
      (state) => state === 'connected',
    );
    await encoder.stop();
    await seen(
      () => encoderOf(driver, channel),
      (state) => state === 'absent',
    );
    expect((await finish(() => driver.stop(channel))).sessions).toEqual([]);
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
