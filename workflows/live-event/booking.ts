import { ActivityFailure, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import { type BookingAnswer, bookingRequestOf, refusalLines } from '../../domain/booking/request.ts';
import { eventKeyOf, legKeyOf } from '../../domain/ids.ts';
import { isBeforeStop } from '../../domain/phases.ts';
import type { PreparedPlan } from '../../domain/plan.ts';
import { describeFailure } from '../failure.ts';
import { booking } from './activities.ts';
import type { EventRecord } from './event-record.ts';
import { ShowOver } from './interrupts.ts';
import type { Run } from './run.ts';

const eventOfRun = (): string => eventKeyOf(workflowInfo().workflowId) ?? workflowInfo().workflowId;

interface BookingOptions {
  endsAt?: number;
  insists?: boolean;
  isWithinBudget?: boolean;
}

/** Asks to hold what the plan uses at these times; with legs, what those that begin with the event use, under the first. */
function ask(run: EventRecord, plan: PreparedPlan, { endsAt, ...how }: BookingOptions = {}): Promise<BookingAnswer> {
  const [first] = plan.legs?.legs ?? [];
  const event = first ? legKeyOf(eventOfRun(), first.name) : eventOfRun();
  const request = bookingRequestOf(plan, { event, claim: workflowInfo().runId, endsAt });
  const { bookUses } = booking(run.nextBooking(), 'book what the event uses');
  return bookUses({ ...request, replaces: true, ...how });
}

/** What is in the way, where that is refused. */
async function book(run: Run, plan: PreparedPlan, how?: BookingOptions): Promise<Refusal | undefined> {
  const answer = await ask(run, plan, how);
  const lines = refusalLines(answer).join('; ');
  if (answer.booked && lines !== '') run.warn('booking-conflict', `booked in spite of a conflict: ${lines}`);
  return answer.booked ? undefined : { lines, reason: reasonOf(answer) };
}

interface Refusal {
  reason: 'already-booked' | 'over-budget';
  lines: string;
}

/** Why the show is over that could not be booked. */
const reasonOf = ({ conflicts, shortages }: BookingAnswer): Refusal['reason'] =>
  conflicts.length === 0 && shortages ? 'over-budget' : 'already-booked';

/** Before anything is made. @throws ShowOver when another event holds what this one uses, and the configuration refuses that */
export const bookUses = (run: Run): Promise<void> =>
  // The budget had room for the event of a leg, or the leg replaces another.
  untilBooked(run, () => book(run, run.plan, { ...(run.eventReport && { isWithinBudget: true }) }));

/**
 * Before any leg begins: the budget must have room for all that begin with the event. What else a leg uses it books itself,
 * and another leg may begin where it cannot. @throws ShowOver
 */
export const bookLegs = (run: EventRecord): Promise<void> =>
  untilBooked(run, async () => {
    const { booked, shortages } = await ask(run, run.plan);
    if (booked || !shortages) return undefined;
    return { reason: 'over-budget', lines: refusalLines({ conflicts: [], shortages }).join('; ') };
  });

/** Asked again, it asks for the times that the show has by then. */
async function untilBooked(run: EventRecord, once: () => Promise<Refusal | undefined>): Promise<void> {
  try {
    const refusal = await (patched('stop-ends-booking') ? run.interrupts.unlessStopped(once) : once());
    if (refusal) throw new ShowOver(refusal.reason, refusal.lines);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // Nothing is made for a show whose encoder or studio may be another's.
    throw new ShowOver('already-booked', `what the event uses could not be booked: ${describeFailure(error).message}`);
  }
}

/** Moves the booking with the show before an operator's change is accepted; why it cannot be moved. */
export async function moveBooking(run: Run, plan: PreparedPlan, endsAt?: number): Promise<string | undefined> {
  try {
    return (await book(run, plan, { endsAt }))?.lines;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return `the booking could not be moved: ${describeFailure(error).message}`;
  }
}

/** An operator's change is refused after its booking was moved: what the show uses is held at its own times again. */
export async function moveBookingBack(run: Run): Promise<void> {
  const { interrupts, status } = run;
  if (interrupts.stopRequested || interrupts.isCancelled || !isBeforeStop(status.phase))
    await releaseBooking(run, { keepsSlot: true });
  else await prolongBooking(run);
}

/** A show that is on is not ended by a booking: it is prolonged, and the conflict is reported. */
export async function prolongBooking(run: Run): Promise<void> {
  try {
    await book(run, run.plan, { endsAt: run.cues.endAt, insists: true });
    run.show();
  } catch (error) {
    // A show that is cancelled is over: its booking is released.
    if (isCancellation(error) && (!(error instanceof ActivityFailure) || patched('cancelled-is-no-conflict'))) return;
    if (!(error instanceof ActivityFailure)) throw error;
    run.warn('booking-conflict', `the booking was not prolonged: ${describeFailure(error).message}`);
  }
}

/** The show is over: its encoder and its studio are free, the channel is not gone yet. */
export async function releaseNamedUses(run: Run): Promise<void> {
  if (run.plan.uses) await releaseBooking(run, { keepsSlot: true });
}

/** The event ends before any leg begins: a leg that does not run releases nothing. The first holds what the event uses. */
export async function releaseLegs(run: EventRecord): Promise<void> {
  const booked = run.plan.legs?.legs.filter(({ start }, at) => at === 0 || start === 'with-event') ?? [];
  await Promise.all(booked.map(({ name }) => releaseBooking(run, { event: legKeyOf(eventOfRun(), name) })));
}

export async function releaseUses(run: Run): Promise<void> {
  const { slot = false, budget = false } = run.plan.books ?? {};
  if (slot || budget) await releaseBooking(run);
}

async function releaseBooking(run: EventRecord, { event = eventOfRun(), keepsSlot = false } = {}): Promise<void> {
  try {
    await booking(run.nextBooking(), 'release what the event used').releaseUses({ event, keepsSlot });
  } catch (error) {
    // Who wants it next sees that this run is over.
    if (!(error instanceof ActivityFailure)) throw error;
    run.warn('booking-conflict', `what the event used was not released: ${describeFailure(error).message}`);
  }
}
