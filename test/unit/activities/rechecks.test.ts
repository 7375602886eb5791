import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { FoundRun, PollerPort, Reached, WatchAnswer } from '../../../activities/ports.ts';
import { Rechecks } from '../../../activities/rechecks.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { WatchedChannels } from '../../../activities/watched-channels.ts';
import type { LiveChannel } from '../../../domain/channel.ts';
import type { Presence } from '../../../domain/presence.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';

const second = 1000;
const minute = 60 * second;
const keys = Array.from({ length: 6 }, (_, n) => `sc-${n}`);
/** The machine was away for so long: its monotonic clock, and so the run clock, stood still. */
let suspendedFor: number;
let startedAt: number;
let clock: RunClock;
let reached: { at: number; answer: WatchAnswer | undefined }[];
/** What becomes of a run that has no answer. */
let outcome: Reached;
let counted: number[];
/** Their watches wait, and say what they know. */
let says: boolean;
/** What the runs know. */
let last: Presence;
let driver: Partial<VendorDriver>;
/** Temporal's time. */
const really = () => Date.now();

beforeEach(() => {
  vi.useFakeTimers();
  suspendedFor = 0;
  const monotonic = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => monotonic() - suspendedFor);
  startedAt = really();
  clock = new RunClock();
  clock.learn(startedAt);
  reached = [];
  outcome = 'reached';
  counted = [];
  says = true;
  last = { encoder: 'absent' };
  driver = { listProves: true };
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const suspend = (ms: number) => {
  vi.advanceTimersByTime(ms);
  suspendedFor += ms;
};
const live = (session: string, since: number): LiveChannel[] =>
  keys.map((channel) => ({ channel, observation: { encoder: 'connected', session, since } }));

const attempt = {
  info: { attempt: 1, activityId: 'follow-account', currentAttemptScheduledTimestampMs: 0, scheduledTimestampMs: 0 },
  cancellationSignal: new AbortController().signal,
  heartbeat: () => {},
  sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
} as unknown as Context;

/** Six runs that wait for their encoder. */
function rechecks(listLive: () => Promise<LiveChannel[]>, finding: () => void = () => {}) {
  const poller: Partial<PollerPort> = {
    find: async () => {
      finding();
      return keys.map((channel): FoundRun => {
        const of = { last, until: startedAt + 50 * minute, lookedAt: startedAt - minute };
        const watch = { activityId: 'watch-1', attempt: 'watch-1 2 1', isUnderWay: !says, ...(says && { of }) };
        return { workflowId: `live-event/${channel}`, runId: 'r', channel, watch };
      });
    },
    reach: async (_run, answer) => {
      reached.push({ at: really(), answer });
      return answer ? 'reached' : outcome;
    },
    onRecheck: (_vendor, _account, runs) => counted.push(runs),
  };
  return new Rechecks({
    deps: { clock, timeScale: 1, secrets: () => [] } as unknown as ActivityDeps,
    poller: poller as PollerPort,
    driver: { listLive, ...driver } as VendorDriver,
    channels: new WatchedChannels({ listLive, ...driver } as VendorDriver, {
      waiting: async () => undefined,
      statusOf: async () => undefined,
    }),
    of: { vendor: 'aws-ivs', account: 'default' },
    record: () => ({}),
  });
}
const within = <T>(work: () => Promise<T>) => asyncLocalStorage.run(attempt, work);
/** What runs would be said; those that are made to look by themselves are said nothing. */
const said = () => reached.flatMap(({ answer }) => (answer?.isFresh() ? [answer.result] : []));

/** The runs are brought what this list and the second one show. */
async function rechecked(recheck: Rechecks, first: LiveChannel[]): Promise<void> {
  const look = await recheck.look(async () => first);
  const done = within(() => recheck.of(keys, look));
  await vi.advanceTimersByTimeAsync(5 * second);
  await done;
}

it('two lists end the watches', async () => {
  const recheck = rechecks(async () => live('a', startedAt));
  await rechecked(recheck, live('a', startedAt));
  expect(said()).toHaveLength(6);
});

it('nothing is said of an instant at which the encoder was not there: the run clock stood still with the machine', async () => {
  const cameAt = really() + 19 * minute;
  // An attempt of another step begins: now the worker knows the time again.
  const recheck = rechecks(
    async () => live('a', cameAt),
    () => clock.learn(really()),
  );
  suspend(20 * minute);
  await rechecked(recheck, live('a', cameAt));
  expect(reached).toHaveLength(6);
  expect(said()).toEqual([]);
  expect(recheck.wasSuspended).toBe(true);
});

it('two lists between which the machine was suspended say nothing together', async () => {
  const finding = () => {
    suspend(20 * minute);
    clock.learn(really());
  };
  // The encoder went, and came again a minute ago.
  const recheck = rechecks(async () => live('b', startedAt + 19 * minute), finding);
  await rechecked(recheck, live('a', startedAt));
  expect(reached).toHaveLength(6);
  expect(said()).toEqual([]);
});

it('two lists with different sessions say nothing together', async () => {
  const recheck = rechecks(async () => live('b', startedAt + second));
  await rechecked(recheck, live('a', startedAt));
  expect({ reached: reached.length, said: said() }).toEqual({ reached: 6, said: [] });
});

it('two lists that are far apart say nothing together', async () => {
  // Temporal takes long to answer.
  const finding = () => void vi.advanceTimersByTime(minute);
  const recheck = rechecks(async () => live('b', startedAt + 50 * second), finding);
  await rechecked(recheck, live('a', startedAt));
  expect(reached).toHaveLength(6);
  expect(said()).toEqual([]);
});

it('runs look by themselves once a second list that is still awaited could answer nothing any more', async () => {
  const slow = () => new Promise<LiveChannel[]>((resolve) => setTimeout(() => resolve(live('a', startedAt)), minute));
  const recheck = rechecks(slow);
  const look = await recheck.look(async () => live('a', startedAt));
  const done = within(() => recheck.of(keys, look));
  await vi.advanceTimersByTimeAsync(20 * second);
  const before = reached.length;
  await vi.advanceTimersByTimeAsync(2 * minute);
  await done;
  expect({ before, all: reached.length, said: said() }).toEqual({ before: 6, all: 6, said: [] });
});

it('a run that knows what was seen does not look: a poller that begins anew takes all encoders for new', async () => {
  last = { encoder: 'connected', session: 'a' };
  const recheck = rechecks(async () => live('a', startedAt));
  await rechecked(recheck, live('a', startedAt));
  expect(reached).toEqual([]);
});

const proves = { listProves: true } as const;
it.each<[string, LiveChannel[], Partial<VendorDriver>, number]>([
  ['another session is answered', live('b', 0), proves, 6],
  ['an absence is looked at', [], proves, 0],
  ['a list that proves nothing makes each look', live('a', 0), {}, 0],
])('of runs that know of a session, %s', async (_name, seen, of, answers) => {
  last = { encoder: 'connected', session: 'a' };
  driver = of;
  const recheck = rechecks(async () => seen);
  await rechecked(recheck, seen);
  expect({ reached: reached.length, said: said().length }).toEqual({ reached: 6, said: answers });
});

it('only runs that are answered or made to look are counted', async () => {
  last = { encoder: 'connected', session: 'a' };
  const recheck = rechecks(async () => live('b', startedAt));
  await rechecked(recheck, live('a', startedAt));
  await rechecked(recheck, live('b', startedAt));
  expect(counted).toEqual([0, 6]);
});

it('a run that knows what was seen does not look, however long Temporal takes to find it', async () => {
  last = { encoder: 'connected', session: 'a' };
  const recheck = rechecks(
    async () => live('a', startedAt),
    () => void vi.advanceTimersByTime(20 * second),
  );
  await rechecked(recheck, live('a', startedAt));
  expect(reached).toEqual([]);
});

/** Ticks at which the list has not changed. */
async function ticks(recheck: Rechecks, n: number): Promise<void> {
  for (let tick = 0; tick < n; tick += 1) await within(async () => recheck.of([], await recheck.look(async () => [])));
}

it('a run looks again, less and less often, until it knows what was seen', async () => {
  last = { encoder: 'connected', session: 'a' };
  const recheck = rechecks(async () => []);
  await rechecked(recheck, []);
  await ticks(recheck, 4);
  expect(reached).toHaveLength(3 * 6);
  last = { encoder: 'absent' };
  await ticks(recheck, 3);
  // Nothing is owed any more.
  last = { encoder: 'connected', session: 'a' };
  await ticks(recheck, 20);
  expect(reached).toHaveLength(3 * 6);
});

it('a run looks again once in a minute, for as long as it knows something else', async () => {
  last = { encoder: 'connected', session: 'a' };
  const recheck = rechecks(async () => []);
  await rechecked(recheck, []);
  await ticks(recheck, 15);
  const after = reached.length;
  await ticks(recheck, 120);
  expect({ after, later: reached.length }).toEqual({ after: 5 * 6, later: 15 * 6 });
});

it('what is new is reached before Temporal is asked for runs that are only looked after', async () => {
  last = { encoder: 'connected', session: 'a' };
  const asked: string[] = [];
  const recheck = rechecks(
    async () => [],
    () => void asked.push(`asked after ${reached.length}`),
  );
  await rechecked(recheck, []);
  const look = await recheck.look(async () => []);
  await within(() => recheck.of(['sc-new'], look));
  expect(asked).toEqual(['asked after 0', 'asked after 6', 'asked after 12']);
});

it('a run that was made to look, and does not say what it saw, is left to it', async () => {
  const recheck = rechecks(async () => []);
  last = { encoder: 'connected', session: 'a' };
  await rechecked(recheck, []);
  says = false;
  await ticks(recheck, 10);
  expect(reached).toHaveLength(6);
  says = true;
  await ticks(recheck, 12);
  expect(reached).toHaveLength(2 * 6);
});

it('a run that is answered is looked after until it knows', async () => {
  const recheck = rechecks(async () => live('a', startedAt));
  await rechecked(recheck, live('a', startedAt));
  // Its next look did not see the encoder.
  const look = await recheck.look(async () => live('a', startedAt));
  const done = within(() => recheck.of([], look));
  await vi.advanceTimersByTimeAsync(5 * second);
  await done;
  expect(reached).toHaveLength(2 * 6);
});

it('a run that is over is owed nothing', async () => {
  outcome = 'over';
  last = { encoder: 'connected', session: 'a' };
  const recheck = rechecks(async () => []);
  await rechecked(recheck, []);
  await ticks(recheck, 3);
  expect(reached).toHaveLength(6);
});

it('what changes anew is tried as often as the first change was', async () => {
  outcome = 'missed';
  let asked = 0;
  const recheck = rechecks(
    async () => [],
    () => {
      asked += 1;
    },
  );
  last = { encoder: 'connected', session: 'a' };
  for (let change = 0; change < 3; change += 1) await rechecked(recheck, []);
  await within(async () => recheck.of([], await recheck.look(async () => [])));
  expect(asked).toBe(4);
});
