import { setTimeout as pause } from 'node:timers/promises';
import { isOver } from '../domain/phases.ts';
import type { EventStatus } from '../domain/report.ts';
import { printable } from '../domain/text.ts';
import { formatDuration } from '../domain/time.ts';
import { cueText } from '../domain/timeline.ts';
import { say } from './io.ts';
import { PatientLook } from './patient-look.ts';
import { redraws } from './redraws.ts';
import type { EventService } from './service/service.ts';
import { type TimeTexts, timesOf } from './times.ts';
import { legend, type Strip, ViewerStrips, type Viewing } from './viewer-strip.ts';

const refreshMs = 500;
/** Answers that come together are one drawing. */
const togetherMs = 50;

type StatusSource = Pick<EventService, 'status' | 'result'>;

/** Follows events to their ends: redrawn lines on a terminal, a line for each change elsewhere. */
export async function watchEvents(
  service: StatusSource,
  eventIds: readonly string[],
  { times = timesOf({}), viewing }: { times?: TimeTexts; viewing?: Viewing } = {},
): Promise<EventStatus[]> {
  const strips = viewing && new ViewerStrips(viewing);
  const stripOf = (status: EventStatus) => strips?.of(status);
  const view = process.stderr.isTTY ? redrawn(stripOf, times) : changesOnly(stripOf, times);
  if (viewing && process.stderr.isTTY) say(legend);
  // Each by itself: one that answers late, as the first on a new worker, keeps no other from the screen.
  const latest = new Map<string, EventStatus>();
  let drawing: Promise<void> | undefined;
  const draw = async () => {
    await pause(togetherMs);
    drawing = undefined;
    view(eventIds.flatMap((id) => latest.get(id) ?? []));
  };
  const follow = async (eventId: string) => {
    const patient = new PatientLook(eventId);
    const look = () => statusOrNone(service, eventId);
    for (;;) {
      const status = latest.has(eventId) ? await patient.at(look) : await look();
      if (status) {
        latest.set(eventId, status);
        drawing ??= draw();
        await drawing;
        if (isOver(status.phase)) return;
      }
      await pause(refreshMs);
    }
  };
  await Promise.all(eventIds.map(follow));
  strips?.close();
  return Promise.all(eventIds.map((id) => service.result(id)));
}

/** The status once the plan is checked; undefined before that. */
async function statusOrNone(service: StatusSource, eventId: string): Promise<EventStatus | undefined> {
  try {
    const status = await service.status(eventId);
    return status.startsAt === 0 ? undefined : status;
  } catch (error) {
    if (error instanceof Error && error.name === 'QueryNotRegisteredError') return undefined;
    throw error;
  }
}

type StripOf = (status: EventStatus) => Strip | undefined;

function redrawn(stripOf: StripOf, times: TimeTexts): (statuses: EventStatus[]) => void {
  const redraw = redraws();
  return (statuses) => {
    const lines = statuses.flatMap((status) => {
      const strip = stripOf(status);
      return [headLine(status), `    ${cueLine(status, Date.now())}`, ...(strip ? [`    ${strip.signs}`] : [])];
    });
    redraw(lines.map(times.inTexts).map(printable));
  };
}

function changesOnly(stripOf: StripOf, times: TimeTexts): (statuses: EventStatus[]) => void {
  const last = new Map<string, string>();
  return (statuses) => {
    for (const status of statuses) {
      const seen = stripOf(status)?.text;
      const line = `${headLine(status)}${seen === undefined ? '' : `   seen from here: ${seen}`}`;
      if (last.get(status.eventId) === line) continue;
      last.set(status.eventId, line);
      const clock = times.instant(Date.now()).slice(11, 19);
      say(`${clock}  ${times.inTexts(`${line}   ${cueLine(status, Date.now())}`)}`);
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
