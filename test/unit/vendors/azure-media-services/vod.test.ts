import { describe, expect, it } from 'vitest';
import { openHarness, specOf, vendor } from '../../../support/azure-media-services-harness.ts';
import { finish } from '../../../support/until.ts';
import { onAir, pushTo, recorded, refusalOf } from './azure-driver-harness.ts';

describe('the recording', () => {
  it('is not published while the output still records', async () => {
    const w = await openHarness();
    const channel = await onAir(w.driver(), 'early');
    expect(await w.driver().publishVod(channel, { details: {} }, [])).toMatchObject({ done: false });
  });

  it('is an empty list when no encoder ever sent', async () => {
    const w = await openHarness();
    const channel = await onAir(w.driver(), 'empty');
    await finish(() => w.driver().stop(channel));
    expect(await finish(() => w.driver().publishVod(channel, { details: {} }, []))).toEqual([]);
    // Once, for its viewers, when the output was made.
    expect(w.kit.log.entries({ operation: 'StreamingEndpoints_Start' })).toHaveLength(1);
  });

  it('is waited for when an encoder sent but nothing is there, for a minute', async () => {
    const w = await openHarness();
    const channel = await onAir(w.driver(), 'late');
    await finish(() => w.driver().stop(channel));
    const publish = (to: number) => w.driver().publishVod(channel, { details: {} }, [{ from: to - 80, to }]);
    const waiting = { done: false, waitingFor: 'the first fragments to appear in the asset' };
    expect(await publish(Date.now())).toMatchObject(waiting);
    expect(await publish(Date.now() - 60_000)).toEqual({ done: true, value: [] });
  });

  it('does not start a stopped streaming endpoint when the plan forbids it', async () => {
    const w = await openHarness();
    const driver = w.driver();
    const spec = specOf('thrifty', { options: { keyFrameInterval: 'PT1S', startStreamingEndpoint: false } });
    const channel = await finish(() => driver.allocate(spec));
    await finish(() => driver.start(channel));
    await finish(() => driver.createOutput(channel));
    await pushTo(driver, channel);
    await recorded(w, 'sc-thrifty_1');
    await finish(() => driver.stop(channel));
    const error = await refusalOf(driver.publishVod(channel, { details: {} }, [{ from: 0, to: 1 }]));
    expect(error.facts.advice).toContain('start it');
    expect(w.simulator.resources()).toContainEqual(expect.objectContaining({ name: 'default', state: 'Stopped' }));
  });

  it('gives a missing file as a status, not as an error', async () => {
    const w = await openHarness();
    const { playbackBaseUrl } = w.simulator.client;
    expect((await w.driver().fetchVod(`${playbackBaseUrl}/nothing`)).status).toBe(404);
  });

  it.each(['LiveEvents_Create', 'LiveEvents_Start', 'LiveOutputs_Create'])(
    'is not waited for when %s is refused for good',
    async (operation) => {
      const w = await openHarness();
      const driver = w.driver();
      w.kit.faults.add(vendor, { operation, kind: 'quota' });
      const error = await refusalOf(onAir(driver, 'full'));
      expect(error.facts).toMatchObject({ kind: 'quota-exceeded', operation, code: 'QuotaExceeded', httpStatus: 403 });
    },
  );

  it('fails when its output cannot be made', async () => {
    const w = await openHarness();
    const spec = specOf('wide', { options: { archiveWindowLength: 'PT30H' } });
    const channel = await finish(() => w.driver().allocate(spec));
    expect((await refusalOf(w.driver().createOutput(channel))).kind).toBe('invalid-request');
  });
});
