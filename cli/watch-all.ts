import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../domain/message-of.ts';
import { hasColours, painter } from './colour.ts';
import { isPast, systemLines, usualColumns } from './event-table.ts';
import { say } from './io.ts';
import { redraws } from './redraws.ts';
import type { EventService, EventsSeen, Row } from './service/service.ts';
import { tableLines } from './table.ts';
import type { TimeTexts } from './times.ts';

const refreshMs = 1_000;
/** A show that begins later has nothing to watch yet. */
const soonMs = 60 * 60_000;

const isWatched = (row: Row): boolean =>
  !isPast(row) && (row.phase !== 'scheduled' || (row.startsAt ?? 0) - Date.now() < soonMs || !!row.conditions?.length);

/** Follows all events that run or begin within the hour, until it is ended: a table that is redrawn, elsewhere its changes. */
export async function watchAll(service: EventService, times: TimeTexts): Promise<never> {
  const view = process.stderr.isTTY ? redrawnTable(times) : changedRows(times);
  for (;;) {
    try {
      view(await service.board());
    } catch (error) {
      view(messageOf(error));
    }
    await pause(refreshMs);
  }
}

/** What was seen, or why nothing could be seen. */
type View = (seen: EventsSeen | string) => void;

function redrawnTable(times: TimeTexts): View {
  const redraw = redraws();
  const paint = painter(hasColours(process.stderr, process.env));
  let latest: { lines: readonly string[]; at: number } = { lines: ['no event runs or begins within the hour'], at: 0 };
  return (seen) => {
    if (typeof seen === 'string') {
      const since = latest.at > 0 ? ` since ${times.instant(latest.at)}` : '';
      redraw([...latest.lines, paint(`not up to date${since}: ${seen}`, 'red')]);
      return;
    }
    const rows = seen.rows.filter(isWatched);
    const table =
      rows.length > 0 ? tableLines(rows, usualColumns(times), paint) : ['no event runs or begins within the hour'];
    latest = { lines: [...table, ...systemLines(seen.system, times)], at: Date.now() };
    redraw([...latest.lines, paint(`seen at ${times.instant(latest.at)}`, 'grey')]);
  };
}

function changedRows(times: TimeTexts): View {
  const columns = usualColumns(times).filter(({ header }) => header !== 'AGE');
  const lineOf = (row: Row) =>
    columns
      .map(({ text }) => text(row))
      .filter((text) => text !== '')
      .join('  ');
  let before = new Map<string, string>();
  let system = '';
  return (seen) => {
    const rows = typeof seen === 'string' ? [] : seen.rows;
    const about =
      typeof seen === 'string' ? `showcaller: not up to date: ${seen}` : systemLines(seen.system, times).join('; ');
    if (about !== system && about !== '') say(about);
    if (about === '' && system !== '') say('showcaller: everything is seen again');
    system = about;
    if (typeof seen === 'string') return;
    const now = new Map<string, string>();
    // One that has just ended is said once more, with its end.
    for (const row of rows) if (isWatched(row) || before.has(row.key)) now.set(row.key, lineOf(row));
    for (const [key, line] of now) if (before.get(key) !== line) say(`${times.instant(Date.now())}  ${line}`);
    before = new Map([...now].filter(([key]) => rows.some((row) => row.key === key && isWatched(row))));
  };
}
