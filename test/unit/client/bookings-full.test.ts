import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { withConflicts } from '../../../client/schedules/booked.ts';
import type { SchedulePage, ScheduleReport } from '../../../client/schedules/view.ts';
import { type Booking, withoutBooking } from '../../../domain/booking/calendar.ts';
import {
  type BookingRequest,
  decideBooking,
  defaultBookingRules,
  fullLine,
  mostOfTenant,
} from '../../../domain/booking/request.ts';
import { eventKeyOf } from '../../../domain/ids.ts';

const [from, to] = ['2026-12-01T18:00:00.000Z', '2026-12-01T19:00:00.000Z'];
const times = { from: Date.parse(from), to: Date.parse(to) };
const now = times.from - 3_600_000;
const asked = {
  ...{ event: 'acme/late', tenant: 'acme', claim: 'x', vendor: 'aws-ivs', account: 'default' },
  ...{ allocateAt: times.from, startsAt: times.from, endsAt: times.to },
};

/** The bookings of a tenant that has all that it may, and a Temporal where these events are not found. */
function fullWith(...gone: string[]) {
  let held: Booking[] = Array.from({ length: mostOfTenant }, (_, n) => ({
    ...{ event: `acme/e${n}`, tenant: 'acme', claim: `run-${n}`, bookedAt: 0 },
    uses: [{ use: `acme/u${n}`, ...times }],
  }));
  const decide = (request: BookingRequest) => decideBooking(held, request, defaultBookingRules, now);
  const book = (request: BookingRequest) => {
    const { bookings, answer } = decide(request);
    held = bookings;
    return answer;
  };
  const getHandle = (id: string) => ({
    query: async (_name: string, request: BookingRequest) => decide(request).answer,
    signal: async (_name: string, of: { event: string }) => {
      held = withoutBooking(held, of);
    },
    describe: async () => {
      const event = eventKeyOf(id);
      if (event === undefined || gone.includes(event)) throw new WorkflowNotFoundError('', id, undefined);
      return { status: { name: 'RUNNING' }, runId: event.replace('acme/e', 'run-') };
    },
  });
  const executeUpdateWithStart = async (_name: string, { args: [requests] }: { args: [BookingRequest[]] }) =>
    requests.map(book);
  const withDeadline = (_at: number, work: () => unknown) => work();
  return { withDeadline, workflow: { getHandle, executeUpdateWithStart } } as unknown as Client;
}

const scheduleOf = (use: string) =>
  ({
    ...{ scheduleId: 'daily', warnings: [], shows: [{ startsAt: from, eventId: 'daily-1' }] },
    plan: { tenant: 'acme', uses: [use], duration: '1h', vendor: 'aws-ivs' },
  }) as unknown as ScheduleReport;
const pages = async function* () {} as () => AsyncIterable<SchedulePage>;
const warningsOf = async (use: string, ...gone: string[]) =>
  (await withConflicts(scheduleOf(use), fullWith(...gone), 'showcaller', { pages })).warnings;
const book = (client: Client, use: string) =>
  new Bookings(client, { taskQueue: 'showcaller' }).book({ ...asked, uses: [use] });

it('a schedule of a tenant with as many bookings as are kept is warned of the conflicts that its runs will have, and of no limit', async () => {
  expect(await warningsOf('free')).toEqual([]);
  expect(await warningsOf('u700')).toEqual([`u700 is held by the event e700 from ${from} to ${to}`]);
});

it('a schedule is warned of no event that is over, or was never started', async () => {
  expect(await warningsOf('u700', 'acme/e700')).toEqual([]);
  expect(await warningsOf('u700', 'acme/e3')).toEqual([`u700 is held by the event e700 from ${from} to ${to}`]);
});

it('an event that is refused for the limit is refused with the conflicts that it would have too', async () => {
  const refusal = `${fullLine('acme')}; u700 is held by the event e700 from ${from} to ${to}`;
  await expect(book(fullWith(), 'u700')).rejects.toThrow(refusal);
});

it('what an event that is over holds stands in the way of no event of a tenant with as many bookings as are kept', async () => {
  expect(await book(fullWith('acme/e700'), 'u700')).toMatchObject({ booked: true, conflicts: [] });
  expect(await book(fullWith('acme/e3'), 'free')).toMatchObject({ booked: true, conflicts: [] });
  expect(await book(fullWith('acme/e999'), 'free')).toMatchObject({ booked: true, conflicts: [] });
  await expect(book(fullWith('acme/e3'), 'u700')).resolves.toMatchObject({
    ...{ booked: false, conflicts: [{ eventId: 'e700' }] },
  });
});

it('where nothing is booked nothing is in the way', async () => {
  const none = () => Promise.reject(new WorkflowNotFoundError('', '', undefined));
  const empty = { workflow: { getHandle: () => ({ query: none }) } } as unknown as Client;
  expect(await new Bookings(empty, { taskQueue: 'showcaller' }).conflicts({} as never)).toEqual([]);
});
