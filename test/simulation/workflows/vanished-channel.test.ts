import { describe, expect, it } from 'vitest';
import { workflowsHarness } from './workflows-harness.ts';

const { show, vendor } = workflowsHarness();

describe.concurrent('a channel that is deleted by hand', () => {
  it('is named in the reason of a show whose encoder could therefore never come', async () => {
    const event = await show({ duration: '60s', waits: { firstConnect: '10s' } });
    await event.reaches('waiting-for-encoder');
    vendor.channels.delete(event.name);
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'encoder-never-connected', phase: 'failed', released: true });
    expect(report.endDetail).toContain('(vendor says gone)');
  });

  it('is named in the reason of a show that lost its encoder with it', async () => {
    const event = await show({ duration: '60s', waits: { encoderLost: '1s' }, vod: { deadline: '1s' } });
    await event.reaches('waiting-for-encoder');
    vendor.connect(event.name);
    await event.reaches('live');
    vendor.channels.delete(event.name);
    const report = await event.result();
    expect(report.released).toBe(true);
    expect(report.endDetail).toContain('(vendor says gone)');
  });
});
