import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { problemOf } from '../../../api/http/errors.ts';
import { Bookings } from '../../../client/bookings.ts';
import type { BookingAnswer, BookingRequest } from '../../../domain/booking/request.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const request: BookingRequest = {
  event: 'acme/final',
  tenant: 'acme',
  claim: 'a',
  vendor: 'aws-ivs',
  account: 'default',
  uses: [],
  allocateAt: 0,
  startsAt: 0,
  endsAt: 1,
};
const unread: BookingAnswer = { booked: false, conflicts: [], unread: ['2026-11'], holders: [] };
const booked: BookingAnswer = { booked: true, conflicts: [], holders: [] };

/** A workflow that gives these answers, and the last for ever. */
function bookingsWith(...answers: BookingAnswer[]) {
  let asked = 0;
  const sent: BookingRequest[] = [];
  const executeUpdateWithStart = async (_: string, { args: [requests] }: { args: [BookingRequest[]] }) => {
    sent.push(...requests);
    return [answers[Math.min(asked++, answers.length - 1)]];
  };
  const client = { workflow: { executeUpdateWithStart }, withDeadline: (_: number, ask: () => unknown) => ask() };
  return { bookings: new Bookings(client as unknown as Client, { taskQueue: 'q' }), asked: () => asked, sent };
}

it('a booking whose budget is being read is asked for again, and booked once it is read', async () => {
  const { bookings, asked } = bookingsWith(unread, unread, booked);
  const answer = bookings.book(request);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await answer).toEqual(booked);
  expect(asked()).toBe(3);
});

it('a booking whose budget is not read in time fails with the tenant, the month and what to do, and may be tried again', async () => {
  const { bookings } = bookingsWith(unread);
  const failed = bookings.book(request).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(8_000);
  const error = await failed;
  expect((error as Error).message).toMatch(/tenant acme .* 2026-11 .*nothing was booked: try again/);
  expect(problemOf(error).facts).toMatchObject({ status: 503, detail: (error as Error).message });
});

it('those in the way that come to light once others are found to be over are looked at too', async () => {
  const heldBy = (...events: string[]): BookingAnswer => ({
    ...{ booked: false, conflicts: [] },
    holders: events.map((event) => ({ event, claim: 'run', bookedAt: 0 })),
  });
  const answers = [heldBy('a', 'b'), heldBy('b', 'c'), booked];
  const [released, looked]: [string[], string[]] = [[], []];
  const client = {
    workflow: {
      executeUpdateWithStart: async () => [answers.shift()],
      getHandle: (id: string) => ({
        signal: async (_name: string, { event }: { event: string }) => void released.push(event),
        describe: async () => {
          looked.push(id);
          if (id === 'live-event/b') return { status: { name: 'RUNNING' }, runId: 'run' };
          throw new WorkflowNotFoundError('', id, undefined);
        },
      }),
    },
    withDeadline: (_: number, ask: () => unknown) => ask(),
  };
  expect(await new Bookings(client as unknown as Client, { taskQueue: 'q' }).book(request)).toEqual(booked);
  expect(released).toEqual(['a', 'c']);
  expect(looked).toEqual(['live-event/a', 'live-event/b', 'live-event/c']);
});

it('a request says that its asker knows of months that cannot be read', async () => {
  const { bookings, sent } = bookingsWith(booked);
  await bookings.book(request);
  expect(sent).toEqual([{ ...request, asksAgain: true }]);
});

it('a refusal without a reason is a failure, which may be tried again, and no booking of another event', async () => {
  const { bookings } = bookingsWith({ booked: false, conflicts: [], holders: [] });
  await expect(bookings.book(request)).rejects.toThrow(/acme\/final .*without a reason.*try again/);
});
