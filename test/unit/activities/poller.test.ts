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

it('says in each heartbeat when the account answered last, also while it asks for one channel after the other', async () => {
  const clock = new RunClock();
  clock.learn(Date.now());
  const beats: unknown[] = [];
  const end = new AbortController();
  const attempt = {
    info: { attempt: 1, activityId: 'follow', currentAttemptScheduledTimestampMs: 0, scheduledTimestampMs: 0 },
    cancellationSignal: end.signal,
    heartbeat: (details: unknown) => void beats.push(details),
    sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
  } as unknown as Context;
  const channelOf = (workflowId: string): Channel => ({
    ref: { vendor: 'alibaba-oss', account: 'default', name: workflowId, workflowId },
    details: {},
  });
  const observe = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2 * second));
    return { encoder: 'connected' as const };
  };
  const poller: Partial<PollerPort> = {
    watching: async () => ids.map((workflowId) => ({ workflowId })),
    waiting: async () => undefined,
    statusOf: async (workflowId) => ({ channel: channelOf(workflowId) }) as EventStatus,
    connected: async () => ids,
    find: async () => [],
  };
  const { signal: stopping } = new AbortController();
  const deps = { clock, poller, driver: async () => ({ observe }), timeScale: 1, secrets: () => [], stopping };
  const { followAccount } = pollerActivities(deps as unknown as ActivityDeps);
  const done = asyncLocalStorage.run(attempt, () => followAccount({ vendor: 'alibaba-oss', account: 'default' }));
  await vi.advanceTimersByTimeAsync(30 * second);
  end.abort();
  await vi.advanceTimersByTimeAsync(10 * second);
  await done;
  const seen = beats.map((details) => pollerRecordOf(details).seenAt);
  const first = seen.findIndex((at) => at !== undefined);
  expect(first).toBeGreaterThan(-1);
  expect(seen.slice(first)).not.toContain(undefined);
  expect(seen.length).toBeGreaterThan(first + 4);
});
