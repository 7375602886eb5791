import { ActivityFailure, ApplicationFailure, CancellationScope, patched, setHandler } from '@temporalio/workflow';
import type { By } from '../../domain/actions.ts';
import { acceptsEncoder, cancelEffect, isBeforeProof, isClosingDown } from '../../domain/phases.ts';
import { describeFailure } from '../failure.ts';
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
import { accept, type Handling, handle, notBeingStopped } from './acting.ts';
import { isCancelled } from './interrupts.ts';
import { extend, reschedule } from './moving.ts';
import { checkBy, refuse } from './refusals.ts';
import { resetConnection } from './reset.ts';
import type { Run } from './run.ts';
import { stopNow } from './stopping.ts';
import { budgetReached } from './tenant-budget.ts';
import { viewersChanged } from './viewers.ts';

/**
 * Registers the query, the signals, the updates and the cancellation of a run. Validators refuse, so that a refusal costs no
 * history. Of what comes in one workflow task, the updates come first.
 */
export function handleMessages(run: Run): void {
  CancellationScope.current().cancelRequested.catch(() => cancelled(run));
  setHandler(statusQuery, () => run.status);
  setHandler(recheckSignal, (vendorEvents, dropped) => run.recheck(vendorEvents, dropped));
  setHandler(onAirSignal, (sent) => viewersChanged(run, sent));
  setHandler(budgetSignal, (sent) => budgetReached(run, sent));
  handle(stopNowUpdate, stopNow(run));
  handle(extendUpdate, extend(run));
  handle(rescheduleUpdate, reschedule(run));
  handle(skipWaitUpdate, skipWait(run));
  handle(resetEncoderUpdate, resetEncoder(run));
  handle(abandonCleanupUpdate, abandonCleanup(run));
  handle(releaseUpdate, abandonCleanup(run, '; the update release is now called abandonCleanup'));
  handle(announceCancelUpdate, announceCancel(run));
  handle(retryVodUpdate, retryVod(run));
}

const skipWait = (run: Run): Handling<By> => ({
  handler: (by) => {
    run.interrupts.skipWait = true;
    return accept(run, { action: 'skipWait', by, effect: 'the show goes on without having seen the encoder' });
  },
  validator: (action) => {
    checkBy(action);
    notBeingStopped(run);
    if (run.interrupts.skipWait) refuse('the wait is being skipped already');
    if (run.status.phase !== 'waiting-for-encoder') refuse(`nothing waits for the encoder (${run.status.phase})`);
  },
});

const resetEncoder = (run: Run): Handling<By> => ({
  handler: async (by) => {
    const { channel, output } = run.status;
    if (!channel) throw ApplicationFailure.nonRetryable('there is no channel to reset', 'refused');
    const accepted = accept(run, { action: 'resetEncoder', by, effect: '' });
    const entry = run.status.audit.at(-1);
    try {
      return { ...accepted, effect: await resetConnection(run, channel, output) };
    } catch (error) {
      const isOver = isCancelled(error);
      // A reset that ends in the task that accepted it has asked the vendor for nothing.
      const isUntouched = changedNothing(error) || (isOver && entry?.at === Date.now());
      const ended = isOver ? `${resetEnded}${isUntouched ? '' : mayBeDropped}` : reasonOf(error);
      // What is refused is not in the audit, unless it may have changed something.
      if (isUntouched) run.status.audit = run.status.audit.filter((one) => one !== entry);
      else if (entry) entry.details = { ...entry.details, ended };
      if (isOver) refuse(ended);
      throw error;
    }
  },
  validator: (action) => {
    checkBy(action);
    notBeingStopped(run);
    if (!acceptsEncoder(run.status.phase)) refuse(`no encoder can be connected (${run.status.phase})`);
  },
});

const resetEnded = 'the show ended before the reset was done';
const mayBeDropped = '; the encoder may have been dropped';

const changedNothing = (error: unknown): boolean =>
  error instanceof ActivityFailure && describeFailure(error).nothingMade;

const reasonOf = (error: unknown): string =>
  error instanceof ActivityFailure ? describeFailure(error).message : String(error);

const abandonCleanup = (run: Run, note = ''): Handling<By> => ({
  handler: (by) => {
    run.interrupts.cleanupAbandoned = true;
    const effect = `clean-up abandoned; resources still billed are listed in the report${note}`;
    return accept(run, { action: 'abandonCleanup', by, effect });
  },
  validator: (action) => {
    checkBy(action);
    const { phase, released } = run.status;
    if (run.interrupts.cleanupAbandoned) refuse('the clean-up is abandoned already');
    if (!isClosingDown(phase) || released) refuse(`there is no clean-up to abandon (${phase})`);
  },
});

const announceCancel = (run: Run): Handling<By> => ({
  handler: ({ by, reason }) => {
    run.status.audit.push({ at: Date.now(), action: 'cancel', by, reason });
    return { accepted: true, effect: cancelEffect(run.status.phase) };
  },
  validator: checkBy,
});

const retryVod = (run: Run): Handling<By> => ({
  handler: (by) => accept(run, { action: 'retryVod', by, effect: 'the recording is tried again at once' }),
  validator: (action) => {
    checkBy(action);
    const { recordingGivenUp, stopRequested } = run.interrupts;
    if (recordingGivenUp !== undefined) refuse(`the recording is given up: ${recordingGivenUp}`);
    if (stopRequested?.keepRecording === false) refuse('the recording is given up');
    if (run.status.phase !== 'publishing-vod') refuse(`no recording is being published (${run.status.phase})`);
  },
});

/** After the show a cancellation ends the one wait that has an end of its own: that for the recording. */
function cancelled(run: Run): void {
  const { interrupts, status } = run;
  interrupts.isCancelled = true;
  if (!isBeforeProof(status.phase) || !patched('cancel-gives-up-recording')) return;
  interrupts.recordingGivenUp = `cancelled while ${status.phase}`;
  if (status.phase === 'publishing-vod') interrupts.wake();
}
