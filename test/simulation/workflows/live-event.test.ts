import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { workflowsHarness } from './workflows-harness.ts';

const { show, vendor } = workflowsHarness();

describe.concurrent('a show', () => {
  it('goes through every phase in order and ends with a report and nothing left', async () => {
    const event = await show();
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', phase: 'completed', released: true });
    expect(report.windows).toHaveLength(1);
    expect(Object.keys(report.entered)).toEqual([
      'allocating',
      'starting',
      'creating-output',
      'waiting-for-encoder',
      'live',
      'stopping',
      'publishing-vod',
      'cleaning-up',
      'completed',
    ]);
    expect(vendor.channels.has(event.name)).toBe(false);
    expect(report.vod[0]?.proof.proved).toBe(true);
  });

  it('has at most 70 events of history, and as many when it lasts ten times as long', async () => {
    const lengths = await Promise.all(
      ['4s', '40s'].map(async (duration) => {
        const event = await show({ duration });
        await event.reaches('waiting-for-encoder');
        event.connect();
        await event.result();
        return (await event.history()).length;
      }),
    );
    expect(lengths[0]).toBeLessThanOrEqual(70);
    expect(lengths[1]).toBe(lengths[0]);
  });

  it('waits for its time without any call to the vendor', async () => {
    const startsAt = new Date(Date.now() + 4000).toISOString();
    const event = await show({ startsAt, duration: '6s' });
    const status = await event.reaches('scheduled');
    expect(status.nextCue?.what).toBe('allocate');
    expect(vendor.count('allocate', event.name)).toBe(0);
    await event.reaches('waiting-for-encoder');
    expect(vendor.calls.find((call) => call.name === event.name)?.at).toBeGreaterThanOrEqual(
      Date.parse(startsAt) - 1000,
    );
    event.connect();
    expect((await event.result()).endReason).toBe('reached-end');
  });

  it('joins a show under way and says how much was missed', async () => {
    const event = await show({ startsAt: new Date(Date.now() - 60_000).toISOString(), duration: '66s' });
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.missedMs).toBeGreaterThanOrEqual(60_000);
  });

  it('fails as missed when it was over before the run began, and makes nothing', async () => {
    const event = await show({ startsAt: new Date(Date.now() - 60_000).toISOString(), duration: '30s' });
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'missed', phase: 'failed', released: true });
    expect(vendor.count('allocate', event.name)).toBe(0);
    expect(vendor.count('cleanUp', event.name)).toBe(0);
  });

  it('fails when no encoder ever comes, and releases the channel', async () => {
    const event = await show({ duration: '30s', waits: { firstConnect: '1s' } });
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'encoder-never-connected', phase: 'failed', released: true });
    expect(report.endDetail).toContain('when the channel was open');
    expect(vendor.channels.has(event.name)).toBe(false);
    expect(report.vod).toEqual([]);
    // No subscriber, and so no timer: the warning is known all the same.
    expect(report.warnings).toMatchObject([
      { warning: 'encoder-missing', ended: expect.stringContaining('the show was stopped at') },
    ]);
    expect(report.warnings?.[0]?.at).toBeLessThan(report.warnings?.[0]?.endedAt ?? 0);
  });

  it('completes when the encoder is gone for too long, with the VOD of what was sent', async () => {
    const event = await show({ duration: '60s', waits: { encoderLost: '1s' } });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    event.disconnect();
    const lost = await event.reaches('encoder-lost');
    expect(lost.nextCue?.what).toBe('give up the lost encoder');
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'encoder-gone', phase: 'completed', encoder: 'lost' });
    expect(report.vod).toHaveLength(1);
  });

  it('goes on when the encoder comes back, and reports the gap', async () => {
    const event = await show({ duration: '8s', waits: { encoderLost: '30s' } });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    await until(() => vendor.count('observe', event.name) > 3);
    event.disconnect();
    const lost = await event.reaches('encoder-lost');
    await pause((lost.entered['encoder-lost'] ?? 0) + 1_201 - Date.now());
    expect(lost.warnings).toMatchObject([{ warning: 'encoder-lost' }]);
    expect(lost.warnings?.[0]).not.toHaveProperty('endedAt');
    event.connect();
    await event.reaches('live');
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.warnings).toMatchObject([
      {
        warning: 'encoder-lost',
        endedAt: expect.any(Number),
        ended: expect.stringContaining('the encoder connected at'),
      },
    ]);
    expect(report.windows).toHaveLength(2);
    expect(report.gaps).toHaveLength(1);
    expect(report.gaps[0]?.to).toBe(report.windows[1]?.from);
  });

  it('reports a loss that lasts to its end as a gap, and warns of it', async () => {
    const event = await show({ duration: '6s', waits: { encoderLost: '30s' } });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    await until(() => vendor.count('observe', event.name) > 3);
    event.disconnect();
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'reached-end', encoder: 'lost' });
    expect(report.gaps).toEqual([{ from: report.windows[0]?.to, to: report.entered.stopping }]);
    expect(report.warnings?.map(({ warning }) => warning)).toEqual(['encoder-lost', 'ended-without-encoder']);
    expect(report.warnings?.at(-1)?.message).toMatch(
      /^nothing was sent for the last \d+m?s of the show: .* did not come back/,
    );
  });

  it('goes on in steps while the encoder still sends, up to its cap', async () => {
    const startsAt = Date.now();
    const event = await show({
      startsAt: new Date(startsAt).toISOString(),
      duration: '12s',
      // A busy machine may act on the end seconds late, and what is late beyond the cap is over.
      overrun: { while: 'encoder-connected', step: '4s', until: new Date(startsAt + 25_000).toISOString() },
    });
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.endsAt).toBe(startsAt + 25_000);
  });

  it('ends by its maximum duration when it is prolonged to it', async () => {
    const startsAt = Date.now();
    const event = await show({
      startsAt: new Date(startsAt).toISOString(),
      duration: '12s',
      waits: { firstConnect: '12s', maxDuration: '25s' },
      overrun: { while: 'encoder-connected', step: '4s', until: new Date(startsAt + 25_000).toISOString() },
    });
    await event.reaches('waiting-for-encoder');
    event.connect();
    expect((await event.result()).endReason).toBe('max-duration');
  });
});
