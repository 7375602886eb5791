import { completes, mayFollow } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { Performance } from './perform.ts';
import { type Course, courseOf, type Reality, windowsIn } from './reference.ts';

/** Courses tried to see how certain the outcome is, and at most to explain what happened. */
const usualTries = 200;
const mostTries = 30_000;

/** A small generator of our own, so that a seed gives the same courses everywhere. */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Verdict {
  /** Everything in which the run and the design disagree. */
  disagreements: string[];
  /** Whether the design left only one outcome. */
  certain: boolean;
}

/**
 * Holds one performance against the reference. The canary's granularity bounds how late a run learns of anything, and so
 * do this run's own steps, where they were slower than the canary.
 */
export function comparePerformance(performance: Performance, canaryMs: number, seed: number): Verdict {
  const granularityMs = Math.max(canaryMs, slowestStepMs(performance));
  const reality: Reality = { ...performance.reality, granularityMs };
  const chance = chanceOf(seed);
  const seen = new Set<string>();
  let explained = false;
  for (let tries = 0; tries < usualTries || (!explained && tries < mostTries); tries += 1) {
    // Quick and slow courses alike.
    const speed = chance();
    const course = courseOf(performance.show, reality, tries % 2 === 0 ? chance : () => speed);
    if (tries < usualTries) seen.add(outcome(course));
    explained ||= explains(course, performance, granularityMs);
  }
  const disagreements = [
    ...(explained ? [] : [`the design allows ${[...seen].join(' | ')}, but it was ${actual(performance)}`]),
    ...aftermath(performance),
  ];
  return { disagreements, certain: seen.size === 1 };
}

/** How late the run's steps before the show were done. */
function slowestStepMs({ report: { plan, entered } }: Performance): number {
  if (!plan) return 0;
  const opensAt = plan.startsAt - plan.startLeadMs;
  const late = (done: number | undefined, due: number | undefined) => (done ?? 0) - (due ?? Number.POSITIVE_INFINITY);
  const { allocating, starting } = entered;
  return Math.max(
    0,
    late(starting ?? entered.stopping, allocating && Math.max(allocating, opensAt)),
    late(entered['creating-output'] ?? entered.stopping, starting),
    late(entered['waiting-for-encoder'] ?? entered.stopping, entered['creating-output']),
    entered.scheduled === undefined ? 0 : late(allocating, opensAt - (plan.warmUpMs - plan.startLeadMs)),
  );
}

const outcome = ({ endReason, accepted }: Pick<Course, 'endReason' | 'accepted'>): string =>
  `${endReason} [${accepted.map((yes) => (yes ? 'accepted' : 'refused')).join(', ')}]`;

const actual = ({ report, accepted, show }: Performance): string =>
  `${outcome({ endReason: report.endReason ?? 'missed', accepted })} ${overAt(report) - show.startsAt} ms after its start`;

function explains(course: Course, { report, accepted, reality }: Performance, granularityMs: number): boolean {
  const cancelled = reality.actions.map(({ action }) => action.do === 'cancel');
  const sameAnswers = course.accepted.every((yes, i) => cancelled[i] || yes === accepted[i]);
  // A run that ended before it had a plan has no end to show.
  const sameEnd = report.plan === undefined || Math.abs(course.endsAt - report.endsAt) <= granularityMs;
  const sameTime = report.plan === undefined || Math.abs(course.overAt - overAt(report)) <= granularityMs;
  return course.endReason === report.endReason && sameAnswers && sameEnd && sameTime;
}

/** When the run let go of the show. */
const overAt = ({ entered }: EventStatus): number =>
  entered.stopping ?? entered['cleaning-up'] ?? entered.failed ?? entered.completed ?? entered.cancelled ?? Number.NaN;

/** What must hold whatever the course: nothing left, one channel at most, phases in their order, windows as sent. */
function aftermath({ report, phases, remembered, reality, accepted, refusals }: Performance): string[] {
  const wrong: string[] = [];
  const check = (ok: boolean, what: string): void => {
    if (!ok) wrong.push(what);
  };
  const { allocating, starting } = report.entered;
  if (report.plan) {
    const { startsAt, warmUpMs, startLeadMs } = report.plan;
    check(allocating === undefined || allocating >= startsAt - Math.max(warmUpMs, startLeadMs), 'allocated too early');
    check(starting === undefined || starting >= startsAt - startLeadMs, 'opened too early');
  }
  check(report.released, 'something is still billed');
  check((remembered?.made ?? 0) <= 1, `${remembered?.made} channels were made`);
  check(
    refusals.every((why) => why.length > 10),
    'a refusal gives no reason',
  );
  phases.forEach((to, i) => {
    const from = phases[i - 1];
    // An output that is made at once is not listed.
    const unlisted = from === 'starting' && mayFollow('creating-output', to);
    check(from === to || mayFollow(from, to) || unlisted, `from ${from ?? 'nothing'} to ${to}`);
  });
  const final =
    report.endReason &&
    (report.endReason === 'cancelled' ? 'cancelled' : completes(report.endReason) ? 'completed' : 'failed');
  check(report.phase === final, `${report.endReason} ended ${report.phase}`);
  const openedAt = report.entered['creating-output'] && report.entered.starting;
  const span = { from: openedAt ?? Number.POSITIVE_INFINITY, to: report.stoppedAt ?? 0 };
  const windows = windowsIn(reality.sending, span);
  check(report.windows.length === windows.length, `${report.windows.length} windows, sent were ${windows.length}`);
  const last = windows.at(-1);
  // An encoder that was away as the show ended left a gap; a change in the last seconds may not have been seen.
  const awayMs = last ? (report.entered.stopping ?? span.to) - last.to : 0;
  const between = Math.max(0, windows.length - 1);
  const most = between + (awayMs > 0 ? 1 : 0);
  const least = between + (awayMs > 10_000 ? 1 : 0);
  const { length: gaps } = report.gaps;
  check(gaps >= least && gaps <= most, `${gaps} gaps in ${windows.length} windows, away for ${awayMs} ms at the end`);
  const discarded = reality.actions.some(
    ({ action }, i) => accepted[i] && action.do === 'stopNow' && !action.keepRecording,
  );
  // Before the output stood nothing was recorded, even if the encoder had come already.
  const skipped = reality.actions.some(({ action }, i) => accepted[i] && action.do === 'skipWait');
  const recorded = (windows.length > 0 || skipped) && report.output !== undefined;
  const wanted = report.plan?.vod.publish && report.endReason !== 'cancelled' && !discarded && recorded;
  check(report.vod.length === (wanted ? 1 : 0), `${report.vod.length} recordings`);
  const acceptedUpdates = reality.actions.filter(({ action }, i) => accepted[i] && action.do !== 'cancel');
  check(
    report.audit.length === acceptedUpdates.length,
    `${report.audit.length} entries for ${acceptedUpdates.length} actions`,
  );
  return wrong;
}
