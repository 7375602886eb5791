import { type Command, Option } from 'commander';
import type { EventFilter, EventSummary } from '../../client/listing.ts';
import { hasColours, painter } from '../colour.ts';
import { type ServiceFlags, withService } from '../context.ts';
import { csvColumns, systemLines, usualColumns, wideColumns } from '../event-table.ts';
import { answer, say, show } from '../io.ts';
import { positive } from '../numbers.ts';
import type { EventService, EventsSeen, Row } from '../service/service.ts';
import { csvLines, tableLines } from '../table.ts';
import { instantFlag, timesOf } from '../times.ts';
import { serviceOptions, timeOptions } from './options.ts';

const outputs = ['table', 'wide', 'csv', 'json'] as const;

interface ListFlags extends ServiceFlags {
  query?: string;
  limit: number;
  cursor?: string;
  from?: number;
  to?: number;
  search?: string;
  running?: boolean;
  output: (typeof outputs)[number];
  utc?: boolean;
}

/** What `--search` looks through at most: titles are in no index. */
const mostSearched = 1_000;
const pageSize = 100;

export const registerList = (program: Command): void => {
  timeOptions(serviceOptions(program.command('list')))
    .description('events, running ones first, newest first, and what is wrong with them')
    .option('--from <instant>', 'shows that start at this or later', instantFlag)
    .option('--to <instant>', 'shows that start before this', instantFlag)
    .option('--search <text>', 'what is in the id, the title or the tenant')
    .option('--running', 'only those that are not over')
    .option('--query <filter>', 'visibility filter, e.g. "ShowcallerPhase = \'live\'"')
    .option('--limit <n>', 'at most this many', positive, 50)
    .option('--cursor <cursor>', 'the next page, as the page before names it')
    .addOption(new Option('-o, --output <form>', 'how it is printed').choices(outputs).default('table'))
    .action(async (flags: ListFlags) => {
      const {
        rows,
        system,
        cursor,
        searched,
        cutOff = 0,
        untitled = 0,
      } = await withService(flags, (service) => found(service, flags));
      const output = flags.json ? 'json' : flags.output;
      const times = timesOf(flags);
      if (output === 'json') answer(true, rows.map(documentOf), () => []);
      else if (output === 'csv') answer(false, undefined, () => csvLines(rows, csvColumns(times)));
      else if (rows.length === 0) answer(false, undefined, () => 'no events');
      else {
        const columns = output === 'wide' ? wideColumns(times) : usualColumns(times);
        show(tableLines(rows, columns, painter(hasColours(process.stdout, process.env))));
      }
      if (output !== 'json') for (const line of systemLines(system, times)) say(line);
      const unlooked = rows.filter(({ isUnlooked }) => isUnlooked).length;
      if (unlooked > 0)
        say(`showcaller: what is wrong with ${unlooked} of these events was not looked at: list fewer at once`);
      if (cutOff > 0) say(`showcaller: ${cutOff} more ${cutOff === 1 ? 'matches' : 'match'}: raise --limit`);
      if (untitled > 0)
        say(`showcaller: the titles of ${untitled} events were not searched: search fewer with --from and --to`);
      if (searched) say(`showcaller: the newest ${mostSearched} events were searched; --from and --to reach others`);
      if (cursor) say(`showcaller: there are more; the next page: --cursor ${cursor}`);
    });
};

interface FoundRows extends EventsSeen {
  cursor?: string;
  /** The search ended before the end of the list. */
  searched?: boolean;
  /** How many of those that match are over the limit. */
  cutOff?: number;
  /** How many were searched by id and tenant alone, and do not match. */
  untitled?: number;
}

async function found(service: EventService, flags: ListFlags): Promise<FoundRows> {
  const { query, search, limit, running, from, to } = flags;
  const filter = {
    ...(query !== undefined && { query }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(running && { running }),
  };
  if (search === undefined) {
    const page = await service.page({ ...filter, limit, ...(flags.cursor !== undefined && { cursor: flags.cursor }) });
    const [seen, hasMore] = await Promise.all([
      service.look(newestRuns(page.events)),
      hasNext(service, filter, page.cursor),
    ]);
    return { ...seen, ...(hasMore && page.cursor && { cursor: page.cursor }) };
  }
  const all: EventSummary[] = [];
  let cursor = flags.cursor;
  do {
    const page = await service.page({ ...filter, limit: pageSize, ...(cursor !== undefined && { cursor }) });
    all.push(...page.events);
    cursor = page.cursor;
  } while (cursor !== undefined && all.length < mostSearched);
  const summaries = newestRuns(all);
  const { rows, ...seen } = await service.look(summaries);
  const wanted = search.toLowerCase();
  const matches = ({ key, title, tenant }: Row) =>
    [key, title, tenant].some((text) => text?.toLowerCase().includes(wanted));
  const matching = rows.filter(matches);
  return {
    rows: await allLookedAt(service, matching.slice(0, limit), summaries),
    ...seen,
    cutOff: Math.max(0, matching.length - limit),
    untitled: rows.filter((row) => row.isUnlooked && !matches(row)).length,
    ...((await hasNext(service, filter, cursor)) && { searched: true }),
  };
}

/** What the look at all events had no room for may be few enough by themselves. */
async function allLookedAt(service: EventService, rows: Row[], summaries: readonly EventSummary[]): Promise<Row[]> {
  const unlooked = new Set(rows.filter(({ isUnlooked }) => isUnlooked).map(({ key }) => key));
  if (unlooked.size === 0) return rows;
  const again = await service.look(summaries.filter(({ key }) => unlooked.has(key)));
  const found = new Map(again.rows.map((row) => [row.key, row]));
  return rows.map((row) => found.get(row.key) ?? row);
}

/** Temporal names a next page after each full one, also where it is empty. */
async function hasNext(service: EventService, filter: EventFilter, cursor: string | undefined): Promise<boolean> {
  if (cursor === undefined) return false;
  return (await service.page({ ...filter, limit: 1, cursor })).events.length > 0;
}

/** An event that ran twice is in the list twice; the newer run comes first. */
const newestRuns = (events: readonly EventSummary[]): EventSummary[] =>
  [...new Map([...events].reverse().map((one) => [one.key, one])).values()].reverse();

/** Times in one form, ISO 8601. */
function documentOf(row: Row) {
  const { eventId, key, vendor, account, tenant, title, phase, encoder, endReason, workflowStatus } = row;
  const { startsAt, endsAt, onAir, conditions = [] } = row;
  return {
    ...{ eventId, key, vendor, account, tenant, title, phase, encoder, endReason, workflowStatus, conditions },
    ...(startsAt && { startsAt: new Date(startsAt) }),
    ...(endsAt && { endsAt: new Date(endsAt) }),
    ...(onAir && { onAir: onAir.state }),
  };
}
