/**
 * How soon runs see their encoders when hundreds connect at one instant, and how soon those of a second account of the same worker see
 * theirs while the first account's vendor is asked by hundreds and throttles: its runs alone, and beside the storm.
 */

import { inParallel } from '../domain/in-parallel.ts';
import type { Phase } from '../domain/phases.ts';
import type { Plan } from '../domain/plan.ts';
import { inPhases, runningEvents } from '../domain/search-attributes.ts';
import { lateness, openStand, otherAccount, pause, printRows, rounded, showOf, until } from './stand.ts';

const events = Number(process.env.EVENTS ?? '500');
/** Of the first account, beside the second. */
const storm = Math.ceil(events * 0.4);
/** Of the second account, one after the other over two ticks of its poller, so that each instant of a tick is met. */
const few = 20;
const fewEveryMs = 500;
const heldMs = 15_000;
const atOnce = 20;
/** Until lists show all, and whatever their start has left to do is done. */
const quietMs = 10_000;
/** An encoder that is not seen in all that time is not late but lost. */
const lostAfterMs = 120_000;
const vendorName = 'alibaba-oss';

type Account = 'default' | typeof otherAccount;

const stand = await openStand({ timeScale: 1, lists: true });
const vendorOf = (account: Account) => (account === otherAccount ? stand.otherVendor : stand.vendor);
try {
  // A worker in use has its code compiled.
  await rowOf('first', { first: events, second: 0 });
  const all = await rowOf('all at once', { first: events, second: 0 });
  const alone = await rowOf('second account alone', { first: 0, second: few });
  const beside = await rowOf(`second account, ${storm} of the first at once`, { first: storm, second: few });
  printRows('encoders-at-once', [all, alone, beside], {
    'p99 of the second account, beside the storm, to alone': rounded(beside['p99, ms'] / alone['p99, ms']),
  });
} finally {
  await stand.close();
}

/** Seen are the second account's encoders where it has any. */
async function rowOf(what: string, { first, second }: { first: number; second: number }) {
  const [ofFirst, ofSecond] = [await waiting('default', first), await waiting(otherAccount, second)];
  await pause(quietMs);
  const connectedAt = new Map<string, number>();
  const connect = (account: Account, eventId: string) => {
    connectedAt.set(eventId, Date.now());
    vendorOf(account).connect(`sc-${eventId}`);
  };
  // Just after a look at the account is the worst instant: all of the next tick passes before they are seen.
  const { listings } = stand.vendor;
  if (first > 0) await until(() => stand.vendor.listings > listings, 5);
  if (second > 0 && first > 0) throttle(first);
  for (const eventId of ofFirst) connect('default', eventId);
  for (const eventId of ofSecond) {
    connect(otherAccount, eventId);
    await pause(fewEveryMs);
  }
  await untilAll('live', { default: first, other: second }, 1_000);
  const measured = second > 0 ? ofSecond : ofFirst;
  const seenAfter = await inParallel(measured, atOnce, async (eventId) => {
    const { entered } = await stand.showcaller.status(eventId);
    return (entered.live ?? Number.NaN) - (connectedAt.get(eventId) ?? Number.NaN);
  });
  await forget([...ofFirst, ...ofSecond]);
  return { what, encoders: measured.length, ...lateness(seenAfter) };
}

/** The first look of each run is refused, and the next are held back, as by the limit of a rate: what is held keeps its place in the worker. */
function throttle(runs: number): void {
  stand.vendor.fail('observe', 'throttled', runs);
  stand.vendor.looksAfter = pause(heldMs);
}

/** Runs of the account that wait for their encoder. */
async function waiting(account: Account, count: number): Promise<string[]> {
  const plans = Array.from({ length: count }, () =>
    showOf({
      vendor: vendorName,
      account,
      duration: '2h',
      waits: { firstConnect: '2h', encoderLost: '1h' },
    } satisfies Partial<Plan>),
  );
  await inParallel(plans, atOnce, (plan) => stand.showcaller.start(plan));
  if (count > 0) await untilAll('waiting-for-encoder', { [account]: count }, 1_000);
  return plans.map(({ eventId }) => eventId);
}

async function untilAll(phase: Phase, counts: Partial<Record<Account, number>>, everyMs: number): Promise<void> {
  const from = Date.now();
  await until(async () => {
    const each = await Promise.all(
      Object.entries(counts).map(async ([account, wanted]) => {
        const query = `${runningEvents(vendorName, account)} AND ${inPhases((one) => one === phase)}`;
        return (await stand.client.workflow.count(query)).count === wanted;
      }),
    );
    if (phase === 'live' && Date.now() - from > lostAfterMs) throw new Error('not all encoders were seen');
    return each.every(Boolean);
  }, everyMs);
}

/** Their ends are measured elsewhere. */
async function forget(eventIds: readonly string[]): Promise<void> {
  await inParallel(eventIds, atOnce, (id) => stand.client.workflow.getHandle(`live-event/${id}`).terminate());
  for (const { channels } of [stand.vendor, stand.otherVendor]) channels.clear();
}
