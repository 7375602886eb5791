import { completes, type EndReason, endReasons, finalPhaseOf } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { Evidence } from './evidence.ts';
import { operationsOf, viewersCalls } from './operations.ts';
import { usageProblems } from './usage.ts';
import { isTrouble, viewerProblems } from './viewers.ts';

/** Far above what any of these scenarios needs: a history that grows with the attempts is beyond it. */
export const longestHistory = 400;

/** What does not hold, in words; empty when all is well. */
export function problemsOf(evidence: Evidence): string[] {
  const { report } = evidence;
  if (!report) return ['nothing is known of the run: it never answered'];
  if (evidence.unfinished) return [stillRunning(evidence, report)];
  return [
    ...nothingIsLeft(evidence, report),
    ...oneAtATime(evidence),
    ...itEnded(evidence, report),
    ...endFits(evidence, report),
    ...recordingIsProved(evidence, report),
    ...triesWereShown(evidence),
    ...ingestStaysBlocked(evidence, report),
    ...nobodyElseIsTouched(evidence),
    ...usageProblems(evidence, report),
    ...viewerProblems(evidence, report),
    ...evidence.mishaps.map((mishap) => `an operator was left without an answer: ${mishap}`),
    ...evidence.leakedSecrets.map((secret) => `a secret leaked: ${secret}`),
    ...(evidence.historyLength > longestHistory ? [`the history has ${evidence.historyLength} events`] : []),
    ...strangeCalls(evidence),
  ];
}

const stillRunning = ({ unfinished, tookMs }: Evidence, { phase }: EventStatus): string =>
  `the run had not ended after ${Math.round(tookMs / 1000)} s: ${phase}, trying ${JSON.stringify(unfinished)}`;

function nothingIsLeft({ left }: Evidence, { released, left: handedOver }: EventStatus): string[] {
  return [
    ...left.map(({ kind, name, state, billed }) => `left: ${kind} ${name} (${state}${billed ? ', billed' : ''})`),
    ...(released ? [] : ['the report does not say that everything is released']),
    ...(handedOver ? ['the report leaves something to an operator, and no operator took it over'] : []),
  ];
}

function oneAtATime({ mostChannels, channelsMade, retry }: Evidence): string[] {
  const mayMake = retry ? 2 : 1;
  return [
    ...(mostChannels > 1 ? [`${mostChannels} channels at one time`] : []),
    ...(channelsMade > mayMake ? [`${channelsMade} channels were made`] : []),
  ];
}

function itEnded({ workflow }: Evidence, { endReason, endDetail, phase }: EventStatus): string[] {
  if (!endReason || !endReasons.includes(endReason)) return [`the end reason is ${endReason}`];
  const expected = endReason === 'cancelled' ? 'CANCELLED' : completes(endReason) ? 'COMPLETED' : 'FAILED';
  return [
    ...(workflow === expected ? [] : [`${endReason} ended the workflow as ${workflow}`]),
    ...(phase === finalPhaseOf(endReason) ? [] : [`${endReason} ended in the phase ${phase}`]),
    ...(endDetail ? [] : [`nothing is said about ${endReason}`]),
  ];
}

/** How the show itself ended, whatever became of its recording. */
function endOfShow({ endReason, endDetail = '' }: EventStatus): EndReason | undefined {
  const recorded = /the show itself ended by ([a-z-]+):/.exec(endDetail)?.[1];
  return endReasons.find((reason) => reason === recorded) ?? endReason;
}

function endFits(evidence: Evidence, report: EventStatus): string[] {
  const reason = endOfShow(report);
  const why = reason && whyNot(reason, evidence, report);
  return why ? [`${reason} does not fit: ${why} (${report.endDetail})`] : [];
}

/** What speaks against an end reason; undefined when it can be. */
function whyNot(reason: EndReason, evidence: Evidence, report: EventStatus): string | undefined {
  const { scenario, pushes, cancelled } = evidence;
  const did = (action: string) => report.audit.some((entry) => entry.action === action);
  const troubled = hitsBefore(evidence, report.entered.stopping) > 0;
  switch (reason) {
    case 'reached-end':
      return whyNotToTheEnd(evidence, report, troubled);
    case 'max-duration':
      return did('extend') ? undefined : 'no operator extended it';
    case 'stopped-by-operator':
      return did('stopNow') ? undefined : 'no operator stopped it';
    case 'cancelled':
      return cancelled ? undefined : 'no client cancelled it';
    case 'encoder-gone':
      return troubled || pushes.some(({ to }) => to < (report.entered.stopping ?? 0))
        ? undefined
        : 'the encoder never left';
    case 'encoder-never-connected':
      if (did('skipWait')) return 'the wait was skipped';
      return troubled || pushes.length === 0 || cameTooLate(evidence, report) ? undefined : 'the encoder came';
    case 'allocation-failed':
    case 'start-failed':
    case 'output-failed':
      return troubled ? undefined : 'the vendor refused nothing';
    case 'vod-unproved':
      return 'it does not say how the show ended';
    case 'missed':
      return (report.missedMs ?? 0) >= scenario.plan.durationMs ? undefined : 'there was time for the show';
    case 'invalid-plan':
      return `no such plan was made: ${JSON.stringify(scenario.plan)}`;
  }
}

/** An encoder that was never seen, and had the time to connect, must have been missed. */
function whyNotToTheEnd({ pushes }: Evidence, report: EventStatus, troubled: boolean): string | undefined {
  const skipped = report.audit.some(({ action }) => action === 'skipWait');
  if (troubled || skipped || pushes.length > 0) return undefined;
  return 'no encoder ever came';
}

/** What lasts so long is seen: looks are up to 0.75 s apart at this time scale, and one more confirms the first. */
const seenInMs = 1_000;

/** Later than the waits of the plan, or too short to be seen. */
function cameTooLate({ pushes }: Evidence, { plan, entered, endsAt }: EventStatus): boolean {
  const first = Math.min(...pushes.map(({ from }) => from));
  const opened = Math.max(entered['waiting-for-encoder'] ?? 0, plan?.startsAt ?? 0);
  const given = Math.min(opened + (plan?.waits.firstConnectMs ?? 0), endsAt);
  const longest = Math.max(...pushes.map(({ from, to }) => to - from));
  return first > given - seenInMs || longest < seenInMs;
}

/** How many calls were hit by a fault before an instant. */
const hitsBefore = ({ calls }: Evidence, instant = Number.POSITIVE_INFINITY): number =>
  calls.filter((call) => isTrouble(call) && call.at <= instant).length;

function recordingIsProved(evidence: Evidence, report: EventStatus): string[] {
  const { windows, vod, endReason, audit, plan } = report;
  const dropped = audit.some(({ action, details }) => action === 'stopNow' && details?.keepRecording === false);
  // What was not seen may be recorded all the same.
  const isUnseen = audit.some(({ action }) => action === 'skipWait') || report.endDetail?.includes(' is unknown: ');
  // Without an output nothing was to be recorded yet, and the end reason says why.
  const wanted =
    plan?.vod.publish === true &&
    report.output &&
    !dropped &&
    endReason !== 'cancelled' &&
    (windows.length > 0 || isUnseen);
  if (!wanted) return vod.length > 0 ? ['a recording was published although it was to be discarded'] : [];
  const failing = vod.flatMap(({ proof }) => proof.checks.filter(({ ok }) => !ok));
  const isProved = vod.length > 0 && vod.every(({ proof }) => proof.proved);
  if (endReason !== 'vod-unproved') {
    // The end reason of a show that failed by itself says nothing of its recording.
    const why = report.warnings?.find(({ warning }) => warning === 'vod-unproved')?.message;
    const accounted = isProved || (endReason && !completes(endReason) && why);
    return accounted ? [] : [`the recording is neither proved nor called unproved: ${JSON.stringify(vod)}`];
  }
  return [
    ...(isProved ? ['a proved recording is called unproved'] : []),
    ...(failing.some(({ detail }) => !detail) ? ['a failed check does not say what was seen'] : []),
    ...(mayBeUnproved(evidence) ? [] : [`unproved without a cause: ${report.endDetail} ${JSON.stringify(vod)}`]),
  ];
}

/** The vendor or the players had trouble, or what was sent is too short for a first segment. */
const mayBeUnproved = (evidence: Evidence): boolean =>
  hitsBefore(evidence) > 0 || Math.max(0, ...evidence.pushes.map(({ from, to }) => to - from)) < firstSegmentMs;

const firstSegmentMs = 1_000;

function triesWereShown({ trying }: Evidence): string[] {
  const silent = (trying ?? []).filter(({ attempt, reason }) => attempt > 1 && !reason);
  return silent.map(({ name, attempt }) => `${name} was tried ${attempt} times without saying why`);
}

function ingestStaysBlocked({ pushes, letInAfterwards }: Evidence, { stoppedAt }: EventStatus): string[] {
  const late = stoppedAt === undefined ? [] : pushes.filter(({ from }) => from > stoppedAt);
  return [
    ...late.map(({ from }) => `an encoder was let in ${from - (stoppedAt ?? 0)} ms after the stop`),
    ...(letInAfterwards ? ['an encoder was let in after the end'] : []),
  ];
}

function nobodyElseIsTouched({ neighbours: { before, after } }: Evidence): string[] {
  // An endpoint that players share is started when it is needed.
  const of = (all: Evidence['neighbours']['before']) =>
    all.map(({ kind, name, state }) => `${kind} ${name}${kind === 'streamingEndpoint' ? '' : ` ${state}`}`).sort();
  const now = new Set(of(after));
  return of(before)
    .filter((one) => !now.has(one))
    .map((one) => `touched, though it is another's: ${one}`);
}

/** A call that no fault can be put on would never be tried. */
function strangeCalls({ calls, scenario }: Evidence): string[] {
  const known = new Set([operationsOf, viewersCalls].flatMap((of) => of[scenario.vendor] ?? []));
  const isPush = (method: string) => ['RTMP', 'PUBLISH'].includes(method);
  const strange = new Set(
    calls.filter(({ method, operation }) => !isPush(method) && !known.has(operation)).map(({ operation }) => operation),
  );
  return [...strange].map((operation) => `operations.ts does not know the call ${operation}`);
}
