import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Followers } from '../../../../activities/on-air/followers.ts';
import type { EventStatus } from '../../../../domain/report.ts';

it('asks few runs at once, because each may be read again from its history, and all of them in the end', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const statusOf = (workflowId: string) => {
    asked.push(workflowId);
    return new Promise<EventStatus | undefined>((resolve) => answers.push(() => resolve(undefined)));
  };
  const followers = new Followers({ poller: { statusOf } } as unknown as ConstructorParameters<typeof Followers>[0]);
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

it('asks a run that has no address to watch again after ten minutes, and one that did not answer the next time', async () => {
  const asked: string[] = [];
  let now = 0;
  const statusOf = async (workflowId: string) => {
    asked.push(workflowId);
    return workflowId === 'silent' ? undefined : { phase: 'waiting-for-encoder', channel: {}, playback: {} };
  };
  const deps = { poller: { statusOf }, elapsed: () => now };
  const followers = new Followers(deps as unknown as ConstructorParameters<typeof Followers>[0]);
  const follow = async (...ids: string[]) => {
    asked.length = 0;
    followers.follow(ids.map((workflowId) => ({ workflowId })));
    await setImmediate();
    return [...asked];
  };
  expect(await follow('dark', 'silent')).toEqual(['dark', 'silent']);
  now = 10 * 60_000 - 1;
  expect(await follow('dark', 'silent')).toEqual(['silent']);
  now += 1;
  expect(await follow('dark', 'silent')).toEqual(['dark', 'silent']);
  // One that is over, and begun anew, is another run.
  expect(await follow('silent')).toEqual(['silent']);
  expect(await follow('dark')).toEqual(['dark']);
  await followers.close();
});
