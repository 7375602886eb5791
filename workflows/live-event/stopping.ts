import type { By } from '../../domain/actions.ts';
import { isBeforeProof, isBeforeStop } from '../../domain/phases.ts';
import { accept, type Handling } from './acting.ts';
import { checkBy, refuse, refuseIf } from './refusals.ts';
import type { Run } from './run.ts';

/** Ends the show; without its recording where that is asked, then or once more. */
export const stopNow = (run: Run): Handling<By & { keepRecording?: boolean }> => ({
  handler: (by) => {
    const keepRecording = by.keepRecording !== false;
    const { stopRequested } = run.interrupts;
    const detail = stopRequested?.detail ?? `stopped by ${by.by}: ${by.reason}`;
    const isOver = !isBeforeStop(run.status.phase);
    run.interrupts.stopRequested = { ...stopRequested, detail, keepRecording };
    const effect = isOver
      ? 'a recording that is not proved by now is given up; the clean-up goes on'
      : `${endsWhen(run)}${keepRecording ? '' : ', without its recording'}`;
    return accept(run, { action: 'stopNow', by, details: { keepRecording }, effect });
  },
  validator: (action) => {
    checkBy(action);
    if (action.keepRecording !== undefined && typeof action.keepRecording !== 'boolean')
      refuse('keepRecording must be true or false');
    refuseIf(whyNotStop(run, action.keepRecording === false));
  },
});

/** A check of the plan that fails is tried until it does not: only a cancellation ends it. */
const endsWhen = ({ plan }: Run): string =>
  plan ? 'the show ends now' : 'the show ends once its plan is checked, and makes nothing; cancel ends it at once';

/** The recording of a show that is over, or is being stopped, can still be given up. */
function whyNotStop({ interrupts, status: { phase } }: Run, discards: boolean): string | undefined {
  const { stopRequested, isCancelled, recordingGivenUp } = interrupts;
  const mayGiveUp = isBeforeProof(phase);
  if (!isBeforeStop(phase) && !mayGiveUp) return `the show is over (${phase})`;
  if (recordingGivenUp !== undefined) return `the recording is given up already: ${recordingGivenUp}`;
  if (isCancelled && !mayGiveUp) return 'the show is being cancelled';
  if (stopRequested?.keepRecording === false) return `the show is being stopped already: ${stopRequested.detail}`;
  if (discards) return undefined;
  if (stopRequested) return `the show is being stopped already: ${stopRequested.detail}`;
  return mayGiveUp ? `the show is over (${phase}); to give up its recording, set keepRecording to false` : undefined;
}
