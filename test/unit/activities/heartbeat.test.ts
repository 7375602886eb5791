import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { beatOnce, withHeartbeat } from '../../../activities/heartbeat.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const second = 1000;

/** When an attempt that does this sends its heartbeats, in seconds from its begin, and with which details. */
async function beatsOf(work: () => Promise<void>): Promise<[number, unknown][]> {
  const beats: [number, unknown][] = [];
  const from = performance.now();
  const attempt = {
    info: { heartbeatDetails: 'of the attempt before' },
    heartbeat: (details: unknown) => void beats.push([(performance.now() - from) / second, details]),
  } as unknown as Context;
  const done = asyncLocalStorage.run(attempt, work);
  await vi.advanceTimersByTimeAsync(60 * second);
  await done;
  return beats;
}

const lasts = (seconds: number) => () => new Promise<void>((resolve) => setTimeout(resolve, seconds * second));

it('an attempt beats every six seconds, however many parts its work has', async () => {
  const work = async () => {
    for (let part = 0; part < 4; part += 1) await withHeartbeat(lasts(5));
  };
  expect(await beatsOf(work)).toEqual([
    [6, 'of the attempt before'],
    [12, 'of the attempt before'],
    [18, 'of the attempt before'],
  ]);
});

it('a part within a part sends none of its own, and each has the newest details', async () => {
  const work = () =>
    withHeartbeat(async () => {
      await lasts(4)();
      beatOnce('made');
      await withHeartbeat(lasts(7));
    });
  expect(await beatsOf(work)).toEqual([
    [4, 'made'],
    [10, 'made'],
  ]);
});

it('a part that ends sends no more', async () => {
  expect(await beatsOf(() => withHeartbeat(lasts(2)))).toEqual([]);
});
