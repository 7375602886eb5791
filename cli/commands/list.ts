import { type Command, Option } from 'commander';
import type { ShowcallerClient } from '../../client/client.ts';
import type { EventSummary } from '../../client/listing.ts';
import { Overview, type SystemSeen, type ViewedEvent } from '../../client/overview.ts';
import { acceptsEncoder, isOver, type Phase } from '../../domain/phases.ts';
import { formatDuration, parseInstant, whyNotInstant } from '../../domain/time.ts';
import { type Colour, hasColours, painter } from '../colour.ts';
import { type ConnectionFlags, withClient } from '../context.ts';
import { answer, say, show, UsageError } from '../io.ts';
import { positive } from '../numbers.ts';
import { type Column, csvLines, tableLines } from '../table.ts';
import { type Times, timesOf } from '../times.ts';
import { connectionOptions, timeOptions } from './options.ts';

const outputs = ['table', 'wide', 'csv', 'json'] as const;

interface ListFlags extends ConnectionFlags {
  query?: string;
  limit: number;
  cursor?: string;
  from?: string;
  to?: string;
  search?: string;
  running?: boolean;
  output: (typeof outputs)[number];
  utc?: boolean;
}

const answerMs = 10_000;
/** What `--search` looks through at most: titles are in no index. */
const mostSearched = 1_000;
const pageSize = 100;

function instantOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === undefined) throw new UsageError(`${flag} ${whyNotInstant(text)}`);
  return instant;
}

export const registerList = (program: Command): void => {
  timeOptions(connectionOptions(program.command('list')))
    .description('events, running ones first, newest first, and what is wrong with them')
    .option('--from <instant>', 'shows that start at this or later')
    .option('--to <instant>', 'shows that start before this')
    .option('--search <text>', 'what is in the id, the title or the tenant')
    .option('--running', 'only those that are not over')
    .option('--query <filter>', 'visibility filter, e.g. "ShowcallerPhase = \'live\'"')
    .option('--limit <n>', 'at most this many', positive, 50)
    .option('--cursor <cursor>', 'the next page, as the page before names it')
    .addOption(new Option('-o, --output <form>', 'how it is printed').choices(outputs).default('table'))
    .action(async (flags: ListFlags) => {
      const { events, system, cursor, searched } = await withClient(flags, (client) => found(client, flags));
      const output = flags.json ? 'json' : flags.output;
      const times = timesOf(flags);
      if (output === 'json') answer(true, events.map(documentOf), () => []);
      else if (output === 'csv') answer(false, undefined, () => csvLines(events, csvColumns(times)));
      else if (events.length === 0) answer(false, undefined, () => 'no events');
      else {
        const columns = output === 'wide' ? wideColumns(times) : usualColumns(times);
        show(tableLines(events, columns, painter(hasColours(process.stdout, process.env))));
      }
      if (output !== 'json') for (const line of systemLines(system, times)) say(line);
      if (searched) say(`showcaller: the newest ${mostSearched} events were searched; --from and --to reach others`);
      if (cursor) say(`showcaller: there are more; the next page: --cursor ${cursor}`);
    });
};

interface Found {
  events: ViewedEvent[];
  system: SystemSeen;
  cursor?: string;
  /** The search ended before the end of the list. */
  searched?: boolean;
}

async function found(client: ShowcallerClient, flags: ListFlags): Promise<Found> {
  const { query, search, limit, running } = flags;
  const from = instantOf('--from', flags.from);
  const to = instantOf('--to', flags.to);
  const filter = { query, from, to, ...(running && { running }) };
  const overview = new Overview(client, answerMs);
  if (search === undefined) {
    const page = await client.page({ ...filter, limit, ...(flags.cursor !== undefined && { cursor: flags.cursor }) });
    return { ...(await overview.look(newestRuns(page.events))), ...(page.cursor && { cursor: page.cursor }) };
  }
  const all: EventSummary[] = [];
  let cursor = flags.cursor;
  do {
    const page = await client.page({ ...filter, limit: pageSize, ...(cursor !== undefined && { cursor }) });
    all.push(...page.events);
    cursor = page.cursor;
  } while (cursor !== undefined && all.length < mostSearched);
  const { events, system } = await overview.look(newestRuns(all));
  const wanted = search.toLowerCase();
  const matching = events.filter(({ summary, status }) =>
    [summary.key, status?.title, summary.tenant].some((text) => text?.toLowerCase().includes(wanted)),
  );
  return { events: matching.slice(0, limit), system, ...(cursor !== undefined && { searched: true }) };
}

/** An event that ran twice is in the list twice; the newer run comes first. */
const newestRuns = (events: readonly EventSummary[]): EventSummary[] =>
  [...new Map([...events].reverse().map((one) => [one.key, one])).values()].reverse();

const documentOf = ({ summary, status, conditions }: ViewedEvent) => ({
  ...summary,
  ...(status && { title: status.title, encoder: status.encoder, phase: status.phase, endsAt: new Date(status.endsAt) }),
  ...(status?.onAir && { onAir: status.onAir.state }),
  conditions,
});

type Cell = Column<ViewedEvent>;

const phaseOf = ({ summary, status }: ViewedEvent): Phase | undefined => status?.phase ?? summary.phase;
const isPast = (row: ViewedEvent): boolean => row.summary.workflowStatus !== 'RUNNING' || isOver(phaseOf(row));

/** How long ago the show started, or in how long it does, as other tools write an age. */
function ageText({ summary, status }: ViewedEvent): string {
  const at = status?.startsAt || summary.startsAt?.getTime();
  if (!at) return '';
  const away = at - Date.now();
  const text = coarse(Math.abs(away));
  return away > 0 ? `in ${text}` : text;
}

/** Two units at most: `3d4h`, `12m`. */
const coarse = (ms: number): string =>
  /^(?:\d+[a-z]+){1,2}/.exec(formatDuration(Math.floor(ms / 1000) * 1000))?.[0] ?? '0s';

const viewersText = ({ status }: ViewedEvent): string =>
  status?.onAir && acceptsEncoder(status.phase) ? status.onAir.state : '';

function noteText(row: ViewedEvent, times: Times): string {
  const { conditions, summary, status } = row;
  const [gravest] = conditions;
  if (gravest) return `${gravest.name} since ${times.instant(gravest.since)}: ${times.inTexts(gravest.message)}`;
  if (isPast(row)) return summary.endReason ?? status?.endReason ?? summary.workflowStatus.toLowerCase();
  const latest = status?.warnings?.findLast(({ endedAt }) => endedAt === undefined);
  return latest ? times.inTexts(latest.message) : '';
}

function toneOf(row: ViewedEvent): Colour | undefined {
  const names = row.conditions.map(({ name }) => name);
  if (names.some((name) => name !== 'stale' && name !== 'slow')) return 'red';
  if (names.length > 0) return 'amber';
  const phase = phaseOf(row);
  if (phase === 'failed' || phase === 'encoder-lost') return 'red';
  if (isPast(row) || phase === 'scheduled') return 'grey';
  return phase === 'live' ? 'green' : 'blue';
}

const eventCell: Cell = { header: 'EVENT', text: ({ summary }) => summary.key };
const titleCell: Cell = { header: 'TITLE', text: ({ status }) => shortened(status?.title ?? '') };
const vendorCell: Cell = { header: 'VENDOR', text: ({ summary }) => summary.vendor ?? '' };
const accountCell: Cell = { header: 'ACCOUNT', text: ({ summary }) => summary.account ?? '' };
const phaseCell: Cell = { header: 'PHASE', text: (row) => phaseOf(row) ?? 'unknown', colour: toneOf };
const encoderCell: Cell = { header: 'ENCODER', text: (row) => (isPast(row) ? '' : (row.status?.encoder ?? '')) };
const viewersCell: Cell = { header: 'VIEWERS', text: viewersText };
const startCell = (times: Times): Cell => ({
  header: 'START',
  text: ({ summary, status }) => {
    const at = status?.startsAt || summary.startsAt?.getTime();
    return at ? times.instant(at) : '';
  },
});
const endCell = (times: Times): Cell => ({
  header: 'END',
  text: ({ status }) => (status?.endsAt ? times.instant(status.endsAt) : ''),
});
const ageCell: Cell = { header: 'AGE', text: ageText };
const noteCell = (times: Times): Cell => ({ header: 'NOTE', text: (row) => noteText(row, times), colour: noteTone });
const noteTone = (row: ViewedEvent): Colour | undefined => (row.conditions.length > 0 ? toneOf(row) : undefined);

const shortened = (text: string): string => (text.length > 32 ? `${text.slice(0, 31)}…` : text);

const stateCells = (times: Times): Cell[] => [phaseCell, encoderCell, viewersCell, startCell(times), endCell(times)];

const usualColumns = (times: Times): Cell[] => [
  eventCell,
  titleCell,
  vendorCell,
  phaseCell,
  viewersCell,
  startCell(times),
  ageCell,
  noteCell(times),
];
const wideColumns = (times: Times): Cell[] => [
  eventCell,
  titleCell,
  vendorCell,
  accountCell,
  ...stateCells(times),
  ageCell,
  noteCell(times),
];
const csvColumns = (times: Times): Cell[] => [
  eventCell,
  { ...titleCell, text: ({ status }) => status?.title ?? '' },
  { header: 'TENANT', text: ({ summary }) => summary.tenant ?? '' },
  vendorCell,
  accountCell,
  ...stateCells(times),
  { header: 'CONDITIONS', text: ({ conditions }) => conditions.map(({ name }) => name).join(' ') },
  noteCell(times),
];

/** Who looks at the events; on stderr, because it is no part of the table. */
function systemLines({ workers, unanswered, accounts }: SystemSeen, times: Times): string[] {
  const lines: string[] = [];
  if (workers.length === 0) lines.push('showcaller: no worker: nothing looks at the events');
  else if (unanswered) lines.push(`showcaller: no worker answers since ${times.instant(unanswered.since)}`);
  for (const { vendor, account, seenAt, failing, isStale } of accounts) {
    if (!isStale) continue;
    const since = seenAt === undefined ? '' : ` since ${times.instant(seenAt)}`;
    lines.push(`showcaller: ${vendor} / ${account} was not seen${since}${failing ? `: ${failing.reason}` : ''}`);
  }
  return lines;
}
