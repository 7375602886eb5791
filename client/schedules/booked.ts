import { status as grpc } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import { type BookingRequest, type Conflict, conflictLines } from '../../domain/booking/request.ts';
import { defaultAccount, eventKey, partsOfKey } from '../../domain/ids.ts';
import { messageOf } from '../../domain/message-of.ts';
import { formatDuration, parseDuration } from '../../domain/time.ts';
import { Bookings } from '../bookings.ts';
import { hasGrpcCode } from '../grpc-code.ts';
import type { SchedulePage, ScheduleReport } from './view.ts';

/** For all questions about conflicts together. */
const askedForMs = 5_000;

interface BookedSpan {
  use: string;
  eventId: string;
  from: number;
  to: number;
}

/** What the next shows of a schedule use, as far as their dates are known. */
function spansOf({ plan, shows }: ScheduleReport): BookedSpan[] {
  const lengthMs = parseDuration(plan.duration ?? '') ?? 0;
  return shows.flatMap(({ startsAt, eventId }) => {
    const from = Date.parse(startsAt);
    return (plan.uses ?? []).map((use) => ({ use, eventId, from, to: from + lengthMs }));
  });
}

/**
 * What is in the way of a schedule's next shows: events that are booked, and next shows of other schedules of its tenant.
 * Nothing is booked: each show books when its run begins.
 */
async function conflictsOf(
  report: ScheduleReport,
  bookings: Bookings,
  pages: AsyncIterable<SchedulePage>,
): Promise<string[]> {
  const { tenant, uses = [], legs } = report.plan;
  const { vendor = '', account = defaultAccount } = legs?.[0] ?? report.plan;
  const own = spansOf(report);
  if (own.length === 0) return [];
  const found: Conflict[] = [];
  for (const [eventId, { from, to }] of new Map(own.map((span) => [span.eventId, span]))) {
    const times = { allocateAt: from, startsAt: from, endsAt: to };
    const event = eventKey(eventId, tenant);
    // As the show's run will ask: its tenant's limit of bookings is none for a run.
    const asked: BookingRequest = { event, tenant, claim: event, vendor, account, uses, ...times, replaces: true };
    found.push(...(await bookings.conflicts(asked)));
  }
  const others: ScheduleReport[] = [];
  const unseen: string[] = [];
  for await (const { schedules, unreadable = [] } of pages) {
    others.push(
      ...schedules.filter(({ scheduleId, plan }) => scheduleId !== report.scheduleId && plan.tenant === tenant),
    );
    for (const { key, reason } of unreadable) {
      const { id, tenant: owner } = partsOfKey(key);
      if (owner === tenant) unseen.push(`whether its shows conflict with those of ${id} could not be seen: ${reason}`);
    }
  }
  for (const other of others) {
    const overlapping = spansOf(other).filter((theirs) =>
      own.some(({ use, from, to }) => use === theirs.use && from < theirs.to && theirs.from < to),
    );
    found.push(
      ...overlapping.map(({ use, eventId, from, to }) => ({
        use,
        eventId,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
      })),
    );
  }
  return [...conflictLines(found), ...unseen];
}

/** The schedule with warnings of what other events and schedules use at the same time as its next shows. */
export async function withConflicts(
  made: ScheduleReport,
  client: Client,
  taskQueue: string,
  schedules: { pages(): AsyncIterable<SchedulePage> },
): Promise<ScheduleReport> {
  if (!made.plan.uses) return made;
  const ask = () => conflictsOf(made, new Bookings(client, { taskQueue }), schedules.pages());
  // The schedule is made or changed: with an error the caller would try it again.
  const unseen = (error: unknown) => {
    const within = hasGrpcCode(error, [grpc.DEADLINE_EXCEEDED]) ? ` within ${formatDuration(askedForMs)}` : '';
    return [`whether its shows conflict with others could not be seen${within}: ${messageOf(error)}`];
  };
  const conflicts = await client.withDeadline(Date.now() + askedForMs, ask).catch(unseen);
  return { ...made, warnings: [...made.warnings, ...conflicts] };
}
