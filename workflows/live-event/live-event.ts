import { allHandlersFinished, CancellationScope, condition, patched, workflowInfo } from '@temporalio/workflow';
import type { MadeOutput } from '../../activities/contract.ts';
import { ownBuild } from '../../domain/ids.ts';
import { finalPhaseOf } from '../../domain/phases.ts';
import type { EventStatus } from '../../domain/report.ts';
import { formatDuration } from '../../domain/time.ts';
import { isMissed, missedMs } from '../../domain/timeline.ts';
import { hasLegs, runLegs } from '../legs/run-legs.ts';
import { allocateBy, createOutputBy, prepareAtOnce, preparePlan, startBy } from './activities.ts';
import { bookUses, releaseNamedUses, releaseUses } from './booking.ts';
import { closeDown } from './close-down.ts';
import { conclude, endAsUnprepared, recordEnd } from './conclude.ts';
import { preflighted } from './findings.ts';
import { ShowOver } from './interrupts.ts';
import { handleMessages } from './operators.ts';
import { lookAhead, preflightOf } from './preflight.ts';
import { prepareInput } from './prepare-input.ts';
import { Run } from './run.ts';
import { followShow, waitForEncoder } from './show.ts';
import { announceStart } from './starts-soon.ts';
import { waitUntil, withDeadline } from './timing.ts';

/**
 * Runs one live show: from nothing to a proved recording and back to nothing. The argument is a `Plan`, plain JSON. The
 * result is its report; a failure's type is the end reason and its details are the report.
 */
export async function liveEvent(plan: unknown): Promise<EventStatus> {
  if (hasLegs(plan)) return runLegs(plan);
  const run = new Run();
  handleMessages(run);
  await prepare(run, plan);
  // The start of a leg is that of its event.
  const startIsOver = run.eventReport ? undefined : announceStart(run);
  try {
    if (run.plan.books) await bookUses(run);
    await waitForItsTime(run);
    await allocateChannel(run);
    await makeOutput(run, await openChannel(run));
    await waitForEncoder(run);
    await followShow(run);
  } catch (error) {
    recordEnd(run, error);
  }
  startIsOver?.();
  await CancellationScope.nonCancellable(async () => {
    const released = run.plan.books && releaseNamedUses(run);
    // What keeps the bookings may not answer for minutes, and the channel is on air and billed until it is closed.
    const isBeside = released && patched('close-down-beside-bookings');
    if (released && !isBeside) await released;
    await closeDown(run);
    if (isBeside) await released;
    await condition(allHandlersFinished);
    if (run.plan.books) await releaseUses(run);
  });
  end(run);
  const { outbox } = run;
  // Temporal must have every webhook before the run closes: one that is still queued then would be lost.
  if (outbox) await CancellationScope.nonCancellable(() => outbox.flush());
  const { eventReport } = run;
  if (eventReport) await CancellationScope.nonCancellable(() => eventReport.flush());
  return conclude(run.status);
}

async function prepare(run: Run, plan: unknown): Promise<void> {
  try {
    const input = prepareInput(plan);
    // The history says which build did the first task, without the two events of a marker. Without another promise for runs that began
    // before: the order of commands depends on it.
    const isAtOnce = workflowInfo().currentBuildId?.startsWith(ownBuild) || patched('plan-checked-within-task');
    run.begin(await (isAtOnce ? prepareAtOnce(input) : preparePlan(input)));
  } catch (error) {
    await endAsUnprepared(run.status, error);
  }
  const missed = missedMs(run.plan, Date.now());
  if (missed === undefined || missed < noticeableMs) return;
  run.status.missedMs = missed;
  if (missed < worthAWarningMs) return;
  run.warn('joined-late', `the run began ${formatDuration(missed)} after the show`, { missedMs: missed });
}

/** A run that starts "now" is always some milliseconds late. */
const noticeableMs = 1000;
const worthAWarningMs = 10_000;

async function waitForItsTime(run: Run): Promise<void> {
  if (isMissed(run.plan, Date.now())) throw new ShowOver('missed', 'the show was over before its run began');
  if (run.cues.allocateAt > Date.now()) run.enter('scheduled');
  await lookAhead(run);
  await waitUntil(run, 'allocate', () => run.cues.allocateAt, 'wait for the time to allocate');
}

async function allocateChannel(run: Run): Promise<void> {
  // Before the phase is reported: a leg that is terminated while it allocates has said nothing else.
  run.status.released = false;
  run.enter('allocating');
  run.madeNothing = false;
  const preflight = preflightOf(run);
  const made = await withDeadline(run, 'allocate', 'allocation-failed', (ms) =>
    allocateBy(ms)({
      ...run.spec,
      ...(preflight && { preflight }),
      ...(run.mayJoin && run.cues.openAt <= Date.now() && { isDue: true }),
    }),
  );
  const { joins = false, preflight: found, ...channel } = run.keepPlayback(made);
  preflighted(run, found);
  if (joins) run.encoder.joins = true;
  run.status.channel = channel;
  run.stepDone();
  run.show();
  await waitUntil(run, 'start', () => run.cues.openAt, 'wait for the time to accept encoders');
}

/** Opens it to encoders. Gives the output too, where that could be made at once. */
async function openChannel(run: Run): Promise<MadeOutput | undefined> {
  run.enter('starting');
  const { channel } = run;
  const { output, ...seen } = (await withDeadline(run, 'start', 'start-failed', (ms) => startBy(ms)(channel))) ?? {};
  run.keepSeen(seen);
  // The vendor takes what is sent before its answer is here, which may be late.
  run.encoder.openedAt = run.status.entered.starting;
  run.enqueue('ingest', {}, channel);
  return output;
}

async function makeOutput(run: Run, atOnce: MadeOutput | undefined): Promise<void> {
  const { channel } = run;
  if (atOnce) run.pass('creating-output');
  else run.enter('creating-output');
  const made =
    atOnce ?? (await withDeadline(run, 'create-output', 'output-failed', (ms) => createOutputBy(ms)(channel)));
  const output = run.keepPlayback(made);
  run.status.output = output;
  run.encoder.outputSince(output.recordsSince ?? 0);
}

function end(run: Run): void {
  const { status } = run;
  status.endReason ??= 'reached-end';
  run.enter(finalPhaseOf(status.endReason));
}
