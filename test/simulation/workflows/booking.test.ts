import { randomUUID } from 'node:crypto';
import type { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BookingsPort } from '../../../activities/ports.ts';
import { Bookings } from '../../../client/bookings.ts';
import { BookedError, RefusedError } from '../../../client/errors.ts';
import type { Booking } from '../../../domain/booking/calendar.ts';
import { type BookingRequest, type BookingRules, mostOfTenant } from '../../../domain/booking/request.ts';
import { bookingsIdOf } from '../../../domain/ids.ts';
import type { Plan } from '../../../domain/plan.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const by = { by: 'tester', reason: 'the test says so' };
const minute = 60_000;
const hour = 60 * minute;
const from = Math.ceil(Date.now() / hour) * hour + 24 * hour;
const iso = (hours: number) => new Date(from + hours * hour).toISOString();

let env: TestEnvironment;
let rules: BookingRules = { onConflict: 'refuse' };

/** What every booking by a run waits for. */
let bookingsWait: Promise<void> | undefined;
const slowly = (bookings: Bookings): BookingsPort => ({
  async book(request) {
    await bookingsWait;
    return bookings.book(request);
  },
  async release(of) {
    await bookingsWait;
    return bookings.release(of);
  },
});

/** Holds what runs book and release until the test lets it go. */
function holdBookings(): () => void {
  let go = () => {};
  bookingsWait = new Promise((resolve) => {
    go = resolve;
  });
  return () => {
    bookingsWait = undefined;
    go();
  };
}

beforeAll(async () => {
  env = await testEnvironment();
  const vendor = new FakeVendor();
  await env.work(
    activitiesOn(vendor, {
      timeScale: 0.02,
      bookings: slowly(new Bookings(env.client, { taskQueue: env.taskQueue })),
      bookingRules: () => rules,
    }),
  );
});
afterAll(() => env.close());

const planAt = (starts: number, ends: number, overrides: Partial<Plan> = {}) => {
  const { duration: _, ...plan } = planFor({ startsAt: iso(starts), endsAt: iso(ends), ...overrides });
  return plan;
};
const start = (plan: Plan) => env.showcaller.start(plan);
const held = (use: string): Promise<string[]> =>
  env.client.workflow
    .getHandle(bookingsIdOf(env.taskQueue))
    .query<Booking[]>('bookings')
    .then((all) => all.filter(({ uses }) => uses.some((one) => one.use === use)).map(({ event }) => event));
const use = () => `studio-${randomUUID().slice(0, 8)}`;
const untilRunHolds = (eventId: string) =>
  until(async () => (await env.showcaller.pending(eventId)).length === 0 && (await isScheduled(eventId)));
const isScheduled = async (eventId: string) => (await env.showcaller.status(eventId)).entered.scheduled !== undefined;

it('refuses a second event at the same time with what is in the way, and starts nothing', async () => {
  const studio = use();
  const first = planAt(1, 3, { uses: [studio] });
  await start(first);
  const second = planAt(2, 4, { uses: [studio, 'encoder-3'] });
  const refused = await start(second).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(BookedError);
  expect((refused as BookedError).conflicts).toEqual([
    { use: studio, eventId: first.eventId, from: iso(1), to: iso(3) },
  ]);
  await expect(env.showcaller.status(second.eventId)).rejects.toThrow('there is no event');
  // What was refused holds nothing, and one show may follow another.
  await start(planAt(3, 5, { uses: [studio] }));
});

it('finds an event that was started with the same plan, and leaves its booking', async () => {
  const plan = planAt(1, 2, { uses: [use()] });
  await start(plan);
  expect(await start(plan)).toMatchObject({ started: false, samePlan: true });
  expect(await held(plan.uses?.[0] ?? '')).toEqual([plan.eventId]);
});

it('frees what a cancelled event held, and what a terminated one held', async () => {
  const studio = use();
  const first = planAt(1, 2, { uses: [studio] });
  await start(first);
  await untilRunHolds(first.eventId);
  await env.showcaller.cancel(first.eventId);
  await env.showcaller.result(first.eventId);
  const second = planAt(1, 2, { uses: [studio] });
  await start(second);
  await untilRunHolds(second.eventId);
  await env.client.workflow.getHandle(`live-event/${second.eventId}`).terminate();
  expect(await held(studio)).toEqual([second.eventId]);
  await start(planAt(1, 2, { uses: [studio] }));
});

it('moves the booking with a rescheduled and an extended show, and refuses what is held', async () => {
  const studio = use();
  const first = planAt(1, 2, { uses: [studio], waits: { maxDuration: '10h' } });
  const second = planAt(4, 5, { uses: [studio] });
  await start(first);
  await start(second);
  await untilRunHolds(first.eventId);
  const move = (starts: number, ends: number) =>
    env.showcaller.reschedule(first.eventId, { ...by, startsAt: iso(starts), endsAt: iso(ends) });
  await expect(move(4, 6)).rejects.toThrow(`${studio} is held by the event ${second.eventId}`);
  await move(2, 3);
  await start(planAt(1, 2, { uses: [studio] }));
  const extend = (ends: number) => env.showcaller.extend(first.eventId, { ...by, endsAt: iso(ends) });
  await expect(extend(4.5)).rejects.toThrow(RefusedError);
  await extend(4);
  expect((await env.showcaller.status(first.eventId)).endsAt).toBe(from + 4 * hour);
  await expect(start(planAt(3, 4, { uses: [studio] }))).rejects.toThrow(BookedError);
});

it('books the old times again when the show began while its booking was being moved', async () => {
  const studio = use();
  const second = 1000;
  const soon = Date.now() + 30 * second;
  const at = (ms: number) => new Date(soon + ms).toISOString();
  const planOf = (startsMs: number, endsMs: number) => ({
    ...planAt(1, 2, { uses: [studio] }),
    startsAt: at(startsMs),
    endsAt: at(endsMs),
  });
  const first = planOf(0, hour / 2);
  await start(first);
  await untilRunHolds(first.eventId);
  let go = () => {};
  bookingsWait = new Promise((resolve) => {
    go = resolve;
  });
  const moved = env.client.workflow
    .getHandle(`live-event/${first.eventId}`)
    .executeUpdate('reschedule', { args: [{ ...by, startsAt: at(2 * hour), endsAt: at(3 * hour) }] })
    .catch((error: WorkflowUpdateFailedError) => error.cause?.message);
  await until(async () => (await env.showcaller.status(first.eventId)).phase !== 'scheduled');
  bookingsWait = undefined;
  go();
  expect(await moved).toContain('the show went on meanwhile');
  await expect(start(planOf(0, hour / 2))).rejects.toThrow(BookedError);
  await start(planOf(2 * hour, 3 * hour));
  await env.showcaller.cancel(first.eventId);
  await env.showcaller.result(first.eventId);
});

it('holds nothing of a show that was stopped while its booking was being moved', async () => {
  const studio = use();
  const startsAt = new Date(Date.now() + 1000).toISOString();
  const first = { ...planFor({ startsAt, duration: '30m', uses: [studio], waits: { maxDuration: '10h' } }) };
  await start(first);
  await until(async () => (await env.showcaller.status(first.eventId)).phase === 'waiting-for-encoder');
  let go = () => {};
  bookingsWait = new Promise((resolve) => {
    go = resolve;
  });
  const handle = env.client.workflow.getHandle(`live-event/${first.eventId}`);
  const endsAt = new Date(Date.now() + 2 * hour).toISOString();
  const extended = handle
    .executeUpdate('extend', { args: [{ ...by, endsAt }] })
    .catch((error: WorkflowUpdateFailedError) => error.cause?.message);
  await until(async () => (await env.showcaller.pending(first.eventId)).some(({ name }) => name === 'bookUses'));
  await env.showcaller.stopNow(first.eventId, by);
  await until(async () => (await env.showcaller.status(first.eventId)).released);
  bookingsWait = undefined;
  go();
  expect(await extended).toContain('the show is being stopped');
  await env.showcaller.result(first.eventId);
  expect(await held(studio)).toEqual([]);
});

it('fails a run that no client booked for, before anything is made, when another event holds it', async () => {
  const studio = use();
  const holder = planAt(1, 2, { uses: [studio] });
  await start(holder);
  const { eventId, ...plan } = planAt(1, 2, { uses: [studio] });
  const handle = await env.client.workflow.start('liveEvent', {
    workflowId: `live-event/${eventId}`,
    taskQueue: env.taskQueue,
    args: [plan],
  });
  await expect(handle.result()).rejects.toThrow();
  const report = await env.showcaller.status(eventId);
  expect(report).toMatchObject({ endReason: 'already-booked', released: true, phase: 'failed' });
  expect(report.endDetail).toContain(holder.eventId);
  expect(report.entered.allocating).toBeUndefined();
});

it.each(['stop', 'cancel'] as const)('ends at once by %s while its booking is not answered', async (action) => {
  const letGo = holdBookings();
  const { eventId } = await start(planAt(1, 2, { uses: [use()] }));
  await until(async () => (await env.showcaller.pending(eventId)).some(({ name }) => name === 'bookUses'));
  if (action === 'stop') await env.showcaller.stopNow(eventId, by);
  else await env.showcaller.cancel(eventId);
  const askedAt = Date.now();
  await until(async () => (await env.showcaller.status(eventId)).endReason !== undefined);
  expect(Date.now() - askedAt).toBeLessThan(minute);
  const { endReason, entered } = await env.showcaller.status(eventId);
  letGo();
  expect(endReason).toBe(action === 'stop' ? 'stopped-by-operator' : 'cancelled');
  expect(entered.allocating).toBeUndefined();
  await env.showcaller.result(eventId);
});

it('closes the channel while the release of what the show used is not answered', async () => {
  const plan = planFor({ duration: '1h', uses: [use()] });
  const { eventId } = await start(plan);
  await until(async () => (await env.showcaller.status(eventId)).phase === 'waiting-for-encoder');
  const letGo = holdBookings();
  await env.showcaller.stopNow(eventId, by);
  const askedAt = Date.now();
  await until(async () => (await env.showcaller.status(eventId)).released);
  expect(Date.now() - askedAt).toBeLessThan(minute);
  expect((await env.showcaller.pending(eventId)).map(({ name }) => name)).toContain('releaseUses');
  letGo();
  expect(await env.showcaller.result(eventId)).toMatchObject({ endReason: 'stopped-by-operator' });
});

it('only warns where the configuration says so, and counts the channels of an account', async () => {
  const studio = use();
  rules = { onConflict: 'warn', slots: 1 };
  try {
    await start(planAt(1, 2, { uses: [studio] }));
    const second = planAt(1, 2, { uses: [studio] });
    const { conflicts } = await start(second);
    expect(conflicts?.map((one) => one.use)).toEqual([studio, 'a channel of alibaba-oss / default']);
    await untilRunHolds(second.eventId);
    const { warnings } = await env.showcaller.status(second.eventId);
    expect(warnings?.map(({ warning }) => warning)).toContain('booking-conflict');
  } finally {
    rules = { onConflict: 'refuse' };
  }
});

it('gives a use to one of fifty that ask at the same moment', async () => {
  const studio = use();
  const plans = Array.from({ length: 50 }, () => planAt(1, 2, { uses: [studio] }));
  const outcomes = await Promise.allSettled(plans.map(start));
  const won = outcomes.filter(({ status }) => status === 'fulfilled');
  const lost = outcomes.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
  expect(won).toHaveLength(1);
  for (const reason of lost) expect(reason).toBeInstanceOf(BookedError);
});

it('refuses a tenant that holds as much as it may, and no other', async () => {
  const bookings = new Bookings(env.client, { taskQueue: env.taskQueue });
  const request = (tenant: string, event: string): BookingRequest => ({
    ...{ event: `${tenant}/${event}`, tenant, claim: event, vendor: 'aws-ivs', account: 'default', uses: [event] },
    ...{ allocateAt: from, startsAt: from, endsAt: from + hour },
  });
  const asked = Array.from({ length: mostOfTenant }, (_, index) => bookings.book(request('acme', `e${index}`)));
  expect((await Promise.all(asked)).every(({ booked }) => booked)).toBe(true);
  const refused = await bookings.book(request('acme', 'more')).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RefusedError);
  expect(await bookings.book(request('bolt', 'more'))).toMatchObject({ booked: true });
});

it('adds nothing to the history of a plan without uses', async () => {
  // Later than the tests before have let time go on.
  const plan = planAt(50, 51);
  await start(plan);
  const scheduled = async () => {
    const { events } = await env.client.workflow.getHandle(`live-event/${plan.eventId}`).fetchHistory();
    return events?.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
  };
  await until(async () => (await scheduled())?.includes('preflight'));
  expect(await scheduled()).toEqual(['preflight']);
});
