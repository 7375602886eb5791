import { ActivityFailure, patched } from '@temporalio/workflow';
import type { Session } from '../../domain/channel.ts';
import { completes } from '../../domain/phases.ts';
import type { EventStatus, Gap } from '../../domain/report.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { endedByStop } from '../../domain/webhooks/warnings.ts';
import { gapsOf, lossAtEnd, withSessions } from '../../domain/windows.ts';
import { describeFailure } from '../failure.ts';
import { vodTried } from '../metrics.ts';
import { cleanUp, publishVodWithin, stop } from './activities.ts';
import { outageText } from './encoder-record.ts';
import { woken } from './interrupts.ts';
import type { Run } from './run.ts';
import { warnIfSlow } from './slow-step.ts';
import { endViewing } from './viewers.ts';
import { vodInputOf } from './vod-input.ts';

/** Ends every run, shielded from cancellation: blocks new ingest connections, keeps the recording, releases everything. */
export async function closeDown(run: Run): Promise<void> {
  if (run.madeNothing && !closesWhatItMayJoin(run)) {
    run.status.released = true;
    return;
  }
  await stopChannel(run);
  const { capabilities, vod } = run.plan;
  // After an operator has abandoned the stop, allow only 30 s for the recording: an encoder may still send, and then it
  // never becomes final.
  const withinMs = run.interrupts.cleanupAbandoned ? Math.min(vod.deadlineMs, unstoppedVodMs) : vod.deadlineMs;
  if (capabilities.vodNeedsChannel) {
    await publishVod(run, withinMs);
    await release(run);
  } else {
    // The vendor keeps this recording without the channel; the channel must not count against a quota while it is proved.
    await Promise.all([publishVod(run, withinMs).then(() => showCleaningUp(run)), release(run)]);
  }
}

/** The show is over: the channel that an earlier run left open would stay on air and billed. Histories of before end without that. */
const closesWhatItMayJoin = ({ mayJoin }: Run): boolean => mayJoin && patched('close-down-what-it-may-join');

/** How long the recording of a channel that was never stopped is tried. */
const unstoppedVodMs = 30_000;

async function stopChannel(run: Run): Promise<void> {
  const { status, interrupts } = run;
  const { channel, output } = status;
  run.enter('stopping');
  // A reset that ran beside the stop would accept encoders again.
  if (interrupts.isResetting) await interrupts.endResets();
  const stopped = channel && (await unlessAbandoned(run, 'stop', () => stop({ channel, output })));
  const evidence = stopped === woken ? undefined : stopped;
  run.keepSeen(evidence);
  const sessions = evidence?.sessions ?? [];
  const stoppedAt = whenStopped(status, sessions, evidence?.at);
  keepSessions(run, sessions);
  // The observed windows reach to now only if the encoder was there to the end.
  if (run.encoder.openedAt !== undefined) run.show();
  // From here on no observation takes the place of what the sessions say.
  status.stoppedAt = stoppedAt;
  keepWindows(run, sessions, stoppedAt);
  if (evidence?.evidence) status.evidence = { ...status.evidence, ...evidence.evidence };
  endViewing(run, stoppedAt);
  run.endWarnings(endedByStop, `the show was stopped at ${formatInstant(stoppedAt)}`);
}

/** The stops of other shows may have come before the report of this one. What a worker knows of the time is some milliseconds behind. */
function whenStopped({ entered }: EventStatus, sessions: readonly Session[], at = Date.now()): number {
  const ends = sessions.map(({ endedAt }) => endedAt ?? 0);
  return Math.min(Date.now(), Math.max(at, entered.stopping ?? 0, ...ends));
}

function keepSessions({ status, encoder }: Run, sessions: Session[]): void {
  // Of a channel that was open although its start was never seen to succeed no windows are known: all that was sent is billed.
  status.sessions = encoder.openedAt === undefined ? sessions : sessions.slice(-20);
  if (sessions.length > status.sessions.length) status.connections = sessions.length;
  for (const { startedAt } of sessions) encoder.joined(startedAt);
}

/** When the encoder was connected: what was observed, corrected by the vendor's sessions. */
function keepWindows(run: Run, sessions: readonly Session[], stoppedAt: number): void {
  const { status, facts, encoder } = run;
  if (encoder.openedAt === undefined) return;
  status.windows = withSessions(status.windows, sessions, { from: encoder.openedAt, to: stoppedAt });
  status.gaps = gapsOf(status.windows);
  const [first] = status.windows;
  const last = status.windows.at(-1);
  if (first && last) {
    const sent = [first.from, last.to].map(formatInstant).join(' to ');
    cameUnseen(run, `the encoder came and left unseen: the vendor's sessions say that it sent from ${sent}`);
  }
  const loss = lossAtEnd(status.windows, {
    endedAt: status.entered.stopping ?? stoppedAt,
    wasLost: facts.lostAt !== undefined,
  });
  // The vendor's sessions say what could not be seen.
  if (loss)
    reportLossAtEnd(
      run,
      loss,
      sessions.length === 0 ? (facts.unseen ?? (encoder.outage && outageText(encoder.outage))) : undefined,
    );
}

/** No look saw an encoder, and all the same one was there. */
function cameUnseen({ status }: Run, evidence: string): void {
  if (status.endReason !== 'encoder-never-connected' || !patched('came-and-left-unseen')) return;
  status.endReason = 'encoder-gone';
  status.endDetail = `${evidence}; ${status.endDetail}`;
}

/** Nothing was recorded of the end of the show, because nothing was sent; where that could not be seen (`unseen`), it is unknown. */
function reportLossAtEnd(run: Run, loss: Gap, unseen: string | undefined): void {
  const { status } = run;
  if (unseen === undefined) status.gaps = [...status.gaps, loss];
  // The reason of these ends says it.
  if (status.endReason === 'encoder-gone' || status.endReason === 'cancelled') return;
  // Where warnings are webhooks they are commands, which older histories do not have.
  if (run.outbox && !patched('warn-of-loss-at-end')) return;
  const lasted = formatDuration(Math.round((loss.to - loss.from) / 1000) * 1000);
  const lost = `the encoder was lost at ${formatInstant(loss.from)}`;
  const message =
    unseen === undefined
      ? `nothing was sent for the last ${lasted} of the show: ${lost} and did not come back`
      : `whether anything was sent for the last ${lasted} of the show is unknown: ${lost}, and then it could not be seen: ${unseen}`;
  run.warn('ended-without-encoder', message, { lostAt: formatInstant(loss.from) });
  // Older histories took what was observed for what was sent again, and published nothing where no encoder had been observed.
  const isKnownBySessions = run.outbox && run.encoder.windows(Date.now())?.length === 0;
  if (isKnownBySessions && !patched('publish-what-only-sessions-show')) status.windows = [];
}

async function publishVod(run: Run, withinMs: number): Promise<void> {
  const { status, interrupts } = run;
  if (!wantsVod(run)) return;
  const input = vodInputOf(status);
  if (!input) return;
  if (interrupts.recordingGivenUp !== undefined) return givenUp(run, interrupts.recordingGivenUp);
  run.enter('publishing-vod');
  const isGivenUp = () => interrupts.recordingGivenUp !== undefined || !wantsVod(run);
  try {
    const result = await interrupts.unlessOver(isGivenUp, () => publishVodWithin(withinMs)(input));
    // An operator's stop without the recording, which the audit explains, holds although it was published in the same moment.
    if (!wantsVod(run)) return;
    if (result === woken) return givenUp(run, interrupts.recordingGivenUp ?? '');
    status.vod = result.assets;
    run.keepSeen(result);
    if (result.assets.length > 0)
      cameUnseen(run, 'the encoder came and left unseen: there is a recording of what it sent');
    vodTried(status, result.proved);
    if (!result.proved) unproved(run, result.reason ?? 'the recording could not be proved whole');
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { kind, message } = describeFailure(error);
    vodTried(status, false);
    run.trouble(kind, message);
    unproved(run, message);
  }
}

function givenUp(run: Run, why: string): void {
  vodTried(run.status, false);
  unproved(run, `the recording was given up: ${why}`);
}

/** A green run without a proof is the worst failure. */
function unproved(run: Run, reason: string): void {
  const { status } = run;
  const why =
    status.windows.length > 0
      ? reason
      : `no encoder was seen, and what it may have sent from the opening to the stop is not proved: ${reason}`;
  run.warn('vod-unproved', why);
  if (status.endReason && !completes(status.endReason)) return;
  status.endDetail = `${why} (the show itself ended by ${status.endReason}: ${status.endDetail})`;
  status.endReason = 'vod-unproved';
}

function wantsVod(run: Run): boolean {
  const { status, plan, interrupts } = run;
  if (status.endReason === 'cancelled' || interrupts.stopRequested?.keepRecording === false) return false;
  return plan.vod.publish && (status.windows.length > 0 || mayHaveSent(run));
}

/** No encoder was seen, because an operator skipped the wait for it, or the vendor did not answer: something may be recorded. */
const mayHaveSent = ({ interrupts, facts, encoder }: Run): boolean =>
  (interrupts.skipWait || facts.unseen !== undefined || encoder.outage !== undefined) &&
  patched('publish-what-was-not-seen');

async function release(run: Run): Promise<void> {
  const besidesTheVod = run.status.phase === 'publishing-vod' && !run.plan.capabilities.vodNeedsChannel;
  if (besidesTheVod) run.status.entered['cleaning-up'] = Date.now();
  else run.enter('cleaning-up');
  const ref = run.status.channel?.ref ?? { ...run.ref, unfinished: true as const };
  const outcome = await unlessAbandoned(run, 'clean-up', () => cleanUp(ref));
  if (outcome === woken) run.status.left = ref;
  else {
    run.status.released = true;
    run.keepSeen(outcome);
  }
  run.show();
}

/** A recording that is done must not hide that something is still to be released. */
function showCleaningUp(run: Run): void {
  if (!run.status.released && run.status.phase === 'publishing-vod') run.enter('cleaning-up');
}

/**
 * Tries for ever, because giving up costs money; gives `woken` where an operator has abandoned the clean-up. A step that ends in the
 * same instant counts as done.
 */
const unlessAbandoned = <T>(run: Run, step: string, work: () => Promise<T>): Promise<T | typeof woken> =>
  warnIfSlow(run, step, () => run.interrupts.unlessOver(() => run.interrupts.cleanupAbandoned, work));
