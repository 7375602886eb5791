import { describe, expect, it } from 'vitest';
import { type Booking, overlapsOf, stillHeld, withBooking, withoutBooking } from '../../../domain/booking/calendar.ts';
import { type BookingRequest, decideBooking, mostOfTenant } from '../../../domain/booking/request.ts';
import { Prng } from '../../simulation/prng.ts';

const calendars = 10_000;
const lastInstant = 12;
const usesInAll = ['studio-a', 'studio-b', 'encoder-3'];

/** Small numbers, so that spans touch, nest and repeat. */
function randomBooking(prng: Prng, event: string): Booking {
  const uses = usesInAll
    .filter(() => prng.throw() < 0.6)
    .map((use) => {
      const from = prng.between(0, lastInstant - 1);
      return { use, from, to: prng.between(from + 1, lastInstant) };
    });
  return { event, claim: `${event}-${prng.between(0, 1)}`, bookedAt: 0, uses };
}

/** Instant by instant, by counting. */
function bruteForce(bookings: readonly Booking[], wanted: Booking, capacity: number): Set<string> {
  const found = new Set<string>();
  for (const { use, from, to } of wanted.uses) {
    for (let at = from; at < to; at += 1) {
      const holders = bookings
        .filter(({ event }) => event !== wanted.event)
        .flatMap((booking) =>
          booking.uses
            .filter((one) => one.use === use && one.from <= at && at < one.to)
            .map((one) => ({ event: booking.event, name: `${use} ${booking.event} ${one.from}-${one.to}` })),
        );
      const events = new Set(holders.map(({ event }) => event));
      if (events.size >= capacity) for (const { name } of holders) found.add(name);
    }
  }
  return found;
}

describe('the calendar of uses', () => {
  it(`finds in ${calendars} random calendars exactly what counting finds, whatever the capacity`, () => {
    let free = 0;
    let full = 0;
    for (let seed = 1; seed <= calendars; seed += 1) {
      const prng = new Prng(seed);
      const bookings = Array.from({ length: prng.between(0, 7) }, () =>
        randomBooking(prng, `event-${prng.between(1, 5)}`),
      );
      const wanted = randomBooking(prng, `event-${prng.between(1, 6)}`);
      const capacity = prng.between(1, 3);
      const found = overlapsOf(bookings, wanted, () => capacity);
      const names = new Set(found.map(({ use, from, to, booking }) => `${use} ${booking.event} ${from}-${to}`));
      expect(names, `seed ${seed}`).toEqual(bruteForce(bookings, wanted, capacity));
      if (names.size === 0) free += 1;
      else full += 1;
    }
    // Both kinds were there in numbers: a test that only sees free calendars proves nothing.
    expect(Math.min(free, full)).toBeGreaterThan(calendars / 10);
  });

  it('lets one show follow another without a break', () => {
    const before = { event: 'first', claim: 'a', bookedAt: 0, uses: [{ use: 'studio-a', from: 0, to: 10 }] };
    const after = { event: 'second', uses: [{ use: 'studio-a', from: 10, to: 20 }] };
    expect(overlapsOf([before], after, () => 1)).toEqual([]);
  });

  it('gives a run what its event was booked with, and frees one attempt alone', () => {
    const uses = [{ use: 'studio-a', from: 0, to: 10 }];
    const attempts = ['one', 'two'].map((claim) => ({ event: 'final', claim, bookedAt: 0, uses }));
    expect(withoutBooking(attempts, { event: 'final', claim: 'one' })).toEqual([attempts[1]]);
    const ofRun = { event: 'final', claim: 'run', bookedAt: 1, uses };
    expect(withBooking(attempts, ofRun, true)).toEqual([ofRun]);
    expect(withBooking(attempts, ofRun, false)).toHaveLength(3);
  });
});

describe('a request', () => {
  const request = (overrides: Partial<BookingRequest> = {}): BookingRequest => ({
    event: 'final',
    claim: 'a',
    vendor: 'aws-ivs',
    account: 'default',
    uses: ['studio-a'],
    allocateAt: 900,
    startsAt: 1_000,
    endsAt: 2_000,
    ...overrides,
  });
  const refuse = { onConflict: 'refuse' } as const;
  const bookedBy = (...requests: BookingRequest[]): Booking[] =>
    requests.reduce<Booking[]>((held, one) => decideBooking(held, one, { ...refuse, slots: 9 }, 0).bookings, []);

  it('is refused with the list of conflicts, and changes nothing', () => {
    const held = bookedBy(request({ event: 'other', endsAt: 1_500 }));
    const { bookings, answer } = decideBooking(held, request(), refuse, 0);
    expect(bookings).toEqual(held);
    expect(answer).toMatchObject({
      booked: false,
      conflicts: [
        { use: 'studio-a', eventId: 'other', from: '1970-01-01T00:00:01.000Z', to: '1970-01-01T00:00:01.500Z' },
      ],
    });
  });

  it('is booked with its conflicts where the configuration warns', () => {
    const held = bookedBy(request({ event: 'other' }));
    const { bookings, answer } = decideBooking(held, request(), { onConflict: 'warn' }, 0);
    expect(answer).toMatchObject({ booked: true, conflicts: [{ eventId: 'other' }] });
    expect(bookings.map(({ event }) => event)).toEqual(['other', 'final']);
  });

  it('takes a slot of its account from the allocation on, and names no event of another tenant', () => {
    const other = request({
      event: 'bolt/other',
      tenant: 'bolt',
      uses: [],
      startsAt: 500,
      endsAt: 950,
      allocateAt: 400,
    });
    const held = bookedBy(other);
    const wanted = request({ event: 'acme/final', tenant: 'acme' });
    expect(decideBooking(held, wanted, { ...refuse, slots: 2 }, 0).answer.booked).toBe(true);
    const { answer } = decideBooking(held, wanted, { ...refuse, slots: 1 }, 0);
    expect(answer.conflicts).toEqual([
      { use: 'a channel of aws-ivs / default', from: '1970-01-01T00:00:00.900Z', to: '1970-01-01T00:00:00.950Z' },
    ]);
  });

  it('says neither when another tenant’s events begin and end, nor how many there are', () => {
    const others = [1, 2, 3].map((index) =>
      request({
        event: `bolt/e${index}`,
        tenant: 'bolt',
        uses: [],
        allocateAt: index,
        startsAt: index + 5,
        endsAt: 9_000,
      }),
    );
    const held = others.reduce(
      (all, other) => decideBooking(all, other, { ...refuse, slots: 10 }, 0).bookings,
      bookedBy(),
    );
    const wanted = request({ event: 'acme/final', tenant: 'acme', allocateAt: 100, startsAt: 200, endsAt: 300 });
    expect(decideBooking(held, wanted, { ...refuse, slots: 3 }, 0).answer.conflicts).toEqual([
      { use: 'a channel of aws-ivs / default', from: '1970-01-01T00:00:00.100Z', to: '1970-01-01T00:00:00.300Z' },
    ]);
  });

  it('leaves the room of others to them', () => {
    let held = bookedBy();
    for (let index = 0; index < mostOfTenant; index += 1)
      held = decideBooking(
        held,
        request({ event: `bolt/e${index}`, tenant: 'bolt', uses: [`u${index}`] }),
        refuse,
        0,
      ).bookings;
    const more = request({ event: 'bolt/more', tenant: 'bolt', uses: ['x'] });
    expect(decideBooking(held, more, refuse, 0).answer).toMatchObject({ booked: false, isFull: true, conflicts: [] });
    // The limit hides no conflict: those in the way may be gone, and any other, which may make room.
    const namedAfter = (passed?: number) => {
      const { holders, hasMore } = decideBooking(held, { ...more, uses: ['u700'], passed }, refuse, 0).answer;
      return { named: holders.map((one) => one.event), hasMore };
    };
    const events = held.map((one) => one.event);
    expect(namedAfter()).toEqual({ named: ['bolt/e700', ...events.slice(0, 49)], hasMore: true });
    expect(namedAfter(50)).toEqual({ named: events.slice(49, 99), hasMore: true });
    expect(namedAfter(950)).toEqual({ named: events.slice(950), hasMore: undefined });
    expect(decideBooking(held, { ...more, uses: ['u7'], insists: true }, refuse, 0)).toMatchObject({
      bookings: held,
      answer: {
        ...{ booked: false, isFull: true, conflicts: [{ use: 'u7', eventId: 'e7' }] },
        holders: [7, 0, 1, 2, 3, 4, 5, 6, ...Array.from({ length: 42 }, (_, n) => n + 8)].map((n) => ({
          event: `bolt/e${n}`,
        })),
      },
    });
    expect(decideBooking(held, { ...more, event: 'acme/more', tenant: 'acme' }, refuse, 0).answer.booked).toBe(true);
    const { tenant: _, ...ofNone } = more;
    expect(decideBooking(held, ofNone, refuse, 0).answer.booked).toBe(true);
    // The run of an event that is booked is never refused for it.
    const run = request({ event: 'bolt/e1', tenant: 'bolt', uses: ['u1'] });
    expect(decideBooking(held, { ...run, replaces: true }, refuse, 0).answer.booked).toBe(true);
  });

  it('holds the uses of its own tenant alone', () => {
    const held = bookedBy(request({ event: 'bolt/other', tenant: 'bolt' }));
    expect(decideBooking(held, request({ event: 'acme/final', tenant: 'acme' }), refuse, 0).answer.booked).toBe(true);
  });

  it('forgets what is over', () => {
    const held = bookedBy(request({ event: 'other' }));
    expect(decideBooking(held, request({ startsAt: 3_000, endsAt: 4_000 }), refuse, 2_500).bookings).toHaveLength(1);
  });
});

it('a booking is held until the last of its uses is over', () => {
  const uses = [
    { use: 'studio-a', from: 0, to: 5 },
    { use: 'encoder-3', from: 0, to: 9 },
  ];
  const booking: Booking = { event: 'final', claim: 'run', bookedAt: 0, uses };
  expect([4, 5, 8, 9].map((now) => stillHeld([booking], now).length)).toEqual([1, 1, 1, 0]);
});
