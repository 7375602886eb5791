import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ShowcallerClient } from '../../../client/client.ts';
import { NoWorkerError } from '../../../client/errors.ts';
import type { EventSummary } from '../../../client/listing.ts';
import { Overview, type ViewedEvent } from '../../../client/overview.ts';
import type { Phase } from '../../../domain/phases.ts';

const second = 1_000;
const liveSince = Date.UTC(2026, 11, 1, 18);
const summaryOf = (n: number, phase: Phase = 'live'): EventSummary => ({
  eventId: `e${n}`,
  key: `e${n}`,
  vendor: 'aws-ivs',
  account: 'default',
  phase,
  workflowStatus: 'RUNNING',
});

/** Live events, of which every second may be pinned to another build. */
function world(events: number, { endsAt = liveSince + 3_600 * second, builds = [''] } = {}) {
  const asked: string[] = [];
  const looked: string[] = [];
  const gone = new Set<string>();
  const history = new Map<string, number>();
  const busy = new Set<string>();
  let workers = ['w1'];
  const buildOf = (key: string) => builds[Number(key.slice(1)) % builds.length] ?? '';
  const client = {
    within: (_ms: number, work: () => unknown) => work(),
    runState: async (key: string) => {
      looked.push(key);
      const state = { runId: key, historyLength: history.get(key) ?? 10, isQuiet: !busy.has(key) };
      return { ...state, build: buildOf(key) };
    },
    status: async (key: string) => {
      asked.push(key);
      if (gone.has(buildOf(key))) throw new NoWorkerError('no worker polls');
      const nextCue = { at: endsAt, what: 'end' };
      return { phase: 'live', vendor: 'aws-ivs', account: 'default', entered: { live: liveSince }, nextCue } as never;
    },
    pending: async () => [],
    workersSeen: async () => workers.map((identity) => ({ identity, polledAt: Date.now() })),
    accountSeen: async (vendor: string, account: string) => ({
      vendor,
      account,
      heardAt: Date.now(),
      seenAt: Date.now(),
    }),
  };
  const overview = new Overview(client as unknown as ShowcallerClient, 1_000);
  const summaries = Array.from({ length: events }, (_, n) => summaryOf(n));
  const look = async () => {
    const before = { asked: asked.length, looked: looked.length };
    const { events: seen } = await overview.look(summaries);
    vi.advanceTimersByTime(second);
    return { asked: asked.slice(before.asked), looked: looked.slice(before.looked), seen };
  };
  const looks = async (times: number) => {
    const all: Awaited<ReturnType<typeof look>>[] = [];
    for (let n = 0; n < times; n += 1) all.push(await look());
    return all;
  };
  return {
    summaries,
    look,
    looks,
    grow: (key: string) => history.set(key, (history.get(key) ?? 10) + 3),
    /** Its workflow task fails again and again, which leaves one failure in its history. */
    isBusy: (key: string) => busy.add(key),
    deploy: () => {
      workers = ['w2'];
    },
    die: (build = '') => gone.add(build),
  };
}

const staleOf = (seen: ViewedEvent[]) =>
  seen.filter(({ conditions }) => conditions.some(({ name }) => name === 'stale')).map(({ summary }) => summary.key);

beforeEach(() => void vi.useFakeTimers({ now: liveSince + 600 * second }));
afterEach(() => void vi.useRealTimers());

it('looks at each of many live events once in eight looks, and asks two of them in each, all in turn', async () => {
  const { look, looks } = world(200);
  expect((await look()).asked).toHaveLength(200);
  const eight = await looks(8);
  for (const { looked } of eight) expect(looked).toHaveLength(25);
  expect(new Set(eight.flatMap(({ looked }) => looked)).size).toBe(200);
  const many = await looks(120);
  for (const { asked } of many) expect(asked).toHaveLength(2);
  expect(new Set(many.flatMap(({ asked }) => asked)).size).toBe(200);
});

it('asks at once the event whose line in the list has changed', async () => {
  const { look, looks, summaries, grow } = world(200);
  await looks(2);
  const { looked } = await look();
  const n = summaries.findIndex(({ key }) => !looked.includes(key));
  summaries[n] = summaryOf(n, 'encoder-lost');
  grow(`e${n}`);
  expect((await look()).asked).toContain(`e${n}`);
});

it('asks within eight looks the event to which something has happened, and once', async () => {
  const { looks, grow } = world(200);
  await looks(10);
  grow('e150');
  const asked = (await looks(8)).flatMap((one) => one.asked);
  expect(asked.filter((key) => key === 'e150')).toHaveLength(1);
});

it('asks an event that has work which no worker has done', async () => {
  const { looks, isBusy } = world(200);
  await looks(10);
  isBusy('e150');
  const asked = (await looks(16)).flatMap((one) => one.asked);
  expect(asked.filter((key) => key === 'e150').length).toBeGreaterThanOrEqual(2);
});

it('asks all of them within eight looks after the workers have become others', async () => {
  const { looks, deploy } = world(200);
  await looks(10);
  deploy();
  // Workers are looked at every other time.
  const asked = (await looks(10)).flatMap((one) => one.asked);
  expect(new Set(asked).size).toBe(200);
});

it('looks each time at an event whose cue has passed, and at the few that there are', async () => {
  const late = world(50, { endsAt: liveSince });
  await late.look();
  expect((await late.look()).looked).toHaveLength(50);
  const few = world(2);
  await few.look();
  expect((await few.look()).asked).toEqual(['e0', 'e1']);
});

it('shows all events as stale soon after no worker answers any more, also those whose turn it was not', async () => {
  const { look, looks, die } = world(200);
  await look();
  die();
  expect(staleOf((await looks(10)).at(-1)?.seen ?? [])).toHaveLength(200);
});

it('shows the events of a build as stale whose workers are gone, and no others', async () => {
  const { looks, die } = world(200, { builds: ['a', 'b'] });
  await looks(10);
  die('b');
  const stale = staleOf((await looks(17)).at(-1)?.seen ?? []);
  expect(stale).toHaveLength(100);
  expect(stale.every((key) => Number(key.slice(1)) % 2 === 1)).toBe(true);
});
