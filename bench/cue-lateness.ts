/** How long after its planned end a show stops, when it ends alone and when many end at the same instant. */

import { inParallel } from '../domain/in-parallel.ts';
import type { Plan } from '../domain/plan.ts';
import { openStand, percentile, printRows, rounded, showOf, until } from './stand.ts';

const many = Number(process.env.EVENTS ?? 200);
const startedAtOnce = 20;
/** Time for all of them to go live before any ends. */
const leadMs = 75_000;

const stand = await openStand({ timeScale: 1 });
try {
  const rows = [await latenessOf(1, 15_000), await latenessOf(many, leadMs)];
  const [alone, together] = rows;
  printRows('cue-lateness', rows, {
    'p99 together to p99 alone': rounded((together?.['p99, ms'] ?? 0) / Math.max(alone?.['p99, ms'] ?? 0, 1), 1),
  });
} finally {
  await stand.close();
}

async function latenessOf(events: number, runsForMs: number) {
  const endsAt = Date.now() + runsForMs;
  const plans = Array.from({ length: events }, () =>
    showOf({ endsAt: new Date(endsAt).toISOString(), vod: { publish: false }, waits: { firstConnect: '5m' } }),
  );
  await inParallel(plans, startedAtOnce, goLive);
  const reports = await Promise.all(plans.map(({ eventId }) => stand.showcaller.result(eventId)));
  const others = reports.filter(({ endReason }) => endReason !== 'reached-end');
  if (others.length > 0) throw new Error(`${others.length} of ${events} shows ended by ${others[0]?.endReason}`);
  const late = reports.map(({ entered }) => (entered.stopping ?? Number.NaN) - endsAt).sort((a, b) => a - b);
  return {
    'ending together': events,
    'p50, ms': percentile(late, 0.5),
    'p99, ms': percentile(late, 0.99),
    'worst, ms': percentile(late, 1),
  };
}

async function goLive(plan: Plan & { eventId: string }): Promise<void> {
  await stand.showcaller.start(plan);
  const name = `sc-${plan.eventId}`;
  await until(() => stand.vendor.channels.get(name)?.open === true);
  stand.vendor.connect(name);
}
