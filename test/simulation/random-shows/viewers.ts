import type { LiveWindow } from '../../../domain/channel.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import type { OnAirChange } from '../../../domain/on-air.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { fromPayload } from '../temporal/payloads.ts';
import type { Evidence } from './evidence.ts';
import { hides, listsOf, staleTargets } from './playback.ts';
import { overlapMs } from './spans.ts';

const second = 1000;
const minute = 60 * second;
/** From a look until the run has the signal: a client there and back, on a machine in trouble. */
const signalMs = ({ scenario: { isRough } }: Pick<Evidence, 'scenario'>): number => (isRough ? 6 * second : second);
/** The poller counts runs every half minute, by lists that lag, and a new worker is missed for a while. */
const followedAfterMs = 2 * minute;

interface ViewerChange {
  state: OnAirChange['state'];
  at: number;
}

/** What the run learnt of its viewers while it accepted an encoder. */
function reportedTo({ histories, scenario }: Evidence, until: number): ViewerChange[] {
  const history = histories[workflowIdOf(scenario.plan.eventId)] ?? [];
  return history.flatMap((event) => {
    if (event.type !== 'WorkflowExecutionSignaled' || event.attributes.signalName !== 'onAir') return [];
    const [payload] = event.attributes.input?.payloads ?? [];
    const { state } = payload ? (fromPayload(payload) as OnAirChange) : {};
    return state && event.at < until ? [{ state, at: event.at }] : [];
  });
}

const isOff = ({ state }: ViewerChange): boolean => state === 'frozen' || state === 'gone';

/** What viewers get is reported in time, and nothing that is not so. */
export function viewerProblems(evidence: Evidence, report: EventStatus): string[] {
  if (!evidence.scenario.polls) return [];
  const until = report.entered.stopping ?? evidence.closedAt;
  const reported = reportedTo(evidence, until);
  return [
    ...reported.flatMap((one) => whyFalse(evidence, one)),
    ...lossesThatWereNotReported(evidence, report, reported, until),
    ...viewedIsWhatWasReported(evidence, report, reported),
    ...moreThanWasSent(report),
  ];
}

function moreThanWasSent({ viewed = [], windows }: EventStatus): string[] {
  return viewed.flatMap((span, i) => {
    const wrong = (why: string) => [`viewers got ${instant(span.from)} to ${instant(span.to)}, ${why}`];
    if (overlapMs(windows, span) < span.to - span.from) return wrong('and not all of it was sent');
    return span.from < (viewed[i - 1]?.to ?? 0) ? wrong('part of it twice') : [];
  });
}

const instant = (at: number): string => new Date(at).toISOString();

function whyFalse(evidence: Evidence, { state, at }: ViewerChange): string[] {
  const { news, viewerFaults, targetMs } = evidence;
  const seenAt = at - signalMs(evidence);
  const during = (kind: string, span: LiveWindow) =>
    viewerFaults.some((fault) => fault.kind === kind && fault.from <= span.to && fault.to >= span.from);
  const around = { from: seenAt - 3 * targetMs, to: at };
  // A stale edge may hide what is new for as long as the claim looks back, above all when the stream freezes behind it.
  const lateMs = during('stale', around) ? 3 * targetMs : 0;
  const newsIn = (from: number, to: number) => news.some((one) => one > from && one <= to);
  const wrong = (why: string) => [`viewers were called ${state} at ${instant(at)}: ${why}`];
  switch (state) {
    case 'frozen':
      if (mayBeOld(evidence, at)) return [];
      return newsIn(at - 3 * targetMs, seenAt - lateMs) ? wrong('they got new segments') : [];
    case 'gone':
      if (during('gone', around) || during('late-first-segment', around)) return [];
      // What a stale edge has may be of before the first segment.
      if (during('stale', around) && (news[0] ?? at) > around.from - staleTargets * targetMs) return [];
      // Without an encoder there may be no list; two looks a target duration apart did not find it.
      if (listsOf(evidence.scenario.seed) === 'go on') return wrong('the playlist was there');
      return newsIn(at - targetMs, seenAt - lateMs) ? wrong('they got new segments') : [];
    case 'on-air':
      if (newsIn(seenAt - 5 * targetMs, at) || isSeenLate(evidence, { from: seenAt - 5 * targetMs, to: at })) return [];
      if (goesBack(evidence, { from: seenAt - 5 * targetMs, to: at })) return [];
      return wrong('there was nothing new');
    case 'dark':
      return news.some((one) => one <= seenAt - 4 * targetMs && wasAttended(evidence, one))
        ? wrong('they had got segments')
        : [];
    default:
      return wrong('every question was answered');
  }
}

/**
 * One who asks once a target duration gets what came just before the list was gone when that is there again, and has what came
 * before it. A freeze that begins meanwhile hides only what came after it began.
 */
function isSeenLate({ news, viewerFaults, targetMs, ...evidence }: Evidence, inside: LiveWindow): boolean {
  const looksApartMs = targetMs + signalMs(evidence);
  const isSeenAfter = (one: number, hiddenAt: number): boolean =>
    viewerFaults
      .filter((fault) => hides(fault, one) && fault.from <= hiddenAt + looksApartMs && fault.to > hiddenAt)
      .some(({ to }) => (to > inside.from && to <= inside.to) || isSeenAfter(one, to));
  return news.some((one) => isSeenAfter(one, one));
}

/**
 * A freeze that began behind another fault shows, when that is over, a list of long before: after a time without a list no viewer can
 * distinguish it from one that was begun anew.
 */
function goesBack({ scenario, viewerFaults }: Evidence, inside: LiveWindow): boolean {
  const endsInside = ({ to }: LiveWindow) => to > inside.from && to <= inside.to;
  const frozenBehind = (other: LiveWindow) =>
    viewerFaults.some(
      ({ kind, from, to }) => kind === 'freeze' && from > other.from && from < other.to && to > other.to,
    );
  return listsOf(scenario.seed) === 'begin anew' && viewerFaults.filter(endsInside).some(frozenBehind);
}

/** Whether a worker looked then. Segments that come meanwhile are old at its first look: an earlier show may have left them. */
const wasAttended = ({ unattended }: Evidence, at: number): boolean =>
  !unattended.some(({ from, to }) => at >= from && at <= to);

/**
 * A list that begins anew while the one before is still there may be one that an edge kept, where that was hardly longer: no
 * viewer can distinguish them, and its first segments count late.
 */
function mayBeOld({ scenario, sent, targetMs }: Evidence, at: number): boolean {
  if (listsOf(scenario.seed) === 'go on') return false;
  const now = sent.findIndex(({ from, to }) => from <= at && at <= to);
  const [before, begun] = [sent[now - 1], sent[now]];
  return (
    before !== undefined &&
    begun !== undefined &&
    before.to - before.from < 5 * targetMs &&
    at - begun.from < 6 * targetMs
  );
}

/** Within three target durations after the segment that did not come, while a poller looked. */
function lossesThatWereNotReported(
  evidence: Evidence,
  { entered }: EventStatus,
  reported: readonly ViewerChange[],
  until: number,
): string[] {
  const { news, targetMs, unattended, viewerFaults } = evidence;
  const begunAt = (entered['waiting-for-encoder'] ?? Number.POSITIVE_INFINITY) + followedAfterMs;
  return news.flatMap((last, i) => {
    // A stale edge may answer two looks in a row, when a segment is fetched between them.
    const isStale = viewerFaults.some(
      ({ kind, from, to }) => kind === 'stale' && from <= last + targetMs && to >= last,
    );
    const deadline = last + (1 + 3 + (isStale ? 2 : 0)) * targetMs + 2 * signalMs(evidence);
    if ((news[i + 1] ?? Number.POSITIVE_INFINITY) <= deadline || last < begunAt || deadline >= until) return [];
    if (overlapMs(unattended, { from: last - followedAfterMs, to: deadline }) > 0) return [];
    if (reported.findLast(({ at }) => at <= last)?.state !== 'on-air') return [];
    if (reported.some((one) => isOff(one) && one.at > last && one.at <= deadline)) return [];
    return [`viewers got nothing new after ${instant(last)}, and the run did not learn it until ${instant(deadline)}`];
  });
}

/** From when a run knew them on air to the last segment before it knew that they were not, of what was sent. */
function viewedIsWhatWasReported(
  evidence: Evidence,
  { viewed = [], windows }: EventStatus,
  reported: readonly ViewerChange[],
): string[] {
  const { news, targetMs } = evidence;
  return reported.flatMap((loss, i) => {
    const before = reported[i - 1];
    if (!isOff(loss) || before?.state !== 'on-air') return [];
    const last = news.findLast((one) => one <= loss.at - 3 * targetMs) ?? before.at;
    const span = { from: before.at, to: last };
    const missing = overlapMs(windows, span) - overlapMs(viewed, span);
    return missing > 3 * targetMs + signalMs(evidence)
      ? [`the report lacks ${missing} ms of what viewers got from ${instant(span.from)} to ${instant(span.to)}`]
      : [];
  });
}
