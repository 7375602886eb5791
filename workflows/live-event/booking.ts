import { ActivityFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import { bookingRequestOf, conflictLines } from '../../domain/booking/request.ts';
import { eventKeyOf } from '../../domain/ids.ts';
import { isBeforeStop } from '../../domain/phases.ts';
import type { PreparedPlan } from '../../domain/plan.ts';
import { describeFailure } from '../failure.ts';
import { booking } from './activities.ts';
import { ShowOver } from './interrupts.ts';
import type { Run } from './run.ts';

const eventOfRun = (): string => eventKeyOf(workflowInfo().workflowId) ?? workflowInfo().workflowId;

/** Asks to hold what the plan uses at these times; the conflicts, where that is refused. */
async function book(run: Run, plan: PreparedPlan, { endsAt, insists }: { endsAt?: number; insists?: boolean } = {}) {
  const request = bookingRequestOf(plan, { event: eventOfRun(), claim: workflowInfo().runId, endsAt });
  const { bookUses } = booking(run.nextBooking(), 'book what the event uses');
  const { booked, conflicts } = await bookUses({ ...request, replaces: true, ...(insists && { insists }) });
  const lines = conflictLines(conflicts).join('; ');
  if (booked && lines !== '') run.warn('booking-conflict', `booked in spite of a conflict: ${lines}`);
  return booked ? undefined : lines;
}

/** Before anything is made. @throws ShowOver when another event holds what this one uses, and the configuration refuses that */
export async function bookUses(run: Run): Promise<void> {
  try {
    const refusal = await book(run, run.plan);
    if (refusal !== undefined) throw new ShowOver('already-booked', refusal);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // Nothing is made for a show whose encoder or studio may be another's.
    throw new ShowOver('already-booked', `what the event uses could not be booked: ${describeFailure(error).message}`);
  }
}

/** Moves the booking with the show before an operator's change is accepted; why it cannot be moved. */
export async function moveBooking(run: Run, plan: PreparedPlan, endsAt?: number): Promise<string | undefined> {
  try {
    return await book(run, plan, { endsAt });
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return `the booking could not be moved: ${describeFailure(error).message}`;
  }
}

/** An operator's change is refused after its booking was moved: what the show uses is held at its own times again. */
export async function moveBookingBack(run: Run): Promise<void> {
  const { interrupts, status } = run;
  if (interrupts.stopRequested || interrupts.isCancelled || !isBeforeStop(status.phase)) await release(run, true);
  else await prolongBooking(run);
}

/** A show that is on is not ended by a booking: it is prolonged, and the conflict is reported. */
export async function prolongBooking(run: Run): Promise<void> {
  try {
    await book(run, run.plan, { endsAt: run.cues.endAt, insists: true });
    run.show();
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    run.warn('booking-conflict', `the booking was not prolonged: ${describeFailure(error).message}`);
  }
}

/** The show is over: its encoder and its studio are free, the channel is not gone yet. */
export async function releaseNamedUses(run: Run): Promise<void> {
  if (run.plan.uses) await release(run, true);
}

export async function releaseUses(run: Run): Promise<void> {
  if (run.plan.books?.slot) await release(run, false);
}

async function release(run: Run, keepsSlot: boolean): Promise<void> {
  try {
    await booking(run.nextBooking(), 'release what the event used').releaseUses({ event: eventOfRun(), keepsSlot });
  } catch (error) {
    // Who wants it next sees that this run is over.
    if (!(error instanceof ActivityFailure)) throw error;
    run.warn('booking-conflict', `what the event used was not released: ${describeFailure(error).message}`);
  }
}
