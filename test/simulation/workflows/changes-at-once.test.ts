import { afterEach, beforeEach, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import type { Plan } from '../../../domain/plan.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

/** Changes of one show whose bookings are answered in another order than they were asked for. */
const by = { by: 'tester', reason: 'the test says so' };
const minute = 60_000;
const hour = 60 * minute;

let env: TestEnvironment;
let vendor: FakeVendor;
/** The next booking waits for it. */
let next: Promise<void> | undefined;

beforeEach(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
  next = undefined;
  const bookings = new Bookings(env.client, { taskQueue: env.taskQueue });
  const book: Bookings['book'] = async (request) => {
    const held = next;
    next = undefined;
    await held;
    return bookings.book(request);
  };
  const bookingRules = () => ({ onConflict: 'refuse' as const });
  await env.work(activitiesOn(vendor, { bookings: { book, release: (of) => bookings.release(of) }, bookingRules }));
});
afterEach(() => env.close());

async function startedAs(plan: Plan & { eventId: string }, is: (status: EventStatus) => boolean) {
  await env.showcaller.start(plan);
  await until(async () => is(await env.showcaller.status(plan.eventId)));
}
const iso = (instant: number) => new Date(instant).toISOString();

/** Asks for a change; gives once its booking is under way what lets the booking go, and then its answer. */
async function asked(change: () => Promise<unknown>): Promise<() => Promise<unknown>> {
  let go = () => {};
  next = new Promise<void>((resolve) => {
    go = resolve;
  });
  const answer = change().catch((error: unknown) => error);
  await until(() => next === undefined);
  return () => {
    go();
    return answer;
  };
}

it('an extension whose booking is answered late does not end a show that was moved meanwhile', async () => {
  const now = Date.now();
  const { duration: _, ...usual } = planFor({ uses: ['studio'], waits: { maxDuration: '10h', firstConnect: '1h' } });
  const plan = { ...usual, startsAt: iso(now + hour), endsAt: iso(now + 2 * hour) };
  await startedAs(plan, ({ entered }) => entered.scheduled !== undefined);
  const extended = await asked(() => env.showcaller.extend(plan.eventId, { ...by, endsAt: iso(now + 3 * hour) }));
  const times = { startsAt: iso(now + 24 * hour), endsAt: iso(now + 26 * hour) };
  await env.showcaller.reschedule(plan.eventId, { ...by, ...times });
  expect(await extended()).toMatchObject({ message: expect.stringContaining('the show was moved meanwhile') });
  expect(await env.showcaller.status(plan.eventId)).toMatchObject({
    startsAt: now + 24 * hour,
    endsAt: now + 26 * hour,
  });
  await env.showcaller.cancel(plan.eventId);
  await env.showcaller.result(plan.eventId);
});

it('of two extensions the longer one holds, in whatever order they are booked', async () => {
  const now = Date.now();
  const waits = { maxDuration: '10h', firstConnect: '10h', encoderLost: '1h' } as const;
  const plan = planFor({ uses: ['studio'], duration: '10m', waits });
  await startedAs(plan, ({ phase }) => phase === 'waiting-for-encoder');
  vendor.connect(`sc-${plan.eventId}`);
  await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'live');
  const extend = (minutes: number) =>
    env.showcaller.extend(plan.eventId, { ...by, endsAt: iso(now + minutes * minute) });
  const shorter = await asked(() => extend(20));
  await extend(60);
  expect(await shorter()).toMatchObject({ message: expect.stringContaining('the show runs until') });
  const { stoppedAt = 0 } = await env.showcaller.result(plan.eventId);
  expect(stoppedAt - now).toBeGreaterThanOrEqual(60 * minute);
});
