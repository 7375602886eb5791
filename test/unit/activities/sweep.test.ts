import { asyncLocalStorage, type Context, log } from '@temporalio/activity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { ResourceOwner } from '../../../activities/ports.ts';
import { sweepActivities } from '../../../activities/sweep.ts';
import { type Channel, type ChannelRef, keyOf } from '../../../domain/channel.ts';
import { VendorError } from '../../../domain/errors.ts';
import { contradicts, isElsewhere, isSilent, type WhyOrphaned } from '../../../domain/sweep.ts';
import { done, notYet, type VendorDriver } from '../../../vendors/driver.ts';
import { underWay } from '../../../vendors/under-way.ts';

const ref: ChannelRef = { vendor: 'aws-ivs', account: 'default', name: 'sc-a', workflowId: 'live-event/a' };
const isOver: WhyOrphaned = 'its run is over';
let owner: ResourceOwner;
/** The channel that the run recorded, or why it does not say now. */
let made: Channel | undefined | Error;
let driver: Partial<VendorDriver>;
let calls: string[];
let beats: number;

beforeEach(() => {
  vi.useFakeTimers();
  owner = { state: 'over' };
  made = { ref, details: {} };
  calls = [];
  beats = 0;
  driver = {};
});
afterEach(() => void vi.useRealTimers());

const attempt = {
  info: { attempt: 1 },
  heartbeat: () => {
    beats += 1;
  },
} as unknown as Context;

async function swept<T>(work: (activities: ReturnType<typeof sweepActivities>) => Promise<T>): Promise<T> {
  const all = {
    refOf: ({ eventId, workflowId }) => ({ ...ref, name: `sc-${eventId}`, workflowId }),
    owned: async () => ({ items: [ref] }),
    stop: async ({ ref: { name } }) => {
      calls.push(`stop ${name}`);
      return done({ sessions: [{ id: 's1', startedAt: 1, endedAt: 2 }] });
    },
    cleanUp: async ({ name }) => {
      calls.push(`clean up ${name}`);
      return done({});
    },
    ...driver,
  } as VendorDriver;
  const deps = {
    clock: { now: () => Date.now() },
    timeScale: 1,
    secrets: () => [],
    driver: async () => all,
    sweep: {
      ownerOf: async () => owner,
      channelOf: async () => {
        if (made instanceof Error) throw made;
        return made;
      },
    },
  } as unknown as ActivityDeps;
  const ended = asyncLocalStorage.run(attempt, () => work(sweepActivities(deps)));
  const [result] = await Promise.all([ended, vi.runAllTimersAsync()]);
  return result;
}

const releaseOf = (reason: WhyOrphaned) => swept(({ releaseOrphan }) => releaseOrphan({ ref, reason }));

it('a vendor that is not done is asked a bounded number of times, each with a heartbeat, and the next sweep continues', async () => {
  driver.cleanUp = async ({ name }) => {
    calls.push(`clean up ${name}`);
    return notYet('its deletion', 1000);
  };
  made = undefined;
  const detail = 'still waiting for its deletion; the next sweep continues';
  expect(await releaseOf(isOver)).toEqual({ outcome: 'not released', detail });
  expect({ calls: calls.length, beats }).toEqual({ calls: 20, beats: 20 });
});

it('what a run does not say any more, or says is not its own, is released no more: the grace time may change it', async () => {
  made = new Error('deadline exceeded');
  const silent = await releaseOf(isOver);
  expect(silent).toMatchObject({
    outcome: 'not released',
    detail: expect.stringContaining('the next sweep asks again'),
  });
  made = { ref: { ...ref, place: 'us-east-1' }, details: {} };
  expect(await releaseOf(isOver)).toEqual({ outcome: 'left alone', detail: isElsewhere });
  driver.refOf = (event) => ({ ...ref, name: 'sc-other', workflowId: event.workflowId });
  expect(await releaseOf(isOver)).toEqual({ outcome: 'left alone', detail: contradicts });
  expect(calls).toEqual([]);
});

it('the channel of its run is stopped first, for what it sent; another one, or one that cannot be stopped, is released all the same', async () => {
  const released = (sessions: number) => ({
    outcome: 'released',
    usage: { sessions: Array(sessions).fill({ id: 's1' }) },
  });
  expect(await releaseOf(isOver)).toMatchObject(released(1));
  made = { ref: { ...ref, name: 'sc-a_2' }, details: {} };
  expect(await releaseOf(isOver)).toMatchObject(released(0));
  expect(calls).toEqual(['stop sc-a', 'clean up sc-a', 'clean up sc-a']);
  made = { ref, details: {} };
  driver.stop = async () => {
    throw new VendorError({ kind: 'unauthorized', vendor: 'aws-ivs', operation: 'stop', message: 'as the test asked' });
  };
  expect(await releaseOf(isOver)).toMatchObject(released(0));
  expect(calls).toEqual(['stop sc-a', 'clean up sc-a', 'clean up sc-a', 'clean up sc-a']);
});

it('a run that is alive again while its channel is stopped keeps it: its clean-up is not begun', async () => {
  driver.stop = async () => {
    owner = { state: 'running', channel: 'sc-a', at: ref };
    await underWay().counter?.mayChange?.();
    return done({ sessions: [] });
  };
  expect(await releaseOf(isOver)).toEqual({ outcome: 'alive again' });
  expect(calls).toEqual([]);
});

const refuses = (kind: 'invalid-request' | 'unavailable') => () => {
  throw new VendorError({ kind, vendor: 'aws-ivs', operation: 'name', message: 'as the test asked' });
};
const found = async () =>
  (await swept(({ findOrphans }) => findOrphans({ vendor: ref.vendor, account: ref.account }))).orphans;

it('a name that its tag cannot lead to contradicts it; where that is not known, nothing is said', async () => {
  driver.refOf = refuses('invalid-request');
  expect(await found()).toEqual([{ ref, reason: contradicts }]);
  driver.refOf = refuses('unavailable');
  await expect(found()).rejects.toThrow('as the test asked');
});

it('what no run of this namespace made is found without asking one: none could answer', async () => {
  owner = { state: 'unknown' };
  made = new Error('there is no such run');
  expect(await found()).toEqual([{ ref, reason: 'its run is unknown to Temporal' }]);
});

const us = { vendor: ref.vendor, account: 'us' };
const another: WhyOrphaned = 'its run has another channel';
const withId = { ...ref, id: 'arn:1' };

/** The channel of the run that is running at another account, what is listed at this one, and what is found then. */
const moved: [string, Partial<ChannelRef> | undefined, ChannelRef, WhyOrphaned | undefined][] = [
  ['has no channel yet: it may be about to join this one', undefined, ref, undefined],
  ['has this one, by its id', { id: 'arn:1', place: 'a' }, { ...withId, place: 'b' }, undefined],
  ['has this one, by its name and place', { place: 'a' }, { ...ref, place: 'a' }, undefined],
  ['has one of this name, where older runs recorded no place', {}, { ...ref, place: 'a' }, undefined],
  ['has one of this name, where the list names no place', { place: 'a' }, ref, undefined],
  ['has one of this name in another place', { place: 'a' }, { ...ref, place: 'b' }, isElsewhere],
  ['has one of this name and another id', { id: 'arn:2' }, withId, isElsewhere],
  ['has one of another name', { name: 'sc-a_2', id: 'arn:2' }, withId, another],
  ['has one at another vendor', { vendor: 'alibaba-oss', id: 'arn:2' }, withId, another],
];
it.each(moved)('a run that is running at another account %s', async (_what, its, listed, reason) => {
  const channel = its && { ...ref, ...us, ...its };
  const at = channel ? { vendor: channel.vendor, account: channel.account } : us;
  owner = { state: 'running', at, ...(channel && { channel: keyOf(channel) }) };
  made = channel && { ref: channel, details: {} };
  driver.owned = async () => ({ items: [listed] });
  expect(await found()).toEqual(reason ? [{ ref: listed, reason }] : []);
});

it('a run whose channel is not the one that it says it has is silent: what is listed may be that channel', async () => {
  owner = { state: 'running', at: us, channel: 'arn:2' };
  made = { ref: { ...withId, ...us, id: 'arn:3' }, details: {} };
  expect(await found()).toEqual([{ ref, reason: isSilent }]);
});

it.each<[string | undefined, string | undefined, WhyOrphaned]>([
  ['a', 'a', isOver],
  ['a', 'b', isElsewhere],
  ['a', undefined, isElsewhere],
  [undefined, 'a', isOver],
])('of a run that is over and made its channel in %s, what is listed in %s: %s', async (its, listed, reason) => {
  const placed = (place: string | undefined) => ({ ...ref, ...(place && { place }) });
  made = { ref: placed(its), details: {} };
  driver.owned = async () => ({ items: [placed(listed)] });
  expect(await found()).toMatchObject([{ reason }]);
});

it('a tag that names no event leads to no name', async () => {
  const stray = { ...ref, workflowId: 'of-another-team/a' };
  driver.owned = async () => ({ items: [stray] });
  expect(await found()).toEqual([{ ref: stray, reason: contradicts }]);
});

it('what was left on air is found though its event is planned anew for later at another account', async () => {
  owner = { state: 'running', at: us, waitsUntil: Date.now() + 24 * 3_600_000 };
  made = undefined;
  expect(await found()).toEqual([{ ref, reason: 'its run allocates later' }]);
});

it('a bug in the stop of a driver keeps no channel billed: it is released, and the log names the bug once', async () => {
  const warned = vi.spyOn(log, 'error').mockImplementation(() => undefined);
  try {
    const broken = undefined as unknown as { sessions: [] };
    driver.stop = async () => done({ sessions: broken.sessions });
    const both = await swept(async ({ releaseOrphan }) => {
      const resource = { ref, reason: isOver };
      return [await releaseOrphan(resource), await releaseOrphan(resource)];
    });
    expect(both).toMatchObject([{ outcome: 'released' }, { outcome: 'released' }]);
    expect(calls).toEqual(['clean up sc-a', 'clean up sc-a']);
    expect(warned.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('a bug in showcaller: TypeError: Cannot read properties of undefined'),
    ]);
  } finally {
    warned.mockRestore();
  }
});

it('a bug in the clean-up of a driver is named as one, with its cause, and its stack is logged once', async () => {
  const logged = vi.spyOn(log, 'error').mockImplementation(() => undefined);
  try {
    driver.cleanUp = async () => (undefined as unknown as { of: () => never }).of();
    const both = await swept(async ({ releaseOrphan }) => {
      const resource = { ref, reason: isOver };
      return [await releaseOrphan(resource), await releaseOrphan(resource)];
    });
    const detail = expect.stringContaining('a bug in showcaller: TypeError: Cannot read properties of undefined');
    expect(both).toEqual([
      { outcome: 'not released', detail },
      { outcome: 'not released', detail },
    ]);
    expect(logged).toHaveBeenCalledTimes(1);
  } finally {
    logged.mockRestore();
  }
});
