import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { completes, type EndReason, finalPhaseOf, type Phase } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { type CueName, halfOfTheWait, isMissed, missedMs, overrunEnd, reasonAtEnd } from '../../domain/timeline.ts';
import { describeFailure } from '../failure.ts';
import { cueMet, eventEnded } from '../metrics.ts';
import { allocateBy, createOutputBy, preparePlan, startBy, watchEncoder } from './activities.ts';
import { closeDown } from './close-down.ts';
import { handleMessages } from './operators.ts';
import { Run, ShowOver, woken } from './run.ts';

/**
 * One live show: from nothing to a proved recording and back to nothing. The argument is a `Plan`, plain JSON. The
 * result is its report; a failure's type is the end reason and its details are the report.
 */
export async function liveEvent(plan: unknown): Promise<EventStatus> {
  const run = new Run();
  handleMessages(run);
  await prepare(run, plan);
  try {
    await waitForItsTime(run);
    await allocateChannel(run);
    await openChannel(run);
    await makeOutput(run);
    await waitForEncoder(run);
    await followShow(run);
  } catch (error) {
    noteEnd(run, error);
  }
  await CancellationScope.nonCancellable(async () => {
    await closeDown(run);
    await condition(allHandlersFinished);
  });
  end(run);
  const { outbox } = run;
  // Handed to Temporal, not awaited: a webhook that is still queued when the run closes would be lost.
  if (outbox) await CancellationScope.nonCancellable(() => outbox.flush());
  return conclude(run);
}

async function prepare(run: Run, plan: unknown): Promise<void> {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const nominalStart = typedSearchAttributes.get(scheduledStart)?.getTime();
  try {
    run.begin(await preparePlan({ plan, workflowId, startedAt: startTime.getTime(), nominalStart }));
  } catch (error) {
    if (isCancellation(error)) {
      const report = endUnprepared(run, 'cancelled', 'cancelled while the plan was being checked');
      throw new CancelledFailure(report.endDetail, [report]);
    }
    if (!(error instanceof ActivityFailure)) throw error;
    const { message, kind } = describeFailure(error);
    const problems = error.cause instanceof ApplicationFailure ? error.cause.details?.[0] : undefined;
    throw ApplicationFailure.create({
      type: 'invalid-plan' satisfies EndReason,
      message: kind === 'invalid-plan' ? message : `the plan could not be prepared: ${message}`,
      details: [endUnprepared(run, 'invalid-plan', message), problems],
      nonRetryable: true,
    });
  }
  const missed = missedMs(run.plan, Date.now());
  if (missed === undefined || missed < noticeableMs) return;
  run.status.missedMs = missed;
  if (missed < worthAWarningMs) return;
  run.warn('joined-late', `the run began ${formatDuration(missed)} after the show`, { missedMs: missed });
}

/** Ends a run that has no plan, and so neither a channel nor a cue. */
function endUnprepared({ status }: Run, endReason: EndReason, endDetail: string): EventStatus {
  const report = Object.assign(status, { phase: finalPhaseOf(endReason), endReason, endDetail });
  eventEnded(report);
  return report;
}

/** A run that starts "now" is always some milliseconds late. */
const noticeableMs = 1000;
const worthAWarningMs = 10_000;

/** Set by Temporal on runs that a Schedule started. */
const scheduledStart = { name: 'TemporalScheduledStartTime', type: 'DATETIME' } as const;

async function waitForItsTime(run: Run): Promise<void> {
  if (isMissed(run.plan, Date.now())) throw new ShowOver('missed', 'the show was over before its run began');
  if (run.cues.allocateAt > Date.now()) run.enter('scheduled');
  await waitUntil(run, 'allocate', () => run.cues.allocateAt, 'wait for the time to allocate');
}

async function allocateChannel(run: Run): Promise<void> {
  run.enter('allocating');
  run.status.released = false;
  const channel = await beforeTheEnd(run, 'allocate', 'allocation-failed', (ms) => allocateBy(ms)(run.spec));
  run.channel = channel;
  run.status.channel = channel;
  run.show();
  await waitUntil(run, 'start', () => run.cues.openAt, 'wait for the time to accept encoders');
}

async function openChannel(run: Run): Promise<void> {
  run.enter('starting');
  const { channel } = run;
  if (!channel) throw new Error('no channel to start');
  await beforeTheEnd(run, 'start', 'start-failed', (ms) => startBy(ms)(channel));
  run.openedAt = Date.now();
  run.enqueue('ingest', {}, channel);
}

async function makeOutput(run: Run): Promise<void> {
  run.enter('creating-output');
  const { channel } = run;
  if (!channel) throw new Error('no channel to record');
  run.output = await beforeTheEnd(run, 'create-output', 'output-failed', (ms) => createOutputBy(ms)(channel));
  run.status.output = run.output;
}

async function waitForEncoder(run: Run): Promise<void> {
  // Time that the output took is not the encoder's fault.
  run.facts.openedAt = Date.now();
  run.enter('waiting-for-encoder');
  for (;;) {
    run.heedStop();
    if (run.skipWait) return;
    const { giveUpAt } = run.cues;
    const half = run.outbox && !run.encoderMissed ? halfOfTheWait(run.plan, run.facts) : undefined;
    const seen = await look(run, half ?? giveUpAt);
    if (seen === woken) continue;
    if (seen.kind !== 'until') {
      run.encoderChanged(seen);
      return;
    }
    if (half !== undefined) {
      warnOfMissing(run);
      continue;
    }
    // The operator and the end of the wait may come in the same task.
    if (run.skipWait) return;
    if (giveUpAt >= run.cues.giveUpAt) {
      cueMet(run.status, 'give up waiting for the encoder', giveUpAt);
      throw new ShowOver('encoder-never-connected', `${waitedInVain(run, giveUpAt)}${vendorSays(seen.vendorState)}`);
    }
  }
}

/** In time for somebody to do something about it. */
function warnOfMissing(run: Run): void {
  run.encoderMissed = true;
  const until = formatInstant(run.cues.giveUpAt);
  run.warn('encoder-missing', `no encoder yet; the show is given up at ${until}`, { givenUpAt: until });
  run.show();
}

function waitedInVain({ facts, plan }: Run, giveUpAt: number): string {
  const openedAt = facts.openedAt ?? plan.startsAt;
  const [opened, until] = [openedAt, giveUpAt].map((instant) => new Date(instant).toISOString());
  if (openedAt < giveUpAt) return `no encoder from ${opened}, when the channel was open, to ${until}`;
  return `the channel was open only at ${opened}, and the show was to end at ${until}`;
}

async function followShow(run: Run): Promise<void> {
  run.enter('live');
  for (;;) {
    run.heedStop();
    const { endAt, lostUntil } = run.cues;
    const until = Math.min(endAt, lostUntil ?? endAt);
    const seen = await look(run, until);
    if (seen === woken) continue;
    if (seen.kind === 'until') meetCue(run, until, seen.vendorState ?? run.status.vendorState);
    else {
      run.encoderChanged(seen);
      const phase: Phase = run.facts.lostAt === undefined ? 'live' : 'encoder-lost';
      if (phase === run.status.phase) run.show();
      else run.enter(phase);
    }
  }
}

/** Acts on the end of the show, or of the wait for a lost encoder, unless it was moved during the look. */
function meetCue(run: Run, reached: number, vendorState?: string): void {
  const { endAt, lostUntil } = run.cues;
  if (lostUntil !== undefined && lostUntil <= reached && lostUntil < endAt) {
    cueMet(run.status, 'give up the lost encoder', lostUntil);
    const lost = new Date(run.facts.lostAt ?? reached).toISOString();
    throw new ShowOver(
      'encoder-gone',
      `the encoder was lost at ${lost} and had not come back at ${new Date(reached).toISOString()}${vendorSays(vendorState)}`,
    );
  }
  if (endAt > reached) return;
  cueMet(run.status, 'end', endAt);
  const prolonged = overrunEnd(run.plan, run.facts, Math.max(reached, Date.now()));
  if (prolonged === undefined) {
    throw new ShowOver(reasonAtEnd(run.plan, run.facts), `the show ended at ${new Date(endAt).toISOString()}`);
  }
  run.facts.endsAt = prolonged;
  run.prolonged(true);
  run.show();
}

const vendorSays = (state: string | undefined): string => (state === undefined ? '' : ` (vendor says ${state})`);

/** Looks for a change of the encoder until an instant. A flapping encoder is reported less and less often. */
function look(run: Run, until: number) {
  const { channel } = run;
  if (!channel) throw new Error('no channel to watch');
  const quietUntil = run.quietUntil();
  return run.interruptible(() =>
    watchEncoder(
      run.nextWatch(),
      run.presence.encoder,
    )({
      channel,
      last: run.presence,
      until,
      quietUntil,
      expectedAt: run.plan.startsAt,
      ...(run.tooManyRechecks && { noHints: true }),
    }),
  );
}

/** Sleeps until an instant that an operator may move. */
async function waitUntil(run: Run, cue: CueName, instant: () => number, summary: string): Promise<void> {
  for (let waited = false; ; waited = true) {
    run.heedStop();
    const ms = instant() - Date.now();
    if (ms <= 0) {
      if (waited) cueMet(run.status, cue, instant());
      return;
    }
    await run.interruptible(() => sleep(ms, { summary }));
  }
}

/** A step that must be done before the show ends; told anew when an operator moves the end. */
async function beforeTheEnd<T>(
  run: Run,
  step: string,
  reason: EndReason,
  work: (ms: number) => Promise<T>,
): Promise<T> {
  const inTime = () => {
    const ms = run.cues.endAt - Date.now();
    if (ms <= 0) throw new ShowOver(reason, 'it was not done before the show was to end');
    return work(ms);
  };
  try {
    return await run.warnIfSlow(step, () => run.untilDone(inTime));
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { kind, message, nothingMade } = describeFailure(error);
    if (reason === 'allocation-failed' && nothingMade) run.status.released = true;
    run.trouble(kind, message);
    throw new ShowOver(reason, message);
  }
}

/** Why the phases came to an end; what is neither an end nor a cancellation is a bug, and waits for its fix. */
function noteEnd(run: Run, error: unknown): void {
  const { status } = run;
  if (error instanceof ShowOver) {
    status.endReason = error.reason;
    status.endDetail = error.message;
  } else if (isCancellation(error)) {
    status.endReason = 'cancelled';
    status.endDetail = `cancelled while ${status.phase}`;
  } else throw error;
}

function end(run: Run): void {
  const { status } = run;
  status.endReason ??= 'reached-end';
  run.enter(finalPhaseOf(status.endReason));
  eventEnded(status);
}

function conclude({ status }: Run): EventStatus {
  const reason = status.endReason ?? 'reached-end';
  if (reason === 'cancelled') throw new CancelledFailure(status.endDetail ?? 'cancelled', [status]);
  if (completes(reason)) return status;
  throw ApplicationFailure.create({
    type: reason,
    message: status.endDetail ?? reason,
    details: [status],
    nonRetryable: true,
  });
}
