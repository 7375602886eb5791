/** Many runs that end at one instant: shows, and bare runs beside them. */
import { randomUUID } from 'node:crypto';
import { inParallel } from '../domain/in-parallel.ts';
import type { Plan } from '../domain/plan.ts';
import type { BareWorker } from './bare/worker.ts';
import { type Stand, showOf, until } from './stand.ts';

const startedAtOnce = 20;
/** On a machine that does much other work, `LEAD=3` gives all of them three times as long to be on air before their cue. */
const leads = Number(process.env.LEAD ?? '1');
/** Time for all of them to wait for their cue before it comes: an idle machine needs a tenth of it. */
const leadMs = (events: number) => leads * (15_000 + 600 * events);

/** What ended, and when it was to end, epoch milliseconds. */
export interface Ended {
  cue: number;
  ids: string[];
}

export async function bareRuns(
  { client }: Stand,
  { taskQueue }: BareWorker,
  workflow: 'floor' | 'bare',
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
  const plans = Array.from({ length: events }, () =>
    showOf({ endsAt: new Date(cue).toISOString(), waits: { firstConnect: '10m' } }),
  );
  await inParallel(plans, startedAtOnce, (plan) => goLive(stand, plan, cue));
  inTime(cue);
  const reports = await Promise.all(plans.map(({ eventId }) => stand.showcaller.result(eventId)));
  const others = reports.filter(({ endReason }) => endReason !== 'reached-end');
  if (others.length > 0) throw new Error(`${others.length} of ${events} shows ended by ${others[0]?.endReason}`);
  return { cue, ids: plans.map(({ eventId }) => eventId) };
}

/** What is not measured well is not measured. */
function inTime(cue: number): void {
  if (Date.now() > cue - 2_000) throw new Error('the machine is too slow: the cue came before all runs waited for it');
}

async function goLive({ showcaller, vendor }: Stand, plan: Plan & { eventId: string }, endsAt: number): Promise<void> {
  await showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => {
    // A show that is over is never opened.
    inTime(endsAt);
    return vendor.channels.get(name)?.open === true;
  });
  vendor.connect(name);
}
