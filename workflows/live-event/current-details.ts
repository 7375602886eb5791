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

type Row = [name: string, value: string];

/** A short markdown status for the Temporal UI. Rendered on demand, it costs no history. */
export function detailsOf(status: EventStatus): string {
  const rows = [
    ...showRows(status),
    ...preflightRows(status),
    ...recordRows(status),
    ...legRows(status),
    ...warningRows(status),
    ...warningsToCome(status),
    ...troubleRow(status),
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`).join('\n');
  return `### ${plain(status.title)}\n\n| | |\n|---|---|\n${table}\n${lastLine}`;
}

function showRows(status: EventStatus): Row[] {
  const { phase, encoder, vendorState, nextCue, startsAt, endsAt, vendor, account, channel, playback } = status;
  return [
    ['phase', `**${phase}**`],
    ['encoder', vendorState ? `${encoder} (vendor says ${plain(vendorState)})` : encoder],
    ...onAirRow(status),
    ['next', nextCue ? cueText(nextCue.what, `at ${clock(nextCue.at)}`) : '—'],
    ['show', `${clock(startsAt)} → ${clock(endsAt)}`],
    ['vendor', `${vendor} / ${account}`],
    ...rowIf('channel', channel && plain(channel.ref.id ?? channel.ref.name)),
    ...rowIf('viewers watch', playback && playbackTexts(playback).map(plain).join('<br>')),
  ];
}

/** What the run has made, seen and left. */
function recordRows(status: EventStatus): Row[] {
  const { released, missedMs, windows, endReason, endDetail = '', vod, clocks = [] } = status;
  const [first] = windows;
  const billed = stillBilled(status);
  return [
    ...rowIf('ingest', released ? undefined : `\`showcaller ingest ${keyOfRun(status)}\``),
    ...rowIf('joined late', missedMs ? `${formatDuration(missedMs)} of the show missed` : undefined),
    ...rowIf('recorded', first && recordedText(status, first)),
    ...rowIf('ended', endReason && `${endReason}: ${plain(endDetail)}`),
    ...vod.map(
      ({ proof, url }): Row => [
        proof.proved ? 'recording, proved' : 'recording, NOT proved',
        plain(url.split('?')[0] ?? ''),
      ],
    ),
    ...clocks.map((skewed): Row => ['clock', `${plain(skewedClockText(skewed))}, last seen ${clock(skewed.at)}`]),
    ...rowIf('still billed', billed && plain(billed)),
  ];
}

const rowIf = (name: string, value: string | undefined): Row[] => (value === undefined ? [] : [[name, value]]);

function legRows({ legs = [], legsOnAir }: EventStatus): Row[] {
  const onAir = legsOnAir?.at(-1);
  return legs.map(({ name, vendor, begunAt, failed, status }) => {
    const words = [
      begunAt === undefined ? 'held back' : (status?.phase ?? 'begun'),
      ...(onAir?.leg === name && onAir.to === undefined ? ['**on air**'] : []),
      ...(failed ? [`failed: ${plain(failed.reason)}`] : []),
    ];
    return [`leg ${name}`, `${vendor}: ${words.join(', ')}`];
  });
}

function troubleRow({ troubles }: EventStatus): Row[] {
  const last = troubles.at(-1);
  return rowIf('last trouble', last && `${last.kind}: ${plain(last.message)}`);
}

function preflightRows({ preflight, legs = [] }: EventStatus): Row[] {
  const ofLegs = legs.flatMap(({ name, status }) => (status?.preflight ? [{ leg: name, ...status.preflight }] : []));
  const { findings, unseen } = lookOfLegs([...(preflight ? [preflight] : []), ...ofLegs]);
  return [
    ...findings.map((one): Row => ['finding', plain(findingText(one))]),
    ...unseen.map((one): Row => ['unseen', plain(unseenText(one))]),
  ];
}

const warningsShown = 3;

function warningRows({ warnings = [], warningsDropped = 0 }: EventStatus): Row[] {
  const open = warnings.filter(({ endedAt }) => endedAt === undefined);
  const shown = open.slice(-warningsShown);
  const earlier = open.length - shown.length + warningsDropped;
  return [
    ...rowIf(
      'warning',
      earlier > 0 ? `${earlier} earlier ones: \`showcaller status\` has those that are kept` : undefined,
    ),
    ...shown.map(({ at, message }): Row => ['warning', `${clock(at)}: ${plain(message)}`]),
  ];
}

/** Without subscribers no timer wakes the run: who reads the text compares these instants with the clock. */
function warningsToCome({ plan, phase, encoder, entered, endsAt, legs, channel }: EventStatus): Row[] {
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

function onAirRow(status: EventStatus): Row[] {
  const text = viewedText(status) ?? onAirText(status);
  return rowIf('viewers', text && plain(text));
}

const keyOfRun = ({ channel, eventId }: EventStatus): string => eventKeyOf(channel?.ref.workflowId ?? '') ?? eventId;

/** Until the stop only what does not grow by itself: the text is made at a change, and read later. */
function recordedText({ windows, gaps, stoppedAt }: EventStatus, first: LiveWindow): string {
  const lost = `${gaps.length} gap(s)`;
  if (stoppedAt === undefined) return `since ${clock(first.from)}, ${lost}`;
  return `${formatDuration(totalMs(windows))} in ${windows.length} window(s), ${lost}`;
}
