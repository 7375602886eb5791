import { ApplicationFailure, CancellationScope, isCancellation, patched, setHandler } from '@temporalio/workflow';
import type { Accepted, By } from '../../domain/actions.ts';
import type { JsonObject } from '../../domain/json.ts';
import { acceptsEncoder, cancelEffect, isBeforeStop, isClosingDown } from '../../domain/phases.ts';
import type { PreparedPlan } from '../../domain/plan.ts';
import { formatInstant } from '../../domain/time.ts';
import { checkExtend, checkReschedule, rescheduled } from '../../domain/timeline.ts';
import {
  abandonCleanupUpdate,
  announceCancelUpdate,
  budgetSignal,
  extendUpdate,
  onAirSignal,
  recheckSignal,
  releaseUpdate,
  rescheduleUpdate,
  resetEncoderUpdate,
  retryVodUpdate,
  skipWaitUpdate,
  statusQuery,
  stopNowUpdate,
} from '../messages.ts';
import { moveBooking, moveBookingBack } from './booking.ts';
import { checkBy, instantOf, refuse, refuseIf } from './refusals.ts';
import { resetConnection } from './reset.ts';
import type { Run } from './run.ts';
import { budgetReached } from './tenant-budget.ts';
import { viewersChanged } from './viewers.ts';

/**
 * Registers the query, the signal, the updates and the cancellation of a run. Validators refuse, so that a refusal costs no
 * history. Of what comes in one workflow task, the updates come first.
 */
export function handleMessages(run: Run): void {
  CancellationScope.current().cancelRequested.catch(() => cancelled(run));
  setHandler(statusQuery, () => run.status);
  setHandler(recheckSignal, (vendorEvents) => run.recheck(vendorEvents));
  setHandler(onAirSignal, (sent) => viewersChanged(run, sent));
  setHandler(budgetSignal, (sent) => budgetReached(run, sent));

  setHandler(
    stopNowUpdate,
    (action) => {
      const keepRecording = action.keepRecording !== false;
      const { stopRequested } = run.interrupts;
      const detail = stopRequested?.detail ?? `stopped by ${action.by}: ${action.reason}`;
      const isOver = !isBeforeStop(run.status.phase);
      run.interrupts.stopRequested = { ...stopRequested, detail, keepRecording };
      const effect = isOver
        ? 'a recording that is not proved by now is given up; the clean-up goes on'
        : `${endsWhen(run)}${stopRequested ? ', without its recording' : ''}`;
      return accept(run, 'stopNow', action, { keepRecording }, effect);
    },
    {
      validator: (action) => {
        checkBy(action);
        if (action.keepRecording !== undefined && typeof action.keepRecording !== 'boolean') {
          refuse('keepRecording must be true or false');
        }
        refuseIf(whyNotStop(run, action.keepRecording === false));
      },
    },
  );

  setHandler(
    extendUpdate,
    (action) => {
      const endsAt = instantOf(action.endsAt, 'endsAt');
      const extend = () => {
        run.facts.endsAt = endsAt;
        run.prolonged(false);
        return accept(run, 'extend', action, { endsAt: action.endsAt }, `the show runs until ${action.endsAt}`);
      };
      const check = () => whyNotExtend(run, endsAt);
      return run.plan.books ? whenBooked(run, { plan: run.plan, endsAt, check, act: extend }) : extend();
    },
    {
      validator: (action) => {
        checkBy(action);
        const endsAt = instantOf(action.endsAt, 'endsAt');
        notBeingStopped(run);
        if (!run.plan) refuse('the plan is still being checked; try again in a moment');
        refuseIf(whyNotExtend(run, endsAt));
      },
    },
  );

  setHandler(
    rescheduleUpdate,
    (action) => {
      const times = { startsAt: instantOf(action.startsAt, 'startsAt'), endsAt: instantOf(action.endsAt, 'endsAt') };
      const moved = rescheduled(run.plan, times);
      const reschedule = () => {
        run.move(moved);
        const details = { startsAt: action.startsAt, endsAt: action.endsAt };
        return accept(run, 'reschedule', action, details, `the show starts at ${formatInstant(times.startsAt)}`);
      };
      const check = () => whyNotReschedule(run, times);
      return run.plan.books ? whenBooked(run, { plan: moved, check, act: reschedule }) : reschedule();
    },
    {
      validator: (action) => {
        checkBy(action);
        const times = { startsAt: instantOf(action.startsAt, 'startsAt'), endsAt: instantOf(action.endsAt, 'endsAt') };
        notBeingStopped(run);
        if (!run.plan) refuse('the plan is still being checked; try again in a moment');
        refuseIf(whyNotReschedule(run, times));
      },
    },
  );

  setHandler(
    skipWaitUpdate,
    (action) => {
      run.interrupts.skipWait = true;
      return accept(run, 'skipWait', action, {}, 'the show goes on without having seen the encoder');
    },
    {
      validator: (action) => {
        checkBy(action);
        notBeingStopped(run);
        if (run.interrupts.skipWait) refuse('the wait is being skipped already');
        if (run.status.phase !== 'waiting-for-encoder') refuse(`nothing waits for the encoder (${run.status.phase})`);
      },
    },
  );

  setHandler(
    resetEncoderUpdate,
    async (action) => {
      const { channel, output } = run.status;
      if (!channel) throw ApplicationFailure.nonRetryable('there is no channel to reset', 'refused');
      const accepted = accept(run, 'resetEncoder', action, {}, '');
      const entry = run.status.audit.at(-1);
      try {
        return { ...accepted, effect: await resetConnection(run, channel, output) };
      } catch (error) {
        // What is refused is not in the audit.
        run.status.audit = run.status.audit.filter((one) => one !== entry);
        refuseIfEnded(error);
      }
    },
    {
      validator: (action) => {
        checkBy(action);
        notBeingStopped(run);
        if (!acceptsEncoder(run.status.phase)) refuse(`no encoder can be connected (${run.status.phase})`);
      },
    },
  );

  const abandonCleanup = (action: By, note = '') => {
    run.interrupts.cleanupAbandoned = true;
    const effect = `clean-up abandoned; resources still billed are listed in the report${note}`;
    return accept(run, 'abandonCleanup', action, {}, effect);
  };
  const validator = (action: By) => {
    checkBy(action);
    const { phase, released } = run.status;
    if (run.interrupts.cleanupAbandoned) refuse('the clean-up is abandoned already');
    if (!isClosingDown(phase) || released) refuse(`there is no clean-up to abandon (${phase})`);
  };
  setHandler(abandonCleanupUpdate, (action) => abandonCleanup(action), { validator });
  setHandler(releaseUpdate, (action) => abandonCleanup(action, '; the update release is now called abandonCleanup'), {
    validator,
  });

  setHandler(
    announceCancelUpdate,
    ({ by, reason }) => {
      run.status.audit.push({ at: Date.now(), action: 'cancel', by, reason });
      return { accepted: true, effect: cancelEffect(run.status.phase) };
    },
    { validator: checkBy },
  );

  setHandler(retryVodUpdate, (action) => accept(run, 'retryVod', action, {}, 'the recording is tried again at once'), {
    validator: (action) => {
      checkBy(action);
      if (run.interrupts.recordingGivenUp !== undefined)
        refuse(`the recording is given up: ${run.interrupts.recordingGivenUp}`);
      if (run.interrupts.stopRequested?.keepRecording === false) refuse('the recording is given up');
      if (run.status.phase !== 'publishing-vod') refuse(`no recording is being published (${run.status.phase})`);
    },
  });
}

function accept(run: Run, action: string, { by, reason }: By, details: JsonObject, effect: string): Accepted {
  run.status.audit.push({ at: Date.now(), action, by, reason, details });
  run.interrupts.wake();
  run.show();
  return { accepted: true, effect };
}

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
  const why = whyBeingStopped(run) ?? (isMovable ? undefined : `the show went on meanwhile (${run.status.phase})`);
  // Another change may have been booked later and accepted earlier.
  const whyOther = run.plan === before ? check() : 'the show was moved meanwhile';
  const isOther = why === undefined && whyOther !== undefined && patched('checked-again-once-booked');
  if (why === undefined && !isOther) return act();
  if (patched('booking-moved-back')) await CancellationScope.nonCancellable(() => moveBookingBack(run));
  return refuse(why ?? whyOther ?? '');
}

function refuseIfEnded(error: unknown): never {
  if (isCancellation(error)) refuse('the show ended before the reset was done');
  throw error;
}

/** A check of the plan that fails is tried until it does not: only a cancellation ends it. */
const endsWhen = ({ plan }: Run): string =>
  plan ? 'the show ends now' : 'the show ends once its plan is checked, and makes nothing; cancel ends it at once';

/** The recording of a show that is over, or is being stopped, can still be given up. */
function whyNotStop({ interrupts, status: { phase } }: Run, discards: boolean): string | undefined {
  const { stopRequested, isCancelled, recordingGivenUp } = interrupts;
  const isPublished = phase === 'stopping' || phase === 'publishing-vod';
  if (!isBeforeStop(phase) && !isPublished) return `the show is over (${phase})`;
  if (recordingGivenUp !== undefined) return `the recording is given up already: ${recordingGivenUp}`;
  if (isCancelled && !isPublished) return 'the show is being cancelled';
  if (stopRequested?.keepRecording === false) return `the show is being stopped already: ${stopRequested.detail}`;
  if (discards) return undefined;
  if (stopRequested) return `the show is being stopped already: ${stopRequested.detail}`;
  return isPublished ? `the show is over (${phase}); to give up its recording, set keepRecording to false` : undefined;
}

/** After the show a cancellation ends the one wait that has an end of its own: that for the recording. */
function cancelled(run: Run): void {
  const { interrupts, status } = run;
  interrupts.isCancelled = true;
  const isPublished = status.phase === 'stopping' || status.phase === 'publishing-vod';
  if (!isPublished || !patched('cancel-gives-up-recording')) return;
  interrupts.recordingGivenUp = `cancelled while ${status.phase}`;
  if (status.phase === 'publishing-vod') interrupts.wake();
}

const notBeingStopped = (run: Run): void => refuseIf(whyBeingStopped(run));

function whyBeingStopped({ interrupts: { isCancelled, stopRequested } }: Run): string | undefined {
  if (isCancelled) return 'the show is being cancelled';
  return stopRequested && `the show is being stopped: ${stopRequested.detail}`;
}
