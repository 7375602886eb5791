import { ApplicationFailure, isCancellation, setHandler } from '@temporalio/workflow';
import type { JsonObject } from '../../domain/json.ts';
import { acceptsEncoder, isBeforeStop, isClosingDown } from '../../domain/phases.ts';
import { formatInstant, parseInstant } from '../../domain/time.ts';
import { checkExtend, checkReschedule, rescheduled } from '../../domain/timeline.ts';
import {
  type Accepted,
  abandonCleanupUpdate,
  type By,
  extendUpdate,
  recheckSignal,
  releaseUpdate,
  rescheduleUpdate,
  resetEncoderUpdate,
  retryVodUpdate,
  skipWaitUpdate,
  statusQuery,
  stopNowUpdate,
} from '../messages.ts';
import { resetEncoder } from './activities.ts';
import type { Run } from './run.ts';

/** Registers the query, the signal and the updates of a run. Validators refuse, so that a refusal costs no history. */
export function handleMessages(run: Run): void {
  setHandler(statusQuery, () => run.status);
  setHandler(recheckSignal, (vendorEvents) => run.recheck(vendorEvents));

  setHandler(
    stopNowUpdate,
    (action) => {
      const keepRecording = action.keepRecording !== false;
      run.interrupts.stopRequested = { detail: `stopped by ${action.by}: ${action.reason}`, keepRecording };
      return accept(run, 'stopNow', action, { keepRecording }, 'the show ends now');
    },
    {
      validator: (action) => {
        checkBy(action);
        if (action.keepRecording !== undefined && typeof action.keepRecording !== 'boolean') {
          refuse('keepRecording must be true or false');
        }
        if (run.interrupts.stopRequested)
          refuse(`the show is being stopped already: ${run.interrupts.stopRequested.detail}`);
        if (!isBeforeStop(run.status.phase)) refuse(`the show is over (${run.status.phase})`);
      },
    },
  );

  setHandler(
    extendUpdate,
    (action) => {
      run.facts.endsAt = parseInstant(action.endsAt);
      run.prolonged(false);
      return accept(run, 'extend', action, { endsAt: action.endsAt }, `the show runs until ${action.endsAt}`);
    },
    {
      validator: (action) => {
        checkBy(action);
        const endsAt = instantOf(action.endsAt, 'endsAt');
        notBeingStopped(run);
        if (!run.plan) refuse('the plan is still being checked; try again in a moment');
        refuseIf(checkExtend(run.plan, run.facts, run.status.phase, Date.now(), endsAt));
      },
    },
  );

  setHandler(
    rescheduleUpdate,
    (action) => {
      const times = { startsAt: instantOf(action.startsAt, 'startsAt'), endsAt: instantOf(action.endsAt, 'endsAt') };
      run.move(rescheduled(run.plan, times));
      const details = { startsAt: action.startsAt, endsAt: action.endsAt };
      return accept(run, 'reschedule', action, details, `the show starts at ${formatInstant(times.startsAt)}`);
    },
    {
      validator: (action) => {
        checkBy(action);
        const times = { startsAt: instantOf(action.startsAt, 'startsAt'), endsAt: instantOf(action.endsAt, 'endsAt') };
        notBeingStopped(run);
        if (!run.plan) refuse('the plan is still being checked; try again in a moment');
        refuseIf(checkReschedule(run.plan, run.status.phase, Date.now(), times));
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
      const { channel } = run.status;
      if (!channel) throw ApplicationFailure.nonRetryable('there is no channel to reset', 'refused');
      const accepted = accept(run, 'resetEncoder', action, {}, 'the connection is dropped; the encoder may reconnect');
      await run.interrupts.resetting(() => resetEncoder(channel)).catch(refuseIfEnded);
      return accepted;
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

  setHandler(retryVodUpdate, (action) => accept(run, 'retryVod', action, {}, 'the recording is tried again at once'), {
    validator: (action) => {
      checkBy(action);
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

function refuse(why: string): never {
  throw ApplicationFailure.nonRetryable(why, 'refused');
}

function refuseIf(why: string | undefined): void {
  if (why !== undefined) refuse(why);
}

function refuseIfEnded(error: unknown): never {
  if (isCancellation(error)) refuse('the show ended before the connection was dropped');
  throw error;
}

function notBeingStopped(run: Run): void {
  if (run.interrupts.stopRequested) refuse(`the show is being stopped: ${run.interrupts.stopRequested.detail}`);
}

const maxTextLength = 500;

function checkBy(action: By | undefined): void {
  const text = (value: unknown) => typeof value === 'string' && value.trim() !== '' && value.length <= maxTextLength;
  if (!action || typeof action !== 'object') refuse('the action needs { by, reason }');
  if (!text(action.by)) refuse(`by must say who acts, in at most ${maxTextLength} characters`);
  if (!text(action.reason)) refuse(`reason must say why, in at most ${maxTextLength} characters`);
}

function instantOf(text: unknown, name: string): number {
  const instant = typeof text === 'string' ? parseInstant(text) : undefined;
  if (instant === undefined) refuse(`${name} must be an ISO 8601 instant with an offset, such as 2026-12-01T18:00:00Z`);
  return instant;
}
