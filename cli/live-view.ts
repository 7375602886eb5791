import { setTimeout as pause } from 'node:timers/promises';
import type { ShowcallerClient } from '../client/client.ts';
import { isOver } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';
import { printable } from '../domain/text.ts';
import { formatDuration } from '../domain/time.ts';
import { cueText } from '../domain/timeline.ts';
import { say } from './io.ts';
import { legend, type Strip, ViewerStrips, type Viewing } from './viewer-strip.ts';

const refreshMs = 500;

/** Follows events to their ends: redrawn lines on a terminal, a line for each change elsewhere. */
export async function watchEvents(
  client: ShowcallerClient,
  eventIds: readonly string[],
  viewing?: Viewing,
): Promise<EventStatus[]> {
  const strips = viewing && new ViewerStrips(viewing);
  const stripOf = (status: EventStatus) => strips?.of(status);
  const view = process.stderr.isTTY ? redrawn(stripOf) : changesOnly(stripOf);
  if (viewing && process.stderr.isTTY) say(legend);
  for (;;) {
    const statuses = await Promise.all(eventIds.map((id) => statusOrNone(client, id)));
    view(statuses.filter((status) => status !== undefined));
    if (statuses.every((status) => status && isOver(status.phase))) break;
    await pause(refreshMs);
  }
  strips?.close();
  return Promise.all(eventIds.map((id) => client.result(id)));
}

/** The status once the plan is checked; undefined before that, and when no worker answers. */
async function statusOrNone(client: ShowcallerClient, eventId: string): Promise<EventStatus | undefined> {
  try {
    const status = await client.status(eventId);
    return status.startsAt === 0 ? undefined : status;
  } catch (error) {
    if (error instanceof Error && error.name === 'QueryNotRegisteredError') return undefined;
    throw error;
  }
}

type StripOf = (status: EventStatus) => Strip | undefined;

function redrawn(stripOf: StripOf): (statuses: EventStatus[]) => void {
  let drawn = 0;
  return (statuses) => {
    const lines = statuses.flatMap((status) => {
      const strip = stripOf(status);
      return [headLine(status), `    ${cueLine(status, Date.now())}`, ...(strip ? [`    ${strip.signs}`] : [])];
    });
    process.stderr.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ''}${lines.map((line) => `\x1b[2K${printable(line)}\n`).join('')}`,
    );
    drawn = lines.length;
  };
}

function changesOnly(stripOf: StripOf): (statuses: EventStatus[]) => void {
  const last = new Map<string, string>();
  return (statuses) => {
    for (const status of statuses) {
      const seen = stripOf(status)?.text;
      const line = `${headLine(status)}${seen === undefined ? '' : `   seen from here: ${seen}`}`;
      if (last.get(status.eventId) === line) continue;
      last.set(status.eventId, line);
      say(`${new Date().toISOString().slice(11, 19)}  ${line}   ${cueLine(status, Date.now())}`);
    }
  };
}

const headLine = (status: EventStatus): string =>
  `${status.eventId.padEnd(28)} ${status.phase.padEnd(20)} encoder ${status.encoder.padEnd(10)}${status.onAir ? ` viewers ${status.onAir.state.padEnd(8)}` : ''}${status.endReason ? ` ${status.endReason}` : ''}`;

/** Elapsed, remaining, and the next cue. */
function cueLine(status: EventStatus, now: number): string {
  if (isOver(status.phase)) return status.endDetail ?? '';
  const parts: string[] = [];
  if (now >= status.startsAt) parts.push(`elapsed ${seconds(now - status.startsAt)}`);
  if (now < status.endsAt) parts.push(`remaining ${seconds(status.endsAt - now)}`);
  const { nextCue } = status;
  if (nextCue) parts.push(`next: ${cueText(nextCue.what, `in ${seconds(Math.max(0, nextCue.at - now))}`)}`);
  return parts.join(' · ');
}

const seconds = (ms: number): string => formatDuration(Math.round(ms / 1000) * 1000);
