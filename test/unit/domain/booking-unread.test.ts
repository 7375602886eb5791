import { expect, it } from 'vitest';
import { type BudgetRoom, unreadRoom } from '../../../domain/booking/budget.ts';
import { type BookingRequest, type BookingRules, decideBooking } from '../../../domain/booking/request.ts';

const wanted: BookingRequest = {
  ...{ event: 'acme/final', tenant: 'acme', claim: 'a', vendor: 'aws-ivs', account: 'default', uses: ['studio-a'] },
  ...{ allocateAt: 0, startsAt: 1_000, endsAt: 2_000, asksAgain: true },
};
const roomOf = (onLimit: BudgetRoom['onLimit'], month = '1970-01'): BudgetRoom => ({
  ...{ unit: 'minutes', limit: 10, tenant: 'acme', month, onLimit, used: 0, others: 0, own: 0 },
  wanted: [{ event: 'acme/final', amount: 5, from: 0, to: 2_000 }],
});
const rulesOf = (...budgets: BudgetRoom[]): BookingRules => ({ onConflict: 'refuse', budgets });
const unread = rulesOf(unreadRoom(roomOf('refuse')));

it('an event whose month cannot be read now is not booked: it is to be asked for again', () => {
  for (const onLimit of ['refuse', 'stop'] as const) {
    const money: BudgetRoom = { ...roomOf(onLimit), unit: 'money', currency: 'USD' };
    const rooms = [roomOf(onLimit), money, roomOf(onLimit, '1970-02')].map(unreadRoom);
    const { bookings, answer } = decideBooking([], wanted, rulesOf(...rooms), 0);
    expect(answer).toEqual({ booked: false, conflicts: [], unread: ['1970-01', '1970-02'], holders: [] });
    expect(bookings).toEqual([]);
  }
});

it('what is in its way for good is said of it instead', () => {
  const other = { ...wanted, event: 'acme/other' };
  const { bookings: held } = decideBooking([], other, { onConflict: 'refuse' }, 0);
  const { booked, conflicts, unread: months } = decideBooking(held, wanted, unread, 0).answer;
  expect({ booked, conflicts: conflicts.length, months }).toEqual({ booked: false, conflicts: 1, months: undefined });
  const full = { ...roomOf('refuse', '1970-02'), others: 10 };
  const { answer } = decideBooking([], wanted, rulesOf(unreadRoom(roomOf('refuse')), full), 0);
  expect(answer).toMatchObject({ booked: false, shortages: [{ month: '1970-02' }] });
  expect(answer.unread).toBeUndefined();
});

it('an event that need not ask the budget is booked, and holds its part of it', () => {
  const warned = rulesOf(unreadRoom(roomOf('warn')));
  for (const [how, rules] of [
    [{ insists: true }, unread],
    [{ isWithinBudget: true }, unread],
    [{}, warned],
  ] as const) {
    const { bookings, answer } = decideBooking([], { ...wanted, ...how }, rules, 0);
    expect(answer).toEqual({ booked: true, conflicts: [], holders: [] });
    expect(bookings[0]?.uses.map(({ amount }) => amount)).toContain(5);
  }
});

it('an event that wants no more than it holds is booked, whatever was used', () => {
  const { bookings } = decideBooking([], wanted, rulesOf(roomOf('refuse')), 0);
  const later = { ...wanted, replaces: true, startsAt: 1_500 };
  expect(decideBooking(bookings, later, unread, 0).answer.booked).toBe(true);
  const rooms = unread.budgets?.map((room) => ({ ...room, wanted: room.wanted.map((one) => ({ ...one, amount: 6 })) }));
  expect(decideBooking(bookings, later, rulesOf(...(rooms ?? [])), 0).answer.unread).toEqual(['1970-01']);
});

it('a worker of a former version, which does not know of unread months, refuses the same when it replays', () => {
  const { isUnread: _, ...known } = unreadRoom(roomOf('refuse'));
  const recorded = JSON.parse(JSON.stringify(rulesOf(known))) as BookingRules;
  expect(decideBooking([], wanted, recorded, 0)).toMatchObject({ bookings: [], answer: { booked: false } });
});
