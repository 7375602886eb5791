import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { fakeVendor, planFor, type TestEnvironment, testEnvironment, until } from '../../support/environment.ts';

let env: TestEnvironment;
const { vendor, activities } = fakeVendor();

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activities);
});
afterAll(() => env.close());

const by = { by: 'tester', reason: 'the test says so' };

/** Starts an event and gives the handles a test needs. */
async function show(overrides: Partial<Plan> = {}) {
  const plan = planFor(overrides);
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const name = `sc-${eventId}`;
  return {
    eventId,
    name,
    connect: () => vendor.connect(name),
    disconnect: () => vendor.disconnect(name),
    reaches: (...phases: Phase[]) =>
      until(async () => {
        const status = await env.showcaller.status(eventId).catch(() => undefined);
        return (
          status && phases.some((phase) => phase === status.phase && status.entered[phase] !== undefined) && status
        );
      }),
    result: () => env.showcaller.result(eventId),
    history: async () => (await env.client.workflow.getHandle(`live-event/${eventId}`).fetchHistory()).events ?? [],
  };
}

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

  it('joins a show under way and tells how much was missed', async () => {
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
    await until(() => Date.now() - (lost.entered['encoder-lost'] ?? 0) > 1200);
    event.connect();
    await event.reaches('live');
    const report = await event.result();
    expect(report.endReason).toBe('reached-end');
    expect(report.windows).toHaveLength(2);
    expect(report.gaps).toHaveLength(1);
    expect(report.gaps[0]?.to).toBe(report.windows[1]?.from);
  });

  it('goes on in steps while the encoder still sends, up to its cap', async () => {
    const startsAt = Date.now();
    const event = await show({
      startsAt: new Date(startsAt).toISOString(),
      duration: '12s',
      // A busy machine may notice the end seconds late, and what is late beyond the cap is over.
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

describe.concurrent('trouble with the vendor', () => {
  it('fails at once on wrong credentials, in the vendor’s words, without a retry and without clean-up', async () => {
    const lone = fakeVendor();
    lone.vendor.fail('allocate', 'unauthorized', 100);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor();
      await own.showcaller.start(plan);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'allocation-failed', phase: 'failed', released: true });
      expect(report.endDetail).toContain('as the test asked');
      expect(lone.vendor.count('allocate')).toBe(1);
      expect(lone.vendor.count('cleanUp')).toBe(0);
    } finally {
      await own.close();
    }
  });

  it.each([
    ['allocate', 'allocation-failed'],
    ['start', 'start-failed'],
    ['createOutput', 'output-failed'],
  ] as const)('ends with its own reason when %s is refused, and leaves nothing', async (method, reason) => {
    const lone = fakeVendor();
    // One accepted call first, so that the run cannot know that nothing was made.
    if (method === 'allocate') lone.vendor.fail('allocate', 'unavailable');
    lone.vendor.fail(method, 'quota-exceeded', 100);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor();
      await own.showcaller.start(plan);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: reason, phase: 'failed', released: true });
      expect(lone.vendor.channels.size).toBe(0);
      expect(lone.vendor.count('cleanUp')).toBe(1);
      expect(report.troubles).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  it('ends as if nothing had happened after every passing trouble, with one channel made', async () => {
    const lone = fakeVendor();
    for (const method of ['allocate', 'start', 'createOutput', 'observe', 'stop', 'publishVod', 'cleanUp'] as const) {
      lone.vendor.fail(method, 'throttled', 2);
      lone.vendor.fail(method, 'unavailable', 2);
      if (method !== 'observe') lone.vendor.fail(method, 'not-yet', 3);
    }
    for (const method of ['stop', 'cleanUp'] as const) lone.vendor.fail(method, 'unauthorized', 3);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ duration: '25s' });
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'reached-end', released: true });
      expect(lone.vendor.made).toBe(1);
      expect(lone.vendor.channels.size).toBe(0);
      const { events } = await own.client.workflow.getHandle(`live-event/${plan.eventId}`).fetchHistory();
      expect(events?.length).toBeLessThanOrEqual(70);
    } finally {
      await own.close();
    }
  });

  it('gives up allocating when the show would be over, and says what it waited for', async () => {
    const lone = fakeVendor();
    lone.vendor.fail('allocate', 'not-yet', 10_000);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ duration: '5s' });
      await own.showcaller.start(plan);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'allocation-failed', released: true });
      expect(report.endDetail).toContain('a warm channel');
      expect(lone.vendor.count('cleanUp')).toBe(1);
    } finally {
      await own.close();
    }
  });

  it('fails as vod-unproved when the recording never comes, and still releases the channel', async () => {
    const lone = fakeVendor();
    lone.vendor.vod = () => undefined;
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ vod: { deadline: '2s' } });
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'vod-unproved', phase: 'failed', released: true });
      expect(report.endDetail).toContain('reached-end');
      expect(lone.vendor.channels.size).toBe(0);
    } finally {
      await own.close();
    }
  });
});

describe.concurrent('a clean-up that cannot succeed', () => {
  it.each(['stop', 'cleanUp'] as const)('goes on trying to %s, says why, and can be handed over', async (method) => {
    const lone = fakeVendor();
    lone.vendor.fail(method, 'unauthorized', 10_000);
    if (method === 'stop') lone.vendor.fail('cleanUp', 'unauthorized', 10_000);
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const { eventId, ...plan } = planFor({ duration: '30s' });
      await own.showcaller.start({ eventId, ...plan });
      await until(() => lone.vendor.channels.get(`sc-${eventId}`)?.open);
      await expect(own.showcaller.release(eventId, by)).rejects.toThrow('nothing waits to be released');
      await own.showcaller.stopNow(eventId, { ...by, keepRecording: false });
      await until(() => lone.vendor.count(method) > 3);
      const [step] = await until(async () => {
        const steps = await own.showcaller.pending(eventId);
        return steps[0]?.reason && steps;
      });
      expect(step).toMatchObject({ name: method, reason: expect.stringContaining('as the test asked') });
      await own.showcaller.release(eventId, by);
      const report = await own.showcaller.result(eventId);
      expect(report).toMatchObject({
        endReason: 'stopped-by-operator',
        released: false,
        left: { name: `sc-${eventId}` },
        audit: [{ action: 'stopNow' }, { action: 'release', ...by }],
      });
    } finally {
      await own.close();
    }
  });
});

describe.concurrent('a recording tried again', () => {
  it('is published and proved by a run of its own when the event is over, which leaves nothing', async () => {
    const lone = fakeVendor();
    const { vod } = lone.vendor;
    lone.vendor.vod = () => undefined;
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor({ vod: { deadline: '1s' } });
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      expect((await own.showcaller.result(plan.eventId)).endReason).toBe('vod-unproved');
      await own.showcaller.retryVod(plan.eventId, by);
      const failed = await own.showcaller.vodRetry(plan.eventId);
      expect(failed).toMatchObject({ proved: false, ...by, detail: expect.stringContaining('the recording') });
      lone.vendor.vod = vod;
      await own.showcaller.retryVod(plan.eventId, by);
      const retried = await own.showcaller.vodRetry(plan.eventId);
      expect(retried).toMatchObject({ proved: true });
      expect(retried?.vod).toHaveLength(1);
      expect(lone.vendor.channels.size).toBe(0);
      await expect(own.showcaller.vodRetry('nobody-asked')).resolves.toBeUndefined();
    } finally {
      await own.close();
    }
  });

  it('is tried at once when an operator asks while the event still waits for it', async () => {
    const lone = fakeVendor();
    const { vod } = lone.vendor;
    lone.vendor.vod = () => undefined;
    const own = await testEnvironment();
    await own.work(lone.activities);
    try {
      const plan = planFor();
      await own.showcaller.start(plan);
      await until(() => lone.vendor.channels.get(`sc-${plan.eventId}`)?.open);
      lone.vendor.connect(`sc-${plan.eventId}`);
      await until(() => lone.vendor.count('publishVod') > 1);
      lone.vendor.vod = vod;
      await own.showcaller.retryVod(plan.eventId, by);
      const report = await own.showcaller.result(plan.eventId);
      expect(report).toMatchObject({ endReason: 'reached-end', audit: [{ action: 'retryVod' }] });
    } finally {
      await own.close();
    }
  });
});

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
      await env.showcaller.cancel(event.eventId);
      const report = await event.result();
      expect(report).toMatchObject({ endReason: 'cancelled', phase: 'cancelled', released: true });
      expect(vendor.channels.has(event.name)).toBe(false);
      expect(vendor.count('publishVod', event.name)).toBe(0);
      const { status } = await env.client.workflow.getHandle(`live-event/${event.eventId}`).describe();
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
    await env.showcaller.stopNow(event.eventId, by);
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
    await env.showcaller.stopNow(event.eventId, { ...by, keepRecording: false });
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
      await env.showcaller.extend(event.eventId, { ...by, endsAt: new Date(startsAt + ms).toISOString() });
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
    await env.showcaller.reschedule(event.eventId, {
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
    await env.showcaller.skipWait(event.eventId, by);
    await event.reaches('live');
    expect((await event.result()).endReason).toBe('reached-end');
  });

  it('drops the encoder so that it reconnects', async () => {
    const event = await show({ duration: '7s', waits: { encoderLost: '30s' } });
    await event.reaches('waiting-for-encoder');
    event.connect();
    await event.reaches('live');
    await env.showcaller.resetEncoder(event.eventId, by);
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
    const { showcaller } = env;
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    await expect(showcaller.stopNow(eventId, { by: '', reason: 'x' })).rejects.toThrow('by must say who acts');
    await expect(showcaller.stopNow(eventId, { by: 'x', reason: ' ' })).rejects.toThrow('reason must say why');
    await expect(showcaller.extend(eventId, { ...by, endsAt: 'tomorrow' })).rejects.toThrow('ISO 8601');
    await expect(showcaller.extend(eventId, { ...by, endsAt: at(10_000) })).rejects.toThrow('use stopNow');
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
