/** Many runs that end at one instant: shows, and bare runs beside them. */
import { randomUUID } from 'node:crypto';
import { inParallel } from '../domain/in-parallel.ts';
import type { Plan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import type { BareWorker } from './bare/worker.ts';
import { type Stand, showOf, until } from './stand.ts';

const startedAtOnce = 20;
/** On a machine that does much other work, `LEAD=3` gives all of them three times as long to be on air before their cue. */
const leads = Number(process.env.LEAD ?? '1');
/** The poller learns every 30 s which runs there are whose viewers it looks for. */
const leastMs = 45_000;
/** Time for all of them to wait for their cue before it comes: an idle machine needs a tenth of it. */
export const leadMs = (events: number) => Math.max(leastMs, leads * (15_000 + 600 * events));

/** What ended, and when it was to end, epoch milliseconds. */
export interface Ended {
  cue: number;
  ids: string[];
}

export async function bareRuns(
  { client }: Stand,
  { taskQueue }: BareWorker,
  workflow: 'floor' | 'bare' | 'plain',
  events: number,
): Promise<Ended> {
  const cue = Date.now() + leadMs(events);
  const ids = Array.from({ length: events }, () => `${workflow}-${randomUUID().slice(0, 8)}`);
  await inParallel(ids, startedAtOnce, (id) =>
    client.workflow.start(workflow, { taskQueue, workflowId: id, args: [{ id, until: cue }] }),
  );
  inTime(cue);
  await Promise.all(ids.map((id) => client.workflow.getHandle(id).result()));
  return { cue, ids };
}

/** Shows whose encoders come at once and stay. */
export async function shows(stand: Stand, events: number): Promise<Ended> {
  const cue = Date.now() + leadMs(events);
  const ids = await onAir(
    stand,
    Array.from({ length: events }, () => cue),
  );
  await ended(stand, ids);
  return { cue, ids };
}

type Shows = Pick<Stand, 'showcaller' | 'vendor'>;

/** Shows that end at these instants, one each, and whose encoders have connected. */
export async function onAir(stand: Shows, ends: readonly number[]): Promise<string[]> {
  const first = Math.min(...ends);
  const plans = ends.map((end) => showOf({ endsAt: new Date(end).toISOString(), waits: { firstConnect: '10m' } }));
  await inParallel(plans, startedAtOnce, (plan) => goLive(stand, plan, first));
  inTime(first);
  return plans.map(({ eventId }) => eventId);
}

/** Waits for their ends, each of which must have been reached. */
export async function ended({ showcaller }: Shows, ids: readonly string[]): Promise<EventStatus[]> {
  const reports = await Promise.all(ids.map((eventId) => showcaller.result(eventId)));
  const others = reports.filter(({ endReason }) => endReason !== 'reached-end');
  if (others.length > 0) throw new Error(`${others.length} of ${ids.length} shows ended by ${others[0]?.endReason}`);
  return reports;
}

/** What is not measured well is not measured. */
function inTime(cue: number): void {
  if (Date.now() > cue - 2_000) throw new Error('the machine is too slow: the cue came before all runs waited for it');
}

async function goLive({ showcaller, vendor }: Shows, plan: Plan & { eventId: string }, endsAt: number): Promise<void> {
  await showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => {
    // A show that is over is never opened.
    inTime(endsAt);
    return vendor.channels.get(name)?.open === true;
  });
  vendor.connect(name);
}
