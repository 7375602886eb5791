import type { LiveWindow } from '../../domain/channel.ts';
import { skewedClockText } from '../../domain/clock-skew.ts';
import { slowStepMs } from '../../domain/conditions/condition.ts';
import { eventKeyOf } from '../../domain/ids.ts';
import { hasOneStep } from '../../domain/phases.ts';
import { playbackTexts } from '../../domain/playback.ts';
import { findingText, lookOfLegs, unseenText } from '../../domain/preflight.ts';
import type { EventStatus } from '../../domain/report.ts';
import { totalMs } from '../../domain/spans.ts';
import { stillBilled } from '../../domain/still-billed.ts';
import { onOneLine, withoutMarkup } from '../../domain/text.ts';
import { formatDuration } from '../../domain/time.ts';
import { cueText, halfOfTheWait } from '../../domain/timeline.ts';
import { onAirText, viewedText } from '../../domain/viewed.ts';

const clock = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
const plain = (text: string): string => withoutMarkup(onOneLine(text).replace(/[|`]/g, ' ').slice(0, 300));

/** The UI's box hides what comes last: let it be nothing. */
const lastLine = '\n\u00a0\n';

/** A short markdown status for the Temporal UI. Rendered on demand, it costs no history. */
export function detailsOf(status: EventStatus): string {
  const rows: [string, string][] = [
    ['phase', `**${status.phase}**`],
    ['encoder', status.vendorState ? `${status.encoder} (vendor says ${plain(status.vendorState)})` : status.encoder],
    ...onAirRow(status),
    ['next', status.nextCue ? cueText(status.nextCue.what, `at ${clock(status.nextCue.at)}`) : '—'],
    ['show', `${clock(status.startsAt)} → ${clock(status.endsAt)}`],
    ['vendor', `${status.vendor} / ${status.account}`],
  ];
  if (status.channel) rows.push(['channel', plain(status.channel.ref.id ?? status.channel.ref.name)]);
  if (status.playback) rows.push(['viewers watch', playbackTexts(status.playback).map(plain).join('<br>')]);
  rows.push(...preflightRows(status));
  if (!status.released) rows.push(['ingest', `\`showcaller ingest ${keyOfRun(status)}\``]);
  if (status.missedMs) rows.push(['joined late', `${formatDuration(status.missedMs)} of the show missed`]);
  const [first] = status.windows;
  if (first) rows.push(['recorded', recordedText(status, first)]);
  if (status.endReason) rows.push(['ended', `${status.endReason}: ${plain(status.endDetail ?? '')}`]);
  for (const asset of status.vod) {
    rows.push([
      asset.proof.proved ? 'recording, proved' : 'recording, NOT proved',
      plain(asset.url.split('?')[0] ?? ''),
    ]);
  }
  for (const skewed of status.clocks ?? [])
    rows.push(['clock', `${plain(skewedClockText(skewed))}, last seen ${clock(skewed.at)}`]);
  const billed = stillBilled(status);
  if (billed) rows.push(['still billed', plain(billed)]);
  for (const { name, vendor, begunAt, failed, status: leg } of status.legs ?? []) {
    const onAir = status.legsOnAir?.at(-1);
    const words = [
      begunAt === undefined ? 'held back' : (leg?.phase ?? 'begun'),
      ...(onAir?.leg === name && onAir.to === undefined ? ['**on air**'] : []),
      ...(failed ? [`failed: ${plain(failed.reason)}`] : []),
    ];
    rows.push([`leg ${name}`, `${vendor}: ${words.join(', ')}`]);
  }
  rows.push(...warningRows(status));
  rows.push(...warningsToCome(status));
  const last = status.troubles.at(-1);
  if (last) rows.push(['last trouble', `${last.kind}: ${plain(last.message)}`]);
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`).join('\n');
  return `### ${plain(status.title)}\n\n| | |\n|---|---|\n${table}\n${lastLine}`;
}

function preflightRows({ preflight, legs = [] }: EventStatus): [string, string][] {
  const ofLegs = legs.flatMap(({ name, status }) => (status?.preflight ? [{ leg: name, ...status.preflight }] : []));
  const { findings, unseen } = lookOfLegs([...(preflight ? [preflight] : []), ...ofLegs]);
  return [
    ...findings.map((one): [string, string] => ['finding', plain(findingText(one))]),
    ...unseen.map((one): [string, string] => ['unseen', plain(unseenText(one))]),
  ];
}

const warningsShown = 3;

function warningRows({ warnings = [], warningsDropped = 0 }: EventStatus): [string, string][] {
  const open = warnings.filter(({ endedAt }) => endedAt === undefined);
  const shown = open.slice(-warningsShown);
  const earlier = open.length - shown.length + warningsDropped;
  return [
    ...(earlier > 0
      ? [
          ['warning', `${earlier} earlier ones: \`showcaller status\` has those that are kept`] satisfies [
            string,
            string,
          ],
        ]
      : []),
    ...shown.map(({ at, message }): [string, string] => ['warning', `${clock(at)}: ${plain(message)}`]),
  ];
}

/** Without subscribers no timer wakes the run: who reads the text compares these instants with the clock. */
function warningsToCome({ plan, phase, encoder, entered, endsAt, legs, channel }: EventStatus): [string, string][] {
  const since = entered[phase];
  if (!plan || plan.notify || legs || since === undefined) return [];
  // Made, it waits for the time to open.
  if (phase === 'allocating' && channel) return [];
  if (hasOneStep(phase))
    return [['warning', `from ${clock(since + slowStepMs)} on, if ${phase} is not over: it takes long`]];
  if (phase !== 'waiting-for-encoder' || encoder !== 'waiting') return [];
  const half = halfOfTheWait(plan, { awaitedSince: since, endsAt });
  return [['warning', `from ${clock(half)} on, if none has connected: no encoder yet`]];
}

function onAirRow(status: EventStatus): [string, string][] {
  const text = viewedText(status) ?? onAirText(status);
  return text === undefined ? [] : [['viewers', plain(text)]];
}

const keyOfRun = ({ channel, eventId }: EventStatus): string => eventKeyOf(channel?.ref.workflowId ?? '') ?? eventId;

/** Until the stop only what does not grow by itself: the text is made at a change, and read later. */
function recordedText({ windows, gaps, stoppedAt }: EventStatus, first: LiveWindow): string {
  const lost = `${gaps.length} gap(s)`;
  if (stoppedAt === undefined) return `since ${clock(first.from)}, ${lost}`;
  return `${formatDuration(totalMs(windows))} in ${windows.length} window(s), ${lost}`;
}
