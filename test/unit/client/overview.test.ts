import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ShowcallerClient } from '../../../client/client.ts';
import { NoWorkerError } from '../../../client/errors.ts';
import type { EventSummary } from '../../../client/listing.ts';
import { Overview } from '../../../client/overview.ts';
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

/** Live events of a worker that counts the questions. */
function world(events: number, endsAt = liveSince + 3_600 * second) {
  const asked: string[] = [];
  let isThere = true;
  const client = {
    within: (_ms: number, work: () => unknown) => work(),
    status: async (key: string) => {
      asked.push(key);
      if (!isThere) throw new NoWorkerError('no worker polls');
      const nextCue = { at: endsAt, what: 'end' };
      return { phase: 'live', vendor: 'aws-ivs', account: 'default', entered: { live: liveSince }, nextCue } as never;
    },
    pending: async () => [],
    workersSeen: async () => [],
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
    const before = asked.length;
    const { events: seen } = await overview.look(summaries);
    vi.advanceTimersByTime(second);
    return { asked: asked.slice(before), seen };
  };
  return {
    summaries,
    look,
    die: () => {
      isThere = false;
    },
  };
}

beforeEach(() => void vi.useFakeTimers({ now: liveSince + 600 * second }));
afterEach(() => void vi.useRealTimers());

it('asks each of many live events once in eight looks, not at each', async () => {
  const { look } = world(200);
  expect((await look()).asked).toHaveLength(200);
  for (let round = 0; round < 3; round += 1) {
    const looks = [];
    for (let n = 0; n < 8; n += 1) looks.push((await look()).asked);
    for (const asked of looks) expect(asked).toHaveLength(25);
    expect(new Set(looks.flat()).size).toBe(200);
  }
});

it('asks at once the event whose line in the list has changed', async () => {
  const { look, summaries } = world(200);
  await look();
  const { asked } = await look();
  const n = summaries.findIndex(({ key }) => !asked.includes(key));
  summaries[n] = summaryOf(n, 'encoder-lost');
  expect((await look()).asked).toContain(`e${n}`);
});

it('asks at each look an event whose cue has passed, and the few that there are', async () => {
  const late = world(50, liveSince);
  await late.look();
  expect((await late.look()).asked).toHaveLength(50);
  const few = world(2);
  await few.look();
  expect((await few.look()).asked).toEqual(['e0', 'e1']);
});

it('shows all events as stale soon after no worker answers any more, also those whose turn it was not', async () => {
  const { look, die } = world(200);
  await look();
  die();
  let seen: Awaited<ReturnType<typeof look>>['seen'] = [];
  for (let n = 0; n < 10; n += 1) seen = (await look()).seen;
  const stale = seen.filter(({ conditions }) => conditions.some(({ name }) => name === 'stale'));
  expect(stale).toHaveLength(200);
});
