import type { RunningPhase } from '../../../domain/phases.ts';
import { isBeforeStop } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { type HeldShow, holdShow, type OperatorAction, type Outcome } from './held-show.ts';

export interface Race {
  phase: RunningPhase;
  /** In this order; the run hears of all of them in one workflow task. */
  actions: readonly OperatorAction[];
  /** Whether the vendor does what the run waits for before the run hears of the actions, or after it. */
  recovers: 'before' | 'after';
}

const updateOf: Partial<Record<OperatorAction, string>> = { stop: 'stopNow', 'stop-discard': 'stopNow' };
/** Longer than any of these shows. */
const withinMs = 300_000;

/** What was promised and did not happen, in words. */
function broken(
  { phase, recovers }: Race,
  outcomes: readonly Outcome[],
  show: HeldShow,
  report: EventStatus,
): string[] {
  const wrong: string[] = [];
  const check = (ok: boolean, what: string) => {
    if (!ok) wrong.push(what);
  };
  const accepted = outcomes.filter((outcome) => outcome.accepted).map(({ action }) => action);
  const did = (action: OperatorAction) => accepted.includes(action);
  const before = isBeforeStop(phase);
  const stopped = before && (did('stop') || did('stop-discard'));
  const ended = stopped || (before && did('cancel'));

  check(
    JSON.stringify(report.audit.map(({ action }) => action)) ===
      JSON.stringify(accepted.filter((action) => action !== 'cancel').map((action) => updateOf[action] ?? action)),
    `the audit is ${report.audit.map(({ action }) => action)}`,
  );
  check(
    outcomes.every(({ answer }) => answer.length > 10),
    'an answer says nothing',
  );
  if (stopped) check(report.endReason === 'stopped-by-operator', `stopped, but ended by ${report.endReason}`);
  else if (ended) check(report.endReason === 'cancelled', `cancelled, but ended by ${report.endReason}`);
  const hasSent = report.windows.length > 0;
  const isProved = report.vod.some(({ proof }) => proof.proved);
  const discarded = did('stop-discard');
  if (stopped && hasSent && !discarded) check(isProved, 'stopped, but the recording is not kept');
  // What came first may have been done in that instant.
  const mayBeProved = recovers === 'before';
  if (discarded && (before || !mayBeProved)) check(!isProved, 'discarded, but the recording is published');
  if (!before && phase !== 'cleaning-up' && did('cancel') && !discarded && !(mayBeProved && isProved)) {
    check(
      report.endReason === 'vod-unproved' && !isProved,
      `cancelled, but the recording ended as ${report.endReason}`,
    );
  }
  if (did('extend') && !ended) check(report.endsAt > show.startsAt + 30_000, 'extended, but it ended before');
  if (did('reschedule') && !ended) check(report.startsAt > show.startsAt, 'rescheduled, but it began before');
  if (did('skipWait') && !ended) check(report.entered.live !== undefined, 'skipped, but never live');
  if (did('resetEncoder')) check(show.vendor.count('reset') > 0, 'reset, but the connection was not dropped');
  if (did('abandonCleanup')) check(report.left !== undefined || report.released, 'abandoned, but nothing is named');
  else check(report.released && show.vendor.channels.size === 0, 'something is left');
  return wrong;
}

/** Plays a race, and gives what was promised and did not happen; empty when all did. */
export async function brokenPromises(race: Race): Promise<string[]> {
  const show = await holdShow(race.phase);
  try {
    const answers = await show.actInOneTask(race.actions);
    if (race.recovers === 'after') await show.status();
    show.recover();
    const report = await show.ends(withinMs);
    const outcomes = await Promise.all(answers);
    const problems = report ? broken(race, outcomes, show, report) : ['the run did not end'];
    const said = outcomes.map(({ action, accepted }) => `${action} ${accepted ? 'accepted' : 'refused'}`).join(', ');
    return problems.map((problem) => `while ${race.phase}: ${said}: ${problem}`);
  } finally {
    await show.close();
  }
}
