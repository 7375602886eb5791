import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { problemOf } from '../../../api/http/errors.ts';
import { Bookings } from '../../../client/bookings.ts';
import { type Booking, withoutBooking } from '../../../domain/booking/calendar.ts';
import { type BookingRequest, decideBooking, mostOfTenant } from '../../../domain/booking/request.ts';
import { eventKeyOf } from '../../../domain/ids.ts';

const now = Date.UTC(2026, 11, 1, 18);
const times = { from: now + 1, to: now + 2 };
const request: BookingRequest = {
  ...{ event: 'acme/late', tenant: 'acme', claim: 'x', vendor: 'aws-ivs', account: 'default', uses: ['studio'] },
  ...{ allocateAt: times.from, startsAt: times.from, endsAt: times.to },
};

/** Bookings of the studio, and a Temporal that knows nothing of the events `isGone`. */
function heldBy(count: number, isGone: (n: number) => boolean) {
  let held: Booking[] = Array.from({ length: count }, (_, n) => ({
    ...{ event: `acme/e${n}`, tenant: 'acme', claim: `run-${n}`, bookedAt: 0 },
    uses: [{ use: 'acme/studio', ...times }],
  }));
  const asked: BookingRequest[] = [];
  const looked: string[] = [];
  const getHandle = (id: string) => ({
    signal: async (_name: string, of: { event: string }) => {
      held = withoutBooking(held, of);
    },
    describe: async () => {
      const event = eventKeyOf(id) ?? '';
      looked.push(event);
      const n = Number(event.replace('acme/e', ''));
      if (isGone(n)) throw new WorkflowNotFoundError('', id, undefined);
      return { status: { name: 'RUNNING' }, runId: `run-${n}` };
    },
  });
  const executeUpdateWithStart = async (_name: string, { args: [requests] }: { args: [BookingRequest[]] }) => {
    asked.push(...requests);
    return requests.map((one) => {
      const { bookings, answer } = decideBooking(held, one, { onConflict: 'refuse' }, now);
      held = bookings;
      return answer;
    });
  };
  const client = {
    withDeadline: (_: number, ask: () => unknown) => ask(),
    workflow: { getHandle, executeUpdateWithStart },
  };
  return { bookings: new Bookings(client as unknown as Client, { taskQueue: 'q' }), asked, looked };
}

it('where many are in the way, and one of each page is over, each page is asked for twice at most, and each looked at once', async () => {
  const count = mostOfTenant - 1;
  const { bookings, asked, looked } = heldBy(count, (n) => n % 50 === 49);
  expect(await bookings.book(request)).toMatchObject({ booked: false });
  expect(looked.toSorted()).toEqual(Array.from({ length: count }, (_, n) => `acme/e${n}`).toSorted());
  expect(asked.length).toBeLessThanOrEqual(2 * Math.ceil(count / 50));
});

it('an event whose bookings in the way are all over, page after page, is booked, and no page is named twice', async () => {
  const { bookings, asked, looked } = heldBy(500, () => true);
  expect(await bookings.book(request)).toMatchObject({ booked: true, conflicts: [] });
  expect(looked).toHaveLength(500);
  expect(asked).toHaveLength(11);
});

/** A workflow whose updates are kept, with what answers them. */
function bookingsThat(answer: (requests: BookingRequest[]) => unknown) {
  const sent: BookingRequest[][] = [];
  const executeUpdateWithStart = async (_name: string, { args: [requests] }: { args: [BookingRequest[]] }) => {
    sent.push(requests);
    return answer(requests);
  };
  const client = { withDeadline: (_: number, ask: () => unknown) => ask(), workflow: { executeUpdateWithStart } };
  return { bookings: new Bookings(client as unknown as Client, { taskQueue: 'q' }), sent };
}

it('large requests of one tenant do not make an update that Temporal refuses, with those of others in it', async () => {
  const { bookings, sent } = bookingsThat((all) => all.map(() => ({ booked: true, conflicts: [], holders: [] })));
  const large = { note: 'x'.repeat(60_000) };
  const times = { allocateAt: 0, opensAt: 0, startsAt: 0, endsAt: 1 };
  const planned = [
    { event: 'acme/late', vendor: 'v', account: 'a', vendorOptions: large, standby: false, pulls: false, ...times },
  ];
  const all = Array.from({ length: 100 }, (_, n) => ({ ...request, claim: `c${n}`, planned }));
  await Promise.all(all.map((one) => bookings.book(one)));
  expect(sent.flat()).toHaveLength(100);
  for (const one of sent) expect(Buffer.byteLength(JSON.stringify(one))).toBeLessThan(1_000_000);
  expect(sent.length).toBeLessThan(20);
});

it('bookings that are full for all say so, and it is no failure of the server', async () => {
  const { bookings } = bookingsThat(() => {
    throw new WorkflowUpdateFailedError('Workflow Update failed', ApplicationFailure.create({ message: 'no more' }));
  });
  const error = await bookings.book(request).catch((refused: unknown) => refused);
  expect(problemOf(error).facts).toMatchObject({ status: 409, detail: 'no more' });
});
