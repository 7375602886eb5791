import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Activities } from '../../../activities/contract.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
let vendor: FakeVendor;
beforeEach(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
});
afterEach(() => env.close());

/** Channels whose stop this worker begins so late, milliseconds. */
async function work(lateBy: Readonly<Record<string, number>>): Promise<void> {
  const activities = activitiesOn(vendor);
  const observed: Activities = {
    ...activities,
    stop: async (input) => {
      const ms = lateBy[input.channel.ref.name];
      if (ms !== undefined) await new Promise((resolve) => setTimeout(resolve, ms));
      return activities.stop(input);
    },
  };
  await env.work(observed);
}

async function live(plan: ReturnType<typeof planFor>): Promise<void> {
  await env.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => vendor.channels.get(name)?.open === true);
  vendor.connect(name);
  await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'live');
}

/** How long after the vendor was asked to stop its show a run took it for stopped, milliseconds. */
function reportedAfter({ eventId, stoppedAt }: EventStatus): number {
  const asked = vendor.calls.find(({ method, name }) => method === 'stop' && name === `sc-${eventId}`);
  return (stoppedAt ?? Number.NaN) - (asked?.at ?? Number.NaN);
}

async function twoShows(lateBy: number): Promise<{ first: EventStatus; second: EventStatus }> {
  const waits = { firstConnect: '60s', encoderLost: '60s' };
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const [first, second] = [0, 1].map(() => planFor({ duration: undefined, endsAt, waits }));
  if (!first || !second) throw new Error('there are two plans');
  await work({ [`sc-${second.eventId}`]: lateBy });
  await live(first);
  await live(second);
  const result = ({ eventId }: { eventId: string }) => env.showcaller.result(eventId);
  return { first: await result(first), second: await result(second) };
}

describe('shows that end at one instant', () => {
  it('the first of them is reported as stopped once the vendor is asked to stop the other', async () => {
    const { first, second } = await twoShows(2_000);
    expect(reportedAfter(first)).toBeGreaterThanOrEqual(2_000);
    expect(reportedAfter(first)).toBeLessThan(2_500);
    expect(reportedAfter(second)).toBeLessThan(500);
  });

  it('a stop that does not begin holds up another for three seconds', async () => {
    const { first, second } = await twoShows(10_000);
    expect(reportedAfter(first)).toBeGreaterThanOrEqual(3_000);
    expect(reportedAfter(first)).toBeLessThan(3_500);
    expect(second.endReason).toBe('reached-end');
  });

  it('a show that ends alone is reported as stopped at once', async () => {
    await work({});
    const plan = planFor({ duration: '60s', waits: { firstConnect: '60s', encoderLost: '60s' } });
    await live(plan);
    expect(reportedAfter(await env.showcaller.result(plan.eventId))).toBeLessThan(500);
  });
});
