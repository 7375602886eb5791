import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventStatus } from '../../../domain/report.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

it('a wait that is skipped in the instant in which it ends is skipped', async () => {
  const { activities } = fakeVendor();
  await env.work(activities, { only: 'activities' });
  const first = await env.work(activities, { only: 'workflows' });
  const plan = planFor({ duration: '60s', waits: { firstConnect: '3s' } });
  await env.showcaller.start(plan);
  const handle = env.client.workflow.getHandle(`live-event/${plan.eventId}`);
  await until(async () => (await handle.query<EventStatus>('status')).entered['waiting-for-encoder']);
  await first.stop();

  await until(async () => {
    const events = (await handle.fetchHistory()).events ?? [];
    const watch = events.findLast((event) => event.activityTaskScheduledEventAttributes);
    return events.some(
      ({ activityTaskCompletedEventAttributes: done }) =>
        done && String(done.scheduledEventId) === String(watch?.eventId),
    );
  });
  const skipped = handle.executeUpdate('skipWait', { args: [{ by: 'tester', reason: 'late enough' }] });
  await env.work(activities, { only: 'workflows' });
  expect(await skipped).toMatchObject({ accepted: true });
  const { phase } = await handle.query<EventStatus>('status');
  expect(phase).toBe('live');
  await env.showcaller.cancel(plan.eventId);
  await env.showcaller.result(plan.eventId);
});
