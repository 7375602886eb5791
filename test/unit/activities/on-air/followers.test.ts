import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Followers } from '../../../../activities/on-air/followers.ts';
import type { Phase } from '../../../../domain/phases.ts';
import type { EventStatus } from '../../../../domain/report.ts';

it('asks few runs at once, because each may be read again from its history, and all of them in the end', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const statusOf = (workflowId: string) => {
    asked.push(workflowId);
    return new Promise<EventStatus | undefined>((resolve) => answers.push(() => resolve(undefined)));
  };
  const deps = { poller: { statusOf }, now: () => 0, elapsed: () => 0 };
  const followers = new Followers(deps as unknown as ConstructorParameters<typeof Followers>[0]);
  const ids = Array.from({ length: 20 }, (_, n) => `live-event/${n}`);
  followers.follow(ids.map((workflowId) => ({ workflowId })));
  await setImmediate();
  expect(asked).toEqual(ids.slice(0, 8));
  answers.shift()?.();
  await setImmediate();
  expect(asked).toEqual(ids.slice(0, 9));
  while (answers.length > 0) {
    answers.shift()?.();
    await setImmediate();
  }
  expect(asked).toEqual(ids);
  await followers.close();
});

interface Answers {
  /** Of runs that wait for their next look. */
  waiting?: readonly string[];
  hls?: string;
}

/** Followers that begin at 1,000, and which runs they ask for their status. */
function asking({ waiting = [], hls }: Answers) {
  const asked: string[] = [];
  const clock = { elapsed: 0 };
  const shown = { channel: { ref: {} }, playback: hls === undefined ? {} : { hls } };
  const deps = {
    poller: {
      waiting: async (id: string) => (waiting.includes(id) ? { of: shown } : undefined),
      statusOf: async (id: string) => {
        asked.push(id);
        return id === 'silent' ? undefined : { phase: 'waiting-for-encoder', ...shown };
      },
    },
    get: async () => ({ status: 404, body: new Uint8Array() }),
    connectedSince: () => undefined,
    sleep: (_ms: number, ended: AbortSignal) => new Promise((resolve) => ended.addEventListener('abort', resolve)),
    now: () => 1_000,
    elapsed: () => clock.elapsed,
    secrets: () => [],
  };
  const followers = new Followers(deps as unknown as ConstructorParameters<typeof Followers>[0]);
  const follow = async (...runs: [workflowId: string, startedAt: number, phase?: Phase][]) => {
    asked.length = 0;
    followers.follow(runs.map(([workflowId, startedAt, phase]) => ({ workflowId, startedAt, phase })));
    await setImmediate();
    return [...asked];
  };
  return { clock, follow, close: () => followers.close() };
}

it('asks a run that has no address to watch again after ten minutes, and one that did not answer the next time', async () => {
  const { clock, follow, close } = asking({});
  const [dark, silent] = [['dark', 1] as [string, number], ['silent', 1] as [string, number]];
  expect(await follow(dark, silent)).toEqual(['dark', 'silent']);
  clock.elapsed = 10 * 60_000 - 1;
  expect(await follow(dark, silent)).toEqual(['silent']);
  clock.elapsed += 1;
  expect(await follow(dark, silent)).toEqual(['dark', 'silent']);
  // One that is over, and begun anew, is another run.
  expect(await follow(['dark', 2])).toEqual(['dark']);
  await close();
});

it('asks no run that nothing was signalled to, and that says where its viewers watch while it waits for its next look', async () => {
  const { follow, close } = asking({ waiting: ['new', 'old', 'dark'], hls: 'https://watch.test/a.m3u8' });
  const runs = [
    ['new', 1_001],
    ['old', 999],
    ['dark', 999, 'waiting-for-encoder'],
    ['looks', 1_001],
  ] as const;
  expect(await follow(...runs.map((run): [string, number, Phase?] => [...run]))).toEqual(['old', 'looks']);
  // What was signalled to it meanwhile only the run knows.
  expect(await follow()).toEqual([]);
  expect(await follow(['new', 1_001])).toEqual(['new']);
  await close();
});
