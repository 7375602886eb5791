import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { pollerActivities } from '../../../activities/poller.ts';
import type { PollerPort } from '../../../activities/ports.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import type { Channel } from '../../../domain/channel.ts';
import { pollerRecordOf } from '../../../domain/conditions/poller-record.ts';
import type { EventStatus } from '../../../domain/report.ts';

const second = 1000;
const ids = Array.from({ length: 20 }, (_, n) => `live-event/e${n}`);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A poller of an account; `at` is when it sent each heartbeat. */
function follow(poller: Partial<PollerPort>, driver: object) {
  const clock = new RunClock();
  clock.learn(Date.now());
  const beats: { at: number; details: unknown }[] = [];
  const end = new AbortController();
  const attempt = {
    info: { attempt: 1, activityId: 'follow', currentAttemptScheduledTimestampMs: 0, scheduledTimestampMs: 0 },
    cancellationSignal: end.signal,
    heartbeat: (details: unknown) => void beats.push({ at: performance.now(), details }),
    sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
  } as unknown as Context;
  const { signal: stopping } = new AbortController();
  const deps = { clock, poller, driver: async () => driver, timeScale: 1, secrets: () => [], stopping };
  const { followAccount } = pollerActivities(deps as unknown as ActivityDeps);
  const done = asyncLocalStorage.run(attempt, () => followAccount({ vendor: 'alibaba-oss', account: 'default' }));
  return {
    beats,
    async end() {
      end.abort();
      await vi.advanceTimersByTimeAsync(10 * second);
      await done;
    },
  };
}

const lasts = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

it('says in each heartbeat when the account answered last, also while it asks for one channel after the other', async () => {
  const channelOf = (workflowId: string): Channel => ({
    ref: { vendor: 'alibaba-oss', account: 'default', name: workflowId, workflowId },
    details: {},
  });
  const observe = async () => {
    await lasts(2 * second);
    return { encoder: 'connected' as const };
  };
  const poller: Partial<PollerPort> = {
    watching: async () => ids.map((workflowId) => ({ workflowId })),
    waiting: async () => undefined,
    statusOf: async (workflowId) => ({ channel: channelOf(workflowId) }) as EventStatus,
    connected: async () => ids,
    find: async () => [],
  };
  const following = follow(poller, { observe });
  await vi.advanceTimersByTimeAsync(30 * second);
  await following.end();
  const seen = following.beats.map(({ details }) => pollerRecordOf(details).seenAt);
  const first = seen.findIndex((at) => at !== undefined);
  expect(first).toBeGreaterThan(-1);
  expect(seen.slice(first)).not.toContain(undefined);
  expect(seen.length).toBeGreaterThan(first + 4);
});

it('is never silent for so long that its heartbeat timeout of 10 s is near, however its time is spent', async () => {
  let listings = 0;
  const listLive = async () => {
    await lasts(4.5 * second);
    listings += 1;
    return [{ channel: 'c', observation: { encoder: 'connected', session: `s-${listings}` } }];
  };
  const find = async () => {
    await lasts(4.5 * second);
    return [];
  };
  const poller: Partial<PollerPort> = { watching: async () => [], connected: async () => [], find };
  const following = follow(poller, { listLive });
  await vi.advanceTimersByTimeAsync(100 * second);
  await following.end();
  const at = following.beats.map((beat) => beat.at);
  expect(listings).toBeGreaterThan(5);
  const silences = at.slice(1).map((one, n) => one - (at[n] ?? 0));
  expect(Math.max(...silences)).toBeLessThanOrEqual(6 * second);
});
