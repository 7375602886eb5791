import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { Bookings } from '../../../client/bookings.ts';
import { withConflicts } from '../../../client/schedules/booked.ts';
import type { ScheduleReport } from '../../../client/schedules/view.ts';
import type { BookingAnswer } from '../../../domain/booking/request.ts';

const [from, to] = ['2026-12-01T18:00:00.000Z', '2026-12-01T19:00:00.000Z'];
const answer: BookingAnswer = {
  ...{ booked: false, isFull: true, holders: [] },
  conflicts: [{ use: 'studio-a', eventId: 'final', from, to }],
};
const client = {
  withDeadline: (_at: number, work: () => unknown) => work(),
  workflow: {
    getHandle: () => ({ query: async () => answer }),
    executeUpdateWithStart: async () => [answer],
  },
} as unknown as Client;
const full = 'tenant acme has 1000 bookings, the most that are kept: end or cancel events, or plan them later';
const conflict = `studio-a is held by the event final from ${from} to ${to}`;

it('a schedule of a tenant with as many bookings as are kept is warned of that, and of the conflicts', async () => {
  const made = {
    ...{ scheduleId: 'daily', warnings: [], shows: [from, to].map((startsAt) => ({ startsAt, eventId: startsAt })) },
    plan: { tenant: 'acme', uses: ['studio-a'], duration: '1h', vendor: 'aws-ivs' },
  } as unknown as ScheduleReport;
  const list = async function* () {} as () => AsyncIterable<ScheduleReport>;
  expect((await withConflicts(made, client, 'showcaller', { list })).warnings).toEqual([full, conflict, conflict]);
});

it('an event that is refused for that is refused with the conflicts that it would have too', async () => {
  const times = { allocateAt: 0, startsAt: 0, endsAt: 1 };
  const of = { event: 'acme/late', tenant: 'acme', claim: 'x', vendor: 'aws-ivs', account: 'default' };
  const bookings = new Bookings(client, { taskQueue: 'showcaller' });
  await expect(bookings.book({ ...of, ...times, uses: ['studio-a'] })).rejects.toThrow(`${full}; ${conflict}`);
});

it('where nothing is booked nothing is in the way', async () => {
  const none = () => Promise.reject(new WorkflowNotFoundError('', '', undefined));
  const empty = { workflow: { getHandle: () => ({ query: none }) } } as unknown as Client;
  expect(await new Bookings(empty, { taskQueue: 'showcaller' }).conflicts({} as never)).toEqual({ conflicts: [] });
});
