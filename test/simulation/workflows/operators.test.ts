import { describe, expect, it } from 'vitest';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { by, workflowsHarness } from './workflows-harness.ts';

const { env, show, vendor } = workflowsHarness();

describe.concurrent('cancellation', () => {
  it.each(['scheduled', 'waiting-for-encoder', 'live'] as const)(
    'while %s cleans up and reports itself cancelled',
    async (phase) => {
      const event = await show(
        phase === 'scheduled'
          ? { startsAt: new Date(Date.now() + 60_000).toISOString(), duration: '60s' }
          : { duration: '60s', waits: { firstConnect: '60s' } },
      );
      await event.reaches(phase === 'live' ? 'waiting-for-encoder' : phase);
      if (phase === 'live') {
        event.connect();
        await event.reaches('live');
      }
      await env().showcaller.cancel(event.eventId);
      const report = await event.result();
      expect(report).toMatchObject({ endReason: 'cancelled', phase: 'cancelled', released: true });
      expect(vendor.channels.has(event.name)).toBe(false);
      expect(vendor.count('publishVod', event.name)).toBe(0);
      const { status } = await env().client.workflow.getHandle(`live-event/${event.eventId}`).describe();
      expect(status.name).toBe('CANCELLED');
    },
  );
});

describe.concurrent('an operator', () => {
  it('stops the show before its end and keeps the recording', async () => {
    const event = await show({ duration: '60s' });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    await env().showcaller.stopNow(event.eventId, by);
    const report = await event.result();
    expect(report).toMatchObject({ endReason: 'stopped-by-operator', phase: 'completed', released: true });
    expect(report.vod).toHaveLength(1);
    expect(report.audit).toMatchObject([{ action: 'stopNow', ...by, details: { keepRecording: true } }]);
  });

  it('stops the show and discards the recording', async () => {
    const event = await show({ duration: '60s' });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    await env().showcaller.stopNow(event.eventId, { ...by, keepRecording: false });
    const report = await event.result();
    expect(report.vod).toEqual([]);
    expect(vendor.count('publishVod', event.name)).toBe(0);
  });

  it.each(['stopNow', 'cancel'] as const)(
    'ends a run that is still allocating by %s, also in an attempt',
    async (how) => {
      const lone = fakeVendor();
      lone.vendor.fail('allocate', 'not-yet', 10_000);
      lone.vendor.allocateTakesMs = 400;
      const own = await testEnvironment();
      await own.work(lone.activities);
      try {
        const plan = planFor({ duration: '60s' });
        await own.showcaller.start(plan);
        const before = await until(() => lone.vendor.count('allocate') > 2 && lone.vendor.count('allocate'));
        await until(() => lone.vendor.count('allocate') > before);
        if (how === 'cancel') await own.showcaller.cancel(plan.eventId);
        else await own.showcaller.stopNow(plan.eventId, by);
        const report = await own.showcaller.result(plan.eventId);
        const endReason = how === 'cancel' ? 'cancelled' : 'stopped-by-operator';
        expect(report).toMatchObject({ endReason, released: true });
        expect(lone.vendor.count('cleanUp')).toBe(1);
      } finally {
        await own.close();
      }
    },
  );

  it('extends the show, and again', async () => {
    const startsAt = Date.now();
    const event = await show({ startsAt: new Date(startsAt).toISOString(), duration: '6s' });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    for (const ms of [7000, 8000]) {
      await env().showcaller.extend(event.eventId, { ...by, endsAt: new Date(startsAt + ms).toISOString() });
    }
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.endsAt).toBe(startsAt + 8000);
    expect(report.entered.stopping).toBeGreaterThanOrEqual(startsAt + 8000);
    expect(report.audit).toHaveLength(2);
  });

  it('moves a show that has not been allocated', async () => {
    const event = await show({ startsAt: new Date(Date.now() + 3600_000).toISOString(), duration: '1h' });
    await event.reaches('scheduled');
    const startsAt = new Date(Date.now() + 500).toISOString();
    await env().showcaller.reschedule(event.eventId, {
      ...by,
      startsAt,
      endsAt: new Date(Date.now() + 4000).toISOString(),
    });
    await event.reaches('waiting-for-encoder');
    event.connect();
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.startsAt).toBe(Date.parse(startsAt));
  });

  it('goes live without having seen the encoder', async () => {
    const event = await show({ duration: '6s' });
    await event.reaches('waiting-for-encoder');
    await env().showcaller.skipWait(event.eventId, by);
    await event.reaches('live');
    expect((await event.result()).endReason).toBe('reached-end');
  });

  it('drops the encoder so that it reconnects', async () => {
    const event = await show({ duration: '7s', waits: { encoderLost: '30s' } });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    await env().showcaller.resetEncoder(event.eventId, by);
    expect(vendor.count('reset', event.name)).toBe(1);
    await event.reaches('encoder-lost');
    event.connect();
    await event.reaches('live');
    expect((await event.result()).windows.length).toBeGreaterThanOrEqual(1);
  });

  it('is refused with a reason when an action makes no sense', async () => {
    const event = await show({ duration: '60s', waits: { firstConnect: '60s', maxDuration: '90s' } });
    await event.reaches('waiting-for-encoder');
    const { eventId } = event;
    const { showcaller } = env();
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    await expect(showcaller.stopNow(eventId, { by: '', reason: 'x' })).rejects.toThrow('by must say who acts');
    await expect(showcaller.stopNow(eventId, { by: 'x', reason: ' ' })).rejects.toThrow('reason must say why');
    await expect(showcaller.extend(eventId, { ...by, endsAt: 'tomorrow' })).rejects.toThrow('ISO 8601');
    await expect(showcaller.extend(eventId, { ...by, endsAt: at(10_000) })).rejects.toThrow('use stop');
    await expect(showcaller.extend(eventId, { ...by, endsAt: at(3_600_000) })).rejects.toThrow('maxDuration');
    await expect(showcaller.reschedule(eventId, { ...by, startsAt: at(1000), endsAt: at(2000) })).rejects.toThrow(
      'use extend',
    );
    await expect(showcaller.retryVod(eventId, by)).rejects.toThrow('no recording is being published');
    event.connect();
    await event.reaches('live');
    await expect(showcaller.skipWait(eventId, by)).rejects.toThrow('nothing waits for the encoder');
    await showcaller.stopNow(eventId, by);
    await event.result();
    await expect(showcaller.stopNow(eventId, by)).rejects.toThrow('is over');
    await expect(showcaller.stopNow('nobody-knows', by)).rejects.toThrow('there is no event nobody-knows');
  });
});
