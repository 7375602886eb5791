import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import { looksAt, twoLegs } from './legs-harness.ts';
import { by } from './workflows-harness.ts';

/** An event of two legs from the start, whose second leg gets no encoder. */
async function show(more: Partial<Plan>) {
  const env = await testEnvironment();
  const [a, b] = [new FakeVendor(), new FakeVendor()];
  await env.work(activitiesOnAccounts({ a, b }, { legs: legsPort(env.client) }));
  const { vendor: _, ...plan } = planFor({ duration: '120s', waits: { firstConnect: '60s', encoderLost: '60s' } });
  const { eventId } = plan;
  await env.showcaller.start({ ...plan, legs: twoLegs({ start: 'with-event' }), ...more } as Plan & {
    eventId: string;
  });
  await until(() => [a, b].every((vendor) => [...vendor.channels.values()].some(({ open }) => open)));
  a.connect([...a.channels.keys()][0] ?? '');
  const { reaches } = looksAt(env, eventId);
  await reaches('main', 'live');
  await reaches('backup', 'waiting-for-encoder');
  return {
    a,
    end: async (action: object = {}) => {
      await env.showcaller.stopNow(eventId, { ...by, ...action });
      return env.showcaller.result(eventId);
    },
    [Symbol.asyncDispose]: () => env.close(),
  };
}

describe.concurrent('an event whose second leg has recorded nothing when it is stopped', () => {
  it('fails where it requires the recordings of all legs', async () => {
    await using event = await show({ require: 'all' });
    const report = await event.end();
    expect(report).toMatchObject({ endReason: 'vod-unproved', phase: 'failed', released: true });
    expect(report.endDetail).toMatch(
      /all legs: leg backup \(alibaba-oss\): stopped-by-operator: .*, without a recording$/,
    );
  });

  it('completes by the recording of the other, and names it', async () => {
    await using event = await show({ require: 'any' });
    const report = await event.end();
    expect(report).toMatchObject({ endReason: 'stopped-by-operator', phase: 'completed' });
    expect(report.endDetail).toMatch(/; failed: leg backup \(alibaba-oss\): .*, without a recording$/);
  });

  it('fails where the recording of the other is not proved either', async () => {
    await using event = await show({ require: 'any' });
    event.a.vod = () => [];
    expect(await event.end()).toMatchObject({ endReason: 'vod-unproved', phase: 'failed' });
  });

  it.each([
    ['the plan publishes none', { vod: { publish: false } }, {}],
    ['an operator discards them', {}, { keepRecording: false }],
  ])('completes where %s', async (_what, plan, action) => {
    await using event = await show({ require: 'all', ...plan });
    expect(await event.end(action)).toMatchObject({ endReason: 'stopped-by-operator', phase: 'completed' });
  });
});
