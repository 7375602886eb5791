import { CancellationScope, patched } from '@temporalio/workflow';
import type { Accepted, By } from '../../domain/actions.ts';
import { isBeforeStop } from '../../domain/phases.ts';
import type { PreparedPlan } from '../../domain/plan.ts';
import { formatInstant } from '../../domain/time.ts';
import { checkExtend, checkReschedule, rescheduled } from '../../domain/timeline.ts';
import { accept, type Handling, needsPlan, notBeingStopped, whyBeingStopped } from './acting.ts';
import { moveBooking, moveBookingBack } from './booking.ts';
import { checkBy, instantOf, refuse, refuseIf } from './refusals.ts';
import type { Run } from './run.ts';

/** Moves the end of the show. */
export const extend = (run: Run): Handling<By & { endsAt: string }> => ({
  handler: (by) => {
    const endsAt = instantOf(by.endsAt, 'endsAt');
    const act = () => {
      run.facts.endsAt = endsAt;
      run.prolonged(false);
      const effect = `the show runs until ${by.endsAt}`;
      return accept(run, { action: 'extend', by, details: { endsAt: by.endsAt }, effect });
    };
    const check = () => whyNotExtend(run, endsAt);
    return run.plan.books ? whenBooked(run, { plan: run.plan, endsAt, check, act }) : act();
  },
  validator: (action) => {
    checkBy(action);
    const endsAt = instantOf(action.endsAt, 'endsAt');
    notBeingStopped(run);
    needsPlan(run);
    refuseIf(whyNotExtend(run, endsAt));
  },
});

/** Moves the whole show, before anything is made for it. */
export const reschedule = (run: Run): Handling<By & { startsAt: string; endsAt: string }> => ({
  handler: (by) => {
    const times = timesOf(by);
    const moved = rescheduled(run.plan, times);
    const act = () => {
      run.move(moved);
      const details = { startsAt: by.startsAt, endsAt: by.endsAt };
      const effect = `the show starts at ${formatInstant(times.startsAt)}`;
      return accept(run, { action: 'reschedule', by, details, effect });
    };
    const check = () => whyNotReschedule(run, times);
    return run.plan.books ? whenBooked(run, { plan: moved, check, act }) : act();
  },
  validator: (action) => {
    checkBy(action);
    const times = timesOf(action);
    notBeingStopped(run);
    needsPlan(run);
    refuseIf(whyNotReschedule(run, times));
  },
});

const timesOf = ({ startsAt, endsAt }: { startsAt: string; endsAt: string }) => ({
  startsAt: instantOf(startsAt, 'startsAt'),
  endsAt: instantOf(endsAt, 'endsAt'),
});

const whyNotExtend = ({ plan, facts, status }: Run, endsAt: number): string | undefined =>
  checkExtend(plan, facts, status.phase, Date.now(), endsAt);

const whyNotReschedule = ({ plan, status }: Run, times: { startsAt: number; endsAt: number }): string | undefined =>
  checkReschedule(plan, status.phase, Date.now(), times);

interface Change {
  /** What is to be booked, and until when. Default: until the end of the plan. */
  plan: PreparedPlan;
  endsAt?: number;
  /** Why it cannot be done by now. */
  check: () => string | undefined;
  act: () => Accepted;
}

/** Does what was asked once the booking is moved, if the show still is where it was then. */
async function whenBooked(run: Run, { plan, endsAt, check, act }: Change): Promise<Accepted> {
  const { phase } = run.status;
  const before = run.plan;
  refuseIf(await moveBooking(run, plan, endsAt));
  const isMovable = plan === run.plan ? isBeforeStop(run.status.phase) : run.status.phase === phase;
  // Another change may have been booked later and accepted earlier.
  const overtaken = () => {
    const since = run.plan === before ? check() : 'the show was moved meanwhile';
    return since !== undefined && patched('checked-again-once-booked') ? since : undefined;
  };
  const wentOn = isMovable ? undefined : `the show went on meanwhile (${run.status.phase})`;
  const why = whyBeingStopped(run) ?? wentOn ?? overtaken();
  if (why === undefined) return act();
  if (patched('booking-moved-back')) await CancellationScope.nonCancellable(() => moveBookingBack(run));
  return refuse(why);
}
