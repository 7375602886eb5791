import { afterEach, beforeEach, expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { looksAt, twoLegs } from './legs-harness.ts';

/** Runs that are cancelled in the workflow task in which they begin something beside the show. */
const hour = 3_600_000;
let env: TestEnvironment;
beforeEach(async () => {
  env = await testEnvironment();
});
afterEach(() => env.close());

const overrun = () =>
  ({ while: 'encoder-connected', until: new Date(Date.now() + hour).toISOString(), step: '1m' }) as const;
const waits = { maxDuration: '10h', firstConnect: '10m', encoderLost: '1h' } as const;
const handleOf = (eventId: string) => env.client.workflow.getHandle(`live-event/${eventId}`);
const isOpen = ({ channels }: FakeVendor) => [...channels.values()].some(({ open }) => open);

/** Waits until the newest activity, or the newest timer, of a run has ended. */
const untilEnded = (eventId: string, of: 'activity' | 'timer') =>
  until(async () => {
    const { events } = await handleOf(eventId).fetchHistory();
    const begun = events?.findLast(
      ({ activityTaskScheduledEventAttributes: activity, timerStartedEventAttributes: timer }) =>
        of === 'activity' ? activity : timer,
    );
    return events?.some(({ activityTaskCompletedEventAttributes: activity, timerFiredEventAttributes: timer }) => {
      const endedId = of === 'activity' ? activity?.scheduledEventId : timer?.startedEventId;
      return endedId !== undefined && String(endedId) === String(begun?.eventId);
    });
  });

/** A show that is on air and books; `hold` gives what the next bookings wait for. */
function bookingActivities(vendor: FakeVendor, hold: () => Promise<void> | undefined = () => undefined) {
  const bookings = new Bookings(env.client, { taskQueue: env.taskQueue });
  const book: Bookings['book'] = async (request) => {
    await hold();
    return bookings.book(request);
  };
  const bookingRules = () => ({ onConflict: 'refuse' as const });
  return activitiesOn(vendor, { bookings: { book, release: (of) => bookings.release(of) }, bookingRules });
}

async function live(vendor: FakeVendor) {
  const plan = planFor({ uses: ['studio'], duration: '60s', overrun: overrun(), waits });
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const phase = async () => (await env.showcaller.status(eventId)).phase;
  await until(async () => (await phase()) === 'waiting-for-encoder');
  vendor.connect(`sc-${eventId}`);
  await until(async () => (await phase()) === 'live');
  return eventId;
}

it('a show that is cancelled in the task in which it is prolonged is over, and its channel is gone', async () => {
  const vendor = new FakeVendor();
  const activities = bookingActivities(vendor);
  await env.work(activities, { only: 'activities' });
  const first = await env.work(activities, { only: 'workflows' });
  const eventId = await live(vendor);
  await first.stop();
  await untilEnded(eventId, 'activity');
  await handleOf(eventId).cancel();
  await env.work(activities, { only: 'workflows' });
  const { endReason, released, warnings = [] } = await env.showcaller.result(eventId);
  expect({ endReason, released }).toEqual({ endReason: 'cancelled', released: true });
  expect(warnings.filter(({ warning }) => warning === 'booking-conflict')).toEqual([]);
  expect(isOpen(vendor)).toBe(false);
});

it('a show that is cancelled while its booking is prolonged has no conflict', async () => {
  const vendor = new FakeVendor();
  let held: Promise<void> | undefined;
  let go = () => {};
  await env.work(bookingActivities(vendor, () => held));
  const eventId = await live(vendor);
  held = new Promise<void>((resolve) => {
    go = resolve;
  });
  await until(async () => (await env.showcaller.pending(eventId)).some(({ name }) => name === 'bookUses'));
  await env.showcaller.cancel(eventId);
  await until(async () => (await env.showcaller.status(eventId)).phase !== 'live');
  go();
  const { endReason, warnings = [] } = await env.showcaller.result(eventId);
  expect(endReason).toBe('cancelled');
  expect(warnings.filter(({ warning }) => warning === 'booking-conflict')).toEqual([]);
});

it('an event with legs that is cancelled in the task in which its budget is spent ends all of them', async () => {
  const vendors = { a: new FakeVendor(), b: new FakeVendor() };
  const activities = activitiesOnAccounts(vendors, { legs: legsPort(env.client), timeScale: 1 });
  await env.work(activities, { only: 'activities' });
  const first = await env.work(activities, { only: 'workflows' });
  const { vendor: _, ...usual } = planFor({ duration: '30m', waits });
  const plan = {
    ...usual,
    budget: { billedMinutes: 4, onLimit: 'stop' as const },
    legs: twoLegs({ start: 'with-event' }),
  };
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const { when } = looksAt(env, eventId);
  const all = Object.values(vendors);
  await until(() => all.every(isOpen));
  for (const vendor of all) vendor.connect([...vendor.channels.keys()][0] ?? '');
  await when(({ legs }) => legs?.every(({ status }) => status?.phase === 'live') === true);
  await when(({ warnings }: EventStatus) => warnings?.some(({ warning }) => warning === 'budget-near') === true);
  await first.stop();
  await untilEnded(eventId, 'timer');
  await handleOf(eventId).cancel();
  await env.work(activities, { only: 'workflows' });
  const { released } = await env.showcaller.result(eventId);
  expect(released).toBe(true);
  expect(all.map(isOpen)).toEqual([false, false]);
});
