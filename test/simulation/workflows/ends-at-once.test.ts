import { expect, it } from 'vitest';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';

it('of shows that end at one instant all are stopped before the first is cleaned up, and each says when it was stopped', async () => {
  const env = await testEnvironment();
  const vendor = new FakeVendor();
  const activities = activitiesOn(vendor);
  let stops = 0;
  // The first stop takes longer than the second takes to begin.
  const between = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await env.work({
    ...activities,
    stop: async (input) => {
      stops += 1;
      await between(100 * stops);
      return activities.stop(input);
    },
  });
  try {
    const endsAt = new Date(Date.now() + 900_000).toISOString();
    const waits = { firstConnect: '60s', encoderLost: '60s' };
    const plans = Array.from({ length: 5 }, () => planFor({ duration: undefined, endsAt, waits }));
    for (const { eventId, ...plan } of plans) {
      await env.showcaller.start({ ...plan, eventId });
      await until(() => vendor.channels.get(`sc-${eventId}`)?.open === true);
      vendor.connect(`sc-${eventId}`);
      await until(async () => (await env.showcaller.status(eventId)).phase === 'live');
    }
    const reports = await Promise.all(plans.map(({ eventId }) => env.showcaller.result(eventId)));
    const called = (method: string) => vendor.calls.filter((call) => call.method === method).map(({ at }) => at);
    expect(Math.max(...called('stop'))).toBeLessThan(Math.min(...called('cleanUp')));
    for (const { eventId, stoppedAt } of reports) {
      const asked = vendor.calls.find(({ method, name }) => method === 'stop' && name === `sc-${eventId}`)?.at ?? 0;
      expect((stoppedAt ?? 0) - asked).toBeLessThan(100);
    }
  } finally {
    await env.close();
  }
});
