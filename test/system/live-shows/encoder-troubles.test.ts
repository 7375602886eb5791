import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProved, lengthMs, ShowHarness, vendorNames } from '../../support/show-harness.ts';

let harness: ShowHarness;
beforeAll(async () => {
  harness = await ShowHarness.open();
  await harness.work();
});
afterAll(() => harness.close());

describe.concurrent.each(vendorNames)('on %s', (vendor) => {
  it('an encoder that never comes fails the run after its wait, and the channel is gone', async () => {
    const show = await harness.show(vendor, { waits: { firstConnect: '2s' } });
    await show.reaches('waiting-for-encoder');
    expect(harness.channelsMade(vendor)).toBeGreaterThan(0);
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'encoder-never-connected', phase: 'failed', released: true });
    expect(report.windows).toEqual([]);
    expect(report.vod).toEqual([]);
    expect(harness.leftOf(show)).toEqual([]);
  });

  it('an encoder that leaves for longer than allowed ends the show with a proved VOD of what was sent', async () => {
    const show = await harness.show(vendor, { waits: { encoderLost: '2s' } });
    const encoder = await show.airs(4000);
    await encoder.drop();
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'encoder-gone', phase: 'completed', encoder: 'lost', released: true });
    expect(lengthMs(report.windows)).toBeGreaterThanOrEqual(3000);
    expect(isProved(report), JSON.stringify(report.vod)).toBe(true);
  });
});
