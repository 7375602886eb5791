import { expect, it, vi } from 'vitest';
import { WatchedChannels } from '../../../activities/watched-channels.ts';
import type { Channel } from '../../../domain/channel.ts';
import { mostUnseen } from '../../../domain/conditions/poller-record.ts';
import { VendorError, type VendorErrorKind } from '../../../domain/errors.ts';
import type { EventStatus } from '../../../domain/report.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';

const channel = (name: string): Channel => ({
  ref: { vendor: 'alibaba-oss', account: 'default', name, workflowId: `live-event/${name}` },
  details: {},
});

const refusal = (kind: VendorErrorKind): VendorError =>
  new VendorError({ kind, vendor: 'alibaba-oss', operation: 'GetLiveChannelStat', message: 'as the test asked' });

/** Watches these channels; a look at one fails where `failures` has it. */
async function watching(names: readonly string[], failures: Map<string, VendorErrorKind>): Promise<WatchedChannels> {
  const driver = {
    observe: async ({ ref }: Channel) => {
      const kind = failures.get(ref.name);
      if (kind) throw refusal(kind);
      return { encoder: 'connected' as const };
    },
  } as unknown as VendorDriver;
  const statusOf = async (workflowId: string) => ({ channel: channel(workflowId) }) as EventStatus;
  const channels = new WatchedChannels(driver, { waiting: async () => undefined, statusOf });
  await channels.of(names.map((workflowId) => ({ workflowId })));
  return channels;
}

async function watched(names: readonly string[], failures: Map<string, VendorErrorKind>) {
  const channels = await watching(names, failures);
  return async (): Promise<string[]> => (await channels.live()).map((one) => one.channel);
}

it('keeps what was known of a channel that cannot be looked at, while others can', async () => {
  const failures = new Map<string, VendorErrorKind>();
  const live = await watched(['a', 'b'], failures);
  expect(await live()).toEqual(['a', 'b']);
  failures.set('a', 'unauthorized');
  expect((await live()).sort()).toEqual(['a', 'b']);
});

it('takes for certain what the vendor answered at the last look alone', async () => {
  const failures = new Map<string, VendorErrorKind>();
  const channels = await watching(['a', 'b'], failures);
  const certain = async () => {
    await channels.live();
    return ['a', 'b'].filter((name) => channels.isCertain(name, true));
  };
  expect(await certain()).toEqual(['a', 'b']);
  failures.set('a', 'unauthorized');
  expect(await certain()).toEqual(['b']);
  failures.delete('a');
  expect(await certain()).toEqual(['a', 'b']);
});

it('does not say that it looked when the vendor answered about no channel', async () => {
  const failures = new Map<string, VendorErrorKind>();
  const live = await watched(['a', 'b', 'c'], failures);
  await live();
  for (const name of ['a', 'b', 'c']) failures.set(name, 'unavailable');
  await expect(live()).rejects.toThrow(VendorError);
  failures.delete('b');
  // What was known before the failure is not forgotten with it.
  expect((await live()).sort()).toEqual(['a', 'b', 'c']);
});

it('looked when every channel is definitely gone', async () => {
  const failures = new Map<string, VendorErrorKind>([
    ['a', 'not-found'],
    ['b', 'not-found'],
  ]);
  const live = await watched(['a', 'b'], failures);
  expect(await live()).toEqual([]);
});

it('watches the channels of the others while one run does not answer, and its channel once it does', async () => {
  vi.useFakeTimers();
  try {
    const driver = { observe: async () => ({ encoder: 'connected' as const }) } as unknown as VendorDriver;
    let answer = (_: EventStatus): void => {};
    const hung = new Promise<EventStatus>((resolve) => {
      answer = resolve;
    });
    const statusOf = (id: string) =>
      id === 'hung' ? hung : Promise.resolve({ channel: channel(id) } as unknown as EventStatus);
    const channels = new WatchedChannels(driver, { waiting: async () => undefined, statusOf });
    const runs = ['hung', 'a', 'b'].map((workflowId) => ({ workflowId }));
    const learnt = channels.of(runs);
    // Far below the silence after which another worker takes over.
    await vi.advanceTimersByTimeAsync(2_000);
    await learnt;
    expect((await channels.live()).map((one) => one.channel)).toEqual(['a', 'b']);
    answer({ channel: channel('hung') } as unknown as EventStatus);
    await channels.of(runs);
    expect((await channels.live()).map((one) => one.channel).sort()).toEqual(['a', 'b', 'hung']);
  } finally {
    vi.useRealTimers();
  }
});

it.each([
  ['a list that proves it', { listProves: true, listLive: async () => [] }, { seen: true, unseen: true }],
  ['another list', { listLive: async () => [] }, { seen: false, unseen: true }],
  ['no list', {}, { seen: false, unseen: false }],
])('of a vendor with %s it is certain of a channel it did not ask for', (_name, driver, certain) => {
  const channels = new WatchedChannels(driver as unknown as VendorDriver, {
    waiting: async () => undefined,
    statusOf: async () => undefined,
  });
  const isCertain = (isLive: boolean) => channels.isCertain('show', isLive);
  expect({ seen: isCertain(true), unseen: isCertain(false) }).toEqual(certain);
});

it('is certain of a channel for which the vendor answered', async () => {
  const driver = { observe: async () => ({ encoder: 'absent' as const }) } as unknown as VendorDriver;
  const statusOf = async (workflowId: string) => ({ channel: channel(workflowId) }) as EventStatus;
  const channels = new WatchedChannels(driver, { waiting: async () => undefined, statusOf });
  await channels.of([{ workflowId: 'a' }]);
  expect(await channels.live()).toEqual([]);
  expect([channels.isCertain('a', false), channels.isCertain('b', false)]).toEqual([true, false]);
});

it('says since when the vendor has not answered for a channel: since the first such look, until it answers', async () => {
  const failures = new Map<string, VendorErrorKind>([['a', 'unavailable']]);
  const channels = await watching(['a', 'b'], failures);
  const looked = async (at: number) => {
    await channels.live();
    return channels.unseen(at);
  };
  const refused = { channel: 'a', reason: refusal('unavailable').message };
  expect(channels.unseen(500)).toBeUndefined();
  expect(await looked(1_000)).toEqual([{ ...refused, since: 1_000 }]);
  expect(await looked(6_000)).toEqual([{ ...refused, since: 1_000 }]);
  expect(channels.unseen(7_000)).toEqual([{ ...refused, since: 1_000 }]);
  failures.clear();
  expect(await looked(11_000)).toBeUndefined();
  failures.set('a', 'unavailable');
  expect(await looked(16_000)).toEqual([{ ...refused, since: 16_000 }]);
  // A channel that no run watches any more is not unseen.
  await channels.of([{ workflowId: 'b' }]);
  expect(await looked(21_000)).toBeUndefined();
});

it('names at most so many channels that the vendor does not answer for', async () => {
  const names = Array.from({ length: mostUnseen + 2 }, (_, n) => `c${n}`);
  const failures = new Map<string, VendorErrorKind>(names.slice(1).map((name) => [name, 'unavailable']));
  const channels = await watching(names, failures);
  await channels.live();
  expect(channels.unseen(1)).toHaveLength(mostUnseen);
});
