import { patched, sleep } from '@temporalio/workflow';
import type { WatchResult } from '../../activities/contract.ts';
import type { Phase } from '../../domain/phases.ts';
import { formatDuration, formatInstant } from '../../domain/time.ts';
import { halfOfTheWait, overrunEnd, reasonAtEnd } from '../../domain/timeline.ts';
import { cueMet } from '../metrics.ts';
import { watchEncoder } from './activities.ts';
import { prolongBooking } from './booking.ts';
import { meetBudget } from './budget.ts';
import { outageText } from './encoder-record.ts';
import { ShowOver, woken } from './interrupts.ts';
import type { Run } from './run.ts';

/** Ends when the encoder is connected or an operator skips the wait. @throws ShowOver when it never came */
export async function waitForEncoder(run: Run): Promise<void> {
  // Start the first-connect timeout now, so that creating the output does not count against it.
  run.facts.awaitedSince = Date.now();
  run.enter('waiting-for-encoder');
  let isWarned = false;
  for (;;) {
    run.interrupts.throwIfStopped();
    if (run.interrupts.skipWait) return;
    const { giveUpAt } = run.cues;
    const half = run.outbox && !isWarned ? halfOfTheWait(run.plan, run.facts) : undefined;
    const budgetAt = meetBudget(run) ?? Number.POSITIVE_INFINITY;
    const until = Math.min(half ?? giveUpAt, budgetAt);
    const seen = await look(run, until);
    if (seen === woken) continue;
    learn(run, seen);
    if (seen.kind === 'until' && seen.outage && until > seen.outage.to) continue;
    if (seen.kind === 'absent') {
      if (run.interrupts.skipWait) return;
      throw neverConnected(run, seenAt(seen), seen.vendorState);
    }
    if (seen.kind !== 'until') {
      noteMissing(run);
      run.encoderChanged(seen);
      return;
    }
    if (isEarly(run, until)) {
      await waitOn(run, until);
      continue;
    }
    if (until === budgetAt) continue;
    if (half !== undefined) {
      isWarned = true;
      warnOfMissing(run, seen.unseen);
      continue;
    }
    // The operator and the end of the wait may come in the same workflow task.
    if (run.interrupts.skipWait) return;
    if (giveUpAt < run.cues.giveUpAt) continue;
    noteMissing(run);
    const { unseen = run.facts.unseen } = seen;
    if (unseen !== undefined && giveUpAt < run.cues.endAt) {
      goOnUnseen(run, giveUpAt, unseen);
      continue;
    }
    cueMet(run.status, 'give up waiting for the encoder', giveUpAt);
    run.facts.unseen = unseen;
    if (unseen !== undefined) throw showEnded(run);
    throw neverConnected(run, giveUpAt, seen.vendorState);
  }
}

const neverConnected = (run: Run, waitedUntil: number, vendorState?: string) =>
  new ShowOver('encoder-never-connected', `${waitedInVain(run, waitedUntil)}${vendorSays(vendorState)}${hidden(run)}`);

/** When a look that was answered was done. */
const seenAt = ({ at }: { at?: number }): number => Math.max(at ?? 0, Date.now());

/** The wait for the encoder is over, and the vendor does not say whether it is there: no show ends for an absence that was not seen. */
function goOnUnseen(run: Run, waitedUntil: number, why: string): void {
  run.facts.unseen = why;
  const viewers = run.status.onAir?.state === 'on-air' ? '; viewers get pictures' : '';
  const end = formatInstant(run.cues.endAt);
  run.warn(
    'encoder-unseen',
    `the wait for the encoder ended at ${formatInstant(waitedUntil)}, and whether it is there is unknown: ${why}${viewers}; the show ends as soon as a look sees no encoder, and at ${end} at the latest`,
    { endsAtTheLatest: end },
  );
  run.show();
}

const showEnded = ({ plan, facts, cues }: Run) =>
  new ShowOver(
    reasonAtEnd(plan, facts),
    `the show ended at ${formatInstant(cues.endAt)}${
      facts.unseen === undefined ? '' : `; whether the encoder was there then is unknown: ${facts.unseen}`
    }`,
  );

/** For the report of a run without subscribers: what `warnOfMissing` would have said. */
function noteMissing(run: Run): void {
  // The wait for what is unseen since has been over before.
  if (run.facts.unseen !== undefined) return;
  const until = formatInstant(run.cues.giveUpAt);
  run.noteBelatedly(
    'encoder-missing',
    halfOfTheWait(run.plan, run.facts),
    `no encoder yet; the show is given up at ${until}`,
  );
}

/** At half of the wait, so that there is time to act. */
function warnOfMissing(run: Run, unseen?: string): void {
  const until = formatInstant(run.cues.giveUpAt);
  const what =
    unseen === undefined ? 'no encoder yet' : `no encoder was seen yet, and it cannot be seen now (${unseen})`;
  run.warn('encoder-missing', `${what}; the show is given up at ${until}`, { givenUpAt: until });
  run.show();
}

function waitedInVain({ facts, plan }: Run, giveUpAt: number): string {
  const since = facts.awaitedSince ?? plan.startsAt;
  const [opened, until] = [since, giveUpAt].map(formatInstant);
  if (since < giveUpAt) return `no encoder was seen from ${opened}, when the channel was open, to ${until}`;
  return `the channel was open only at ${opened}, and the show was to end at ${until}`;
}

/** Follows the encoder until the show ends, which is thrown. @throws ShowOver */
export async function followShow(run: Run): Promise<void> {
  // An operator who skips the wait goes on without having seen the encoder: its absence ends no show then.
  run.facts.unseen = undefined;
  run.enter('live');
  for (;;) {
    run.interrupts.throwIfStopped();
    const { endAt, lostUntil } = run.cues;
    const budgetAt = meetBudget(run) ?? Number.POSITIVE_INFINITY;
    const until = Math.min(endAt, lostUntil ?? endAt, budgetAt);
    const seen = await look(run, until);
    if (seen === woken) continue;
    learn(run, seen);
    if (seen.kind === 'until' && seen.outage && until > seen.outage.to) continue;
    if (seen.kind === 'absent') throw encoderGone(run, seenAt(seen), seen.vendorState);
    if (seen.kind === 'until' && isEarly(run, until)) await waitOn(run, until);
    else if (seen.kind === 'until' && until === budgetAt) continue;
    else if (seen.kind === 'until') meetCue(run, until, seen);
    else {
      run.encoderChanged(seen);
      const phase: Phase = run.facts.lostAt === undefined ? 'live' : 'encoder-lost';
      if (phase === run.status.phase) run.show();
      else run.enter(phase);
    }
  }
}

/** What a look saw beside the encoder. */
function learn(run: Run, seen: WatchResult): void {
  run.keepSeen(seen);
  if (seen.outage) run.encoder.couldNotBeSeen(seen.outage);
  if (seen.kind === 'until' || seen.kind === 'absent') run.knownAt = seen.at ?? run.knownAt;
}

const earlyMs = 1_000;
const longestWaitMs = 30_000;

/**
 * A worker whose clock is ahead may say too early that the instant of a cue has come: Temporal's clock decides. The run's own is behind
 * that when a query moves it to another worker: what happened since its last task comes with the time of that task, and with another
 * time when it is replayed. What the attempt knew of Temporal's time is the same each time.
 */
const isEarly = ({ knownAt }: Run, instant: number): boolean =>
  instant - Math.max(Date.now(), knownAt) > earlyMs && patched('early-until');

/** Until the cue, or for so long that asking again and again does not fill the history. */
async function waitOn(run: Run, until: number): Promise<void> {
  if (!run.status.warnings?.some(({ warning }) => warning === 'clock-skew')) {
    const early = formatDuration(Math.round((until - Date.now()) / 1000) * 1000);
    const message = `a worker took ${formatInstant(until)} to be past ${early} too early: set its clock; the show goes on`;
    run.warn('clock-skew', message);
  }
  const ms = Math.min(until - Date.now(), longestWaitMs);
  await run.interrupts.interruptible(() => sleep(ms, { summary: 'wait: the clock of a worker is ahead' }));
}

/** Acts on the end of the show, or of the wait for a lost encoder, unless it was moved during the look. */
function meetCue(run: Run, reached: number, { unseen, vendorState }: { unseen?: string; vendorState?: string }): void {
  const { endAt, lostUntil } = run.cues;
  if (lostUntil !== undefined && lostUntil <= reached && lostUntil < endAt) {
    if (unseen !== undefined) {
      goOnUnseen(run, lostUntil, unseen);
      return;
    }
    cueMet(run.status, 'give up the lost encoder', lostUntil);
    throw encoderGone(run, reached, vendorState);
  }
  if (endAt > reached) return;
  if (run.facts.lostAt !== undefined) run.facts.unseen ??= unseen;
  cueMet(run.status, 'end', endAt);
  const prolonged = overrunEnd(run.plan, run.facts, Math.max(reached, Date.now()));
  if (prolonged === undefined) throw showEnded(run);
  run.facts.endsAt = prolonged;
  run.prolonged(true);
  if (run.plan.books) void prolongBooking(run);
  run.show();
}

function encoderGone(run: Run, at: number, vendorState?: string): ShowOver {
  const { facts } = run;
  const [lost, seen] = [facts.lostAt ?? at, at].map(formatInstant);
  return new ShowOver(
    'encoder-gone',
    `the encoder was lost at ${lost} and had not come back at ${seen}${vendorSays(vendorState)}${hidden(run)}`,
  );
}

/** An absence that was seen twice says nothing of the time between. */
const hidden = ({ encoder: { outage } }: Run): string =>
  outage === undefined ? '' : `; whether it came and left is unknown: ${outageText(outage)}`;

const vendorSays = (state: string | undefined): string => (state === undefined ? '' : ` (vendor says ${state})`);

/** Looks for a change of the encoder until an instant. A flapping encoder is reported less and less often. */
function look(run: Run, until: number) {
  const { encoder, plan, channel, facts, status } = run;
  const quietUntil = encoder.quietUntil();
  return run.interrupts.interruptible(() =>
    watchEncoder(
      encoder.nextLook(),
      encoder.presence.encoder,
    )({
      channel,
      playback: status.playback,
      darkMs: plan.waits.darkMs,
      last: encoder.presence,
      until,
      quietUntil,
      expectedAt: plan.startsAt,
      // Once in each absence: one outage after another must not fill the history.
      ...(encoder.presence.encoder === 'absent' && !encoder.outage && { reportsOutages: true as const }),
      ...(encoder.hasTooManyRechecks && { noHints: true }),
      ...(facts.unseen !== undefined && { isOverdue: true as const }),
    }),
  );
}
