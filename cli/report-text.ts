import { actionName } from '../domain/actions.ts';
import { skewedClockText } from '../domain/clock-skew.ts';
import { othersIn, otherTexts } from '../domain/legs/refusals.ts';
import { isOver } from '../domain/phases.ts';
import { playbackTexts } from '../domain/playback.ts';
import { findingText, unseenText } from '../domain/preflight.ts';
import type { EventStatus, LegStatus } from '../domain/report.ts';
import { isConnected, windowsSeen } from '../domain/seen.ts';
import { stillBilled } from '../domain/still-billed.ts';
import { formatDuration, formatInstant } from '../domain/time.ts';
import { cueText } from '../domain/timeline.ts';
import { usageOf } from '../domain/usage/usage.ts';
import { onAirText, viewedText } from '../domain/viewed.ts';
import { billsOf } from '../plan/bills.ts';

const clock = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * A report for people: what happened, when, and what is proved.
 *
 * @param staleSince since when the event is not seen any more; undefined while it is
 */
export function reportLines(status: EventStatus, staleSince?: number): string[] {
  const lines = [
    `${status.eventId} — ${status.title}`,
    ...(status.vendor ? [`  vendor    ${status.vendor} / ${status.account}`] : []),
    `  phase     ${status.phase}${status.endReason ? ` (${status.endReason})` : ''}`,
  ];
  if (status.endDetail) lines.push(`  why       ${status.endDetail}`);
  if (!status.endReason)
    lines.push(`  encoder   ${status.encoder}${status.vendorState ? ` (vendor says ${status.vendorState})` : ''}`);
  // A plan that was refused has no instants.
  if (status.startsAt > 0) lines.push(`  show      ${clock(status.startsAt)} → ${clock(status.endsAt)}`);
  if (status.createdBy) lines.push(`  created   by ${status.createdBy}`);
  if (status.missedMs) lines.push(`  missed    ${formatDuration(status.missedMs)} of the start`);
  const viewers = viewedText(status) ?? onAirText(status);
  if (viewers !== undefined) lines.push(`  viewers   ${viewers}`);
  for (const text of status.playback ? playbackTexts(status.playback) : []) lines.push(`  watch     ${text}`);
  if (status.nextCue) lines.push(`  next      ${cueText(status.nextCue.what, `at ${clock(status.nextCue.at)}`)}`);
  for (const finding of status.preflight?.findings ?? []) lines.push(`  finding   ${findingText(finding)}`);
  for (const one of status.preflight?.unseen ?? []) lines.push(`  unseen    ${unseenText(one)}`);
  lines.push(...windowLines(status, staleSince));
  for (const { from, to } of status.gaps)
    lines.push(`  gap       ${clock(from)} → ${clock(to)} (${formatDuration(to - from)})`);
  for (const { url, proof } of status.vod) {
    lines.push(`  VOD       ${url}`);
    lines.push(
      `            ${proof.proved ? 'proved' : 'NOT proved'}: ${formatDuration(proof.durationMs)} of ${formatDuration(proof.expectedMs)} expected, ${proof.segments} segments, ${proof.discontinuities} discontinuities`,
    );
    for (const { name, ok, detail } of proof.checks) if (!ok) lines.push(`            ✗ ${name}: ${detail ?? ''}`);
  }
  lines.push(...billedLines(status));
  for (const entry of status.audit) {
    const leg = typeof entry.details?.leg === 'string' ? ` --leg ${entry.details.leg}` : '';
    lines.push(`  operator  ${clock(entry.at)} ${actionName(entry.action)}${leg} by ${entry.by}: ${entry.reason}`);
    for (const text of otherTexts(othersIn(entry.details))) lines.push(`            ✗ ${text}`);
  }
  if (status.warningsDropped) lines.push(`  warning   ${status.warningsDropped} earlier ones are not kept`);
  for (const { at, message, endedAt, ended } of status.warnings ?? [])
    lines.push(`  warning   ${clock(at)} ${message}${endedAt ? `; over since ${clock(endedAt)}: ${ended}` : ''}`);
  for (const trouble of status.troubles)
    lines.push(`  trouble   ${clock(trouble.at)} ${trouble.phase}: ${trouble.message}`);
  for (const skewed of status.clocks ?? [])
    lines.push(`  clock     ${skewedClockText(skewed)}, last seen ${clock(skewed.at)}: set it by NTP`);
  lines.push(`  released  ${releasedText(status)}`, ...legLines(status, staleSince));
  return lines;
}

/** When the encoder was connected. */
function windowLines(status: EventStatus, staleSince: number | undefined): string[] {
  const windows = windowsSeen(status, staleSince ?? Date.now());
  return windows.map(({ from, to }, at) => {
    const goesOn = isConnected(status) && at === windows.length - 1;
    const end = goesOn && staleSince === undefined ? 'now' : clock(to);
    const unseen = goesOn && staleSince !== undefined ? ', not seen since' : '';
    return `  live      ${clock(from)} → ${end} (${formatDuration(Math.floor((to - from) / 1000) * 1000)})${unseen}`;
  });
}

/** A line for each span of a leg on air and each piece of the recording, and a section for each leg. */
function legLines({ legs = [], legsOnAir = [], recording = [] }: EventStatus, staleSince?: number): string[] {
  return [
    ...legsOnAir.map(
      ({ leg, from, to, why }) => `  on air    ${clock(from)} → ${to === undefined ? 'now' : clock(to)} ${leg}: ${why}`,
    ),
    ...recording.map(({ leg, from, to, url }) => `  recording ${clock(from)} → ${clock(to)} from ${leg}: ${url}`),
    ...legs.flatMap((leg) => [
      `  leg       ${leg.name} on ${leg.vendor} / ${leg.account}: ${legText(leg)}`,
      ...legReport(leg, staleSince),
    ]),
  ];
}

function legText({ begunAt, begunBecause, failed, lost, start }: LegStatus): string {
  if (begunAt === undefined) return 'held back, begins when another leg fails';
  const begun = start === 'with-event' ? 'began with the event' : `began ${clock(begunAt)} because ${begunBecause}`;
  return [
    begun,
    ...(failed ? [`FAILED since ${clock(failed.since)}: ${failed.reason}`] : []),
    ...(lost ? [lost] : []),
  ].join('; ');
}

const legReport = ({ status }: LegStatus, staleSince: number | undefined): string[] =>
  status
    ? reportLines(status, staleSince)
        .slice(2)
        .map((line) => `    ${line}`)
    : [];

/** What was billed until now, each resource and state in one line. */
function billedLines(status: EventStatus): string[] {
  // Each leg has its own.
  if (status.legs) return [];
  const { spans, unknown } = usageOf(status, billsOf(status.vendor), Date.now());
  const sums = new Map<string, number>();
  for (const { resource, state, class: of, from, to, goesOn } of spans) {
    const what = `${resource}, ${state}${of ? ` (${of})` : ''}${goesOn ? ', goes on' : ''}`;
    sums.set(what, (sums.get(what) ?? 0) + to - from);
  }
  const lines = [...sums].map(([what, ms]) => `  billed    ${formatDuration(Math.round(ms / 1000) * 1000)} of ${what}`);
  return [...lines, ...(spans.length > 0 ? unknown.map((why) => `  unknown   ${why}`) : [])];
}

function releasedText(status: EventStatus): string {
  if (status.released) return `yes, nothing billed is left${sweptText(status)}`;
  const billed = stillBilled(status);
  if (!billed) return 'not yet';
  return status.left || isOver(status.phase) ? `NO: ${billed}` : `not yet; still billed: ${billed}`;
}

function sweptText({ sweptAt, legs = [] }: EventStatus): string {
  const at = Math.max(sweptAt ?? 0, ...legs.map(({ status }) => status?.sweptAt ?? 0));
  return at > 0 ? ` (the sweep released the rest at ${formatInstant(at)})` : '';
}
