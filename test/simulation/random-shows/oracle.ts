import type { LiveWindow } from '../../../domain/channel.ts';
import { noticeableSkewMs } from '../../../domain/clock-skew.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import { completes, endReasons, finalPhaseOf } from '../../../domain/phases.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { whyNot } from './end-reasons.ts';
import type { Evidence } from './evidence.ts';
import { recordingProblems } from './recording.ts';
import { overlapMs } from './spans.ts';
import { usageProblems } from './usage.ts';
import { viewerProblems } from './viewers.ts';

const second = 1000;
const minute = 60 * second;

/** A history must not grow with the length of the show; operators and a flapping encoder add to it. */
const longestHistory = 400;

/** What does not hold, in words; empty when all is well. Time is virtual, so nothing is excused as late. */
export function problemsOf(evidence: Evidence): string[] {
  const { report, taskFailures } = evidence;
  const always = [...taskFailures.map((one) => `a workflow task failed: ${one}`), ...operatorsAreAnswered(evidence)];
  if (!report) return [...always, `the run did not end: it is ${evidence.phases.at(-1)?.phase ?? 'not begun'}`];
  return [
    ...always,
    ...everythingIsReleased(evidence, report),
    ...oneChannelOfOurs(evidence),
    ...itEnded(evidence, report),
    ...openIsOpen(evidence),
    ...ingestStaysBlocked(evidence, report),
    ...cuesAreMet(evidence, report),
    ...clocksAreTrue(evidence, report),
    ...lossesAreReal(evidence),
    ...recordingProblems(evidence, report),
    ...viewerProblems(evidence, report),
    ...usageProblems(evidence, report),
    ...historyStaysShort(evidence, report),
  ];
}

const operatorsAreAnswered = ({ acted }: Evidence): string[] =>
  acted
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ action, answer }) => `${action.do} was neither accepted nor refused: ${answer}`);

function everythingIsReleased({ left, held, neighbourIsUntouched }: Evidence, report: EventStatus): string[] {
  return [
    ...left.map(({ name, state }) => `left when the run ended: ${name} (${state})`),
    ...held.map((event) => `${event} holds a part of its tenant's budget after its end`),
    ...(report.released ? [] : ['the report does not say that everything is released']),
    ...(report.left ? ['the report leaves a channel to an operator who did not ask for it'] : []),
    ...(neighbourIsUntouched ? [] : ['the channel of another event was touched']),
  ];
}

/** A wrong clock of a worker is seen as it is, and none that is right. */
function clocksAreTrue({ scenario: { skewMs } }: Evidence, { clocks = [] }: EventStatus): string[] {
  return clocks
    .filter(({ aheadMs }) => Math.abs(aheadMs - skewMs) > noticeableSkewMs)
    .map(({ aheadMs }) => `a clock was said to be ${aheadMs} ms ahead: it was ${skewMs} ms`);
}

function oneChannelOfOurs({ made, scenario: { plan } }: Evidence): string[] {
  const tag = workflowIdOf(plan.eventId);
  return [
    ...(made.length > 1 ? [`${made.length} channels were made: ${made.map(({ name }) => name).join(', ')}`] : []),
    ...made.filter((one) => one.tag !== tag).map(({ name, tag: wrong }) => `${name} has the ownership tag ${wrong}`),
  ];
}

function itEnded(evidence: Evidence, report: EventStatus): string[] {
  const { status, acted } = evidence;
  const { endReason, endDetail, phase, audit } = report;
  if (!endReason || !endReasons.includes(endReason)) return [`the end reason is ${endReason}`];
  const expected = endReason === 'cancelled' ? 'CANCELED' : completes(endReason) ? 'COMPLETED' : 'FAILED';
  const updates = acted.filter(({ action }) => action.do !== 'cancel');
  const accepted = updates.filter(({ outcome }) => outcome === 'accepted').length;
  const unanswered = updates.filter(({ outcome }) => outcome === 'unanswered').length;
  const why = whyNot(evidence, report);
  return [
    ...(status === expected ? [] : [`${endReason} ended the workflow as ${status}`]),
    ...(phase === finalPhaseOf(endReason) ? [] : [`${endReason} ended in the phase ${phase}`]),
    ...(endDetail ? [] : [`the report says nothing about ${endReason}`]),
    ...(audit.length < accepted || audit.length > accepted + unanswered
      ? [`${audit.length} actions in the audit, ${accepted} were accepted and ${unanswered} not answered`]
      : []),
    ...(why ? [`${endReason} does not fit: ${why} (${endDetail})`] : []),
  ];
}

/** The run goes on from `starting` only when the vendor lets encoders in. */
function openIsOpen({ phases, opened }: Evidence): string[] {
  const on = phases.find(({ phase }) => phase === 'creating-output');
  if (!on || opened.some(({ at }) => at <= on.at)) return [];
  return [`the channel was called open at ${new Date(on.at).toISOString()}, and no encoder was let in yet`];
}

function ingestStaysBlocked({ sent, closed, letInAfterwards }: Evidence, report: EventStatus): string[] {
  const { stoppedAt, entered } = report;
  const early = closed.filter(({ at }) => entered.stopping === undefined || at < entered.stopping);
  const late = stoppedAt === undefined ? [] : sent.filter(({ to }) => to > stoppedAt);
  return [
    ...early.map(({ name, at }) => `${name} was closed at ${new Date(at).toISOString()}, before the show was over`),
    ...late.map(({ to }) => `an encoder sent until ${to - (stoppedAt ?? 0)} ms after the stop was reported`),
    ...(letInAfterwards ? ['an encoder was let in after the end'] : []),
  ];
}

/** A step under way is waited for: several calls of 10 s. */
const underWayMs = minute;

/** The end, a stop and a cancellation are acted on at once, however the vendor answers. */
function cuesAreMet(evidence: Evidence, report: EventStatus): string[] {
  const { entered, endReason, endsAt } = report;
  const over = entered.stopping;
  if (over === undefined) return [];
  const allowedMs = (from: number) => underWayMs + overlapMs(evidence.unattended, { from, to: over });
  const problems: string[] = [];
  if (endReason === 'reached-end' || endReason === 'max-duration') {
    if (over < endsAt) problems.push(`the show was ended ${endsAt - over} ms before its end`);
    if (over > endsAt + allowedMs(endsAt)) problems.push(`the show was ended ${over - endsAt} ms after its end`);
  }
  for (const { action, at, outcome } of evidence.acted) {
    if (outcome !== 'accepted' || (action.do !== 'stopNow' && action.do !== 'cancel')) continue;
    if (over > at + allowedMs(at)) problems.push(`${action.do} was acted on ${over - at} ms later`);
  }
  return problems;
}

const wholeOf = ({ from, to }: LiveWindow, sent: readonly LiveWindow[]): boolean =>
  sent.some((span) => span.from < from && span.to > to);

/** Looks are up to a minute apart, and an answer may be old when the run gets it. */
const looksApartMs = 90 * second;

/** The run may say that the encoder is lost only when it was away since it was seen. */
function lossesAreReal({ phases, sent }: Evidence): string[] {
  return phases.flatMap(({ phase, at }, i) => {
    const before = phases[i - 1];
    if (phase !== 'encoder-lost' || !before) return [];
    const isFalse = wholeOf({ from: before.at - looksApartMs, to: at }, sent);
    return isFalse
      ? [`the encoder was called lost at ${new Date(at).toISOString()}, and was sending all the time`]
      : [];
  });
}

function historyStaysShort({ histories, acted, sent, scenario }: Evidence, report: EventStatus): string[] {
  const { length } = histories[workflowIdOf(scenario.plan.eventId)] ?? [];
  const most = longestHistory + 20 * acted.length + 15 * sent.length + 10 * report.audit.length;
  return length > most ? [`the history has ${length} events`] : [];
}
