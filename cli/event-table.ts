import type { SystemCard } from '../client/cards.ts';
import { acceptsEncoder, isOver, type Phase } from '../domain/phases.ts';
import { goesOn } from '../domain/run-status.ts';
import { formatDuration } from '../domain/time.ts';
import type { Colour } from './colour.ts';
import type { Row } from './service/service.ts';
import type { Column } from './table.ts';
import type { TimeTexts } from './times.ts';

type Cell = Column<Row>;

export const isPast = ({ workflowStatus, phase }: Row): boolean => !goesOn(workflowStatus) || isOver(phase);

/** How long ago the show started, or in how long it does, as other tools write an age. */
function ageText({ startsAt }: Row): string {
  if (!startsAt) return '';
  const away = startsAt - Date.now();
  const text = coarse(Math.abs(away));
  return away > 0 ? `in ${text}` : text;
}

/** Two units at most: `3d4h`, `12m`. */
const coarse = (ms: number): string =>
  /^(?:\d+[a-z]+){1,2}/.exec(formatDuration(Math.floor(ms / 1000) * 1000))?.[0] ?? '0s';

const viewersText = ({ onAir, phase }: Row): string => (onAir && acceptsEncoder(phase) ? onAir.state : '');

function noteText(row: Row, times: TimeTexts): string {
  const { conditions = [], endReason, workflowStatus, latestAlert } = row;
  const [gravest] = conditions;
  if (gravest) return `${gravest.name} since ${times.instant(gravest.since)}: ${times.inTexts(gravest.message)}`;
  if (isPast(row)) return endReason ?? workflowStatus.toLowerCase();
  return latestAlert === undefined ? '' : times.inTexts(latestAlert);
}

function toneOf(row: Row): Colour | undefined {
  const { conditions = [], phase } = row;
  if (conditions.some(({ name }) => name !== 'stale' && name !== 'slow')) return 'red';
  if (conditions.length > 0) return 'amber';
  if (phase === 'failed' || phase === 'encoder-lost') return 'red';
  if (isPast(row) || phase === 'scheduled') return 'grey';
  return phase === 'live' ? 'green' : 'blue';
}

const shortened = (text: string): string => (text.length > 32 ? `${text.slice(0, 31)}…` : text);
const phaseText = (phase: Phase | undefined): string => phase ?? 'unknown';
const instantCell = (header: string, of: (row: Row) => number | undefined, times: TimeTexts): Cell => ({
  header,
  text: (row) => {
    const at = of(row);
    return at ? times.instant(at) : '';
  },
});

const eventCell: Cell = { header: 'EVENT', text: ({ key }) => key };
const titleCell: Cell = { header: 'TITLE', text: ({ title = '' }) => shortened(title) };
const vendorCell: Cell = { header: 'VENDOR', text: ({ vendor = '' }) => vendor };
const accountCell: Cell = { header: 'ACCOUNT', text: ({ account = '' }) => account };
const phaseCell: Cell = { header: 'PHASE', text: ({ phase }) => phaseText(phase), colour: toneOf };
const encoderCell: Cell = { header: 'ENCODER', text: (row) => (isPast(row) ? '' : (row.encoder ?? '')) };
const viewersCell: Cell = { header: 'VIEWERS', text: viewersText };
const startCell = (times: TimeTexts): Cell => instantCell('START', ({ startsAt }) => startsAt, times);
const endCell = (times: TimeTexts): Cell => instantCell('END', ({ endsAt }) => endsAt, times);
const ageCell: Cell = { header: 'AGE', text: ageText };
const noteTone = (row: Row): Colour | undefined => (row.conditions?.length ? toneOf(row) : undefined);
const noteCell = (times: TimeTexts): Cell => ({
  header: 'NOTE',
  text: (row) => noteText(row, times),
  colour: noteTone,
});

const stateCells = (times: TimeTexts): Cell[] => [
  phaseCell,
  encoderCell,
  viewersCell,
  startCell(times),
  endCell(times),
];

export const usualColumns = (times: TimeTexts): Cell[] => [
  eventCell,
  titleCell,
  vendorCell,
  phaseCell,
  viewersCell,
  startCell(times),
  ageCell,
  noteCell(times),
];
export const wideColumns = (times: TimeTexts): Cell[] => [
  eventCell,
  titleCell,
  vendorCell,
  accountCell,
  ...stateCells(times),
  ageCell,
  noteCell(times),
];
export const csvColumns = (times: TimeTexts): Cell[] => [
  eventCell,
  { ...titleCell, text: ({ title = '' }) => title },
  { header: 'TENANT', text: ({ tenant = '' }) => tenant },
  vendorCell,
  accountCell,
  ...stateCells(times),
  { header: 'CONDITIONS', text: ({ conditions = [] }) => conditions.map(({ name }) => name).join(' ') },
  noteCell(times),
];

/** Who looks at the events; beside the table, because it is no part of it. */
export function systemLines({ workers, unanswered, pollers, notShown = [] }: SystemCard, times: TimeTexts): string[] {
  const lines: string[] = [];
  if (workers.count === 0) lines.push('showcaller: no worker: nothing looks at the events');
  else if (unanswered) lines.push(`showcaller: no worker answers since ${times.instant(unanswered.since)}`);
  for (const { vendor, account, seenAt, failing, isStale } of pollers) {
    if (!isStale) continue;
    const since = seenAt === undefined ? '' : ` since ${times.instant(seenAt)}`;
    lines.push(`showcaller: ${vendor} / ${account} was not seen${since}${failing ? `: ${failing.reason}` : ''}`);
  }
  if (notShown.includes('running'))
    lines.push('showcaller: more events run than are shown and looked at here; `showcaller list --running` has all');
  return lines;
}
