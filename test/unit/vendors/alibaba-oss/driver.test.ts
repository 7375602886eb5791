import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Encoder, startEncoder } from '../../../../simulators/kit/encoder.ts';
import type { FaultKind } from '../../../../simulators/kit/types.ts';
import { fieldsOf } from '../../../../vendors/account-variables.ts';
import { createDriver } from '../../../../vendors/alibaba-oss/driver.ts';
import { alibabaOss } from '../../../../vendors/alibaba-oss/index.ts';
import type { Progress } from '../../../../vendors/driver.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish, until } from '../../../support/until.ts';
import { eventOf, opened, openHarness, publishUrl } from './alibaba-oss-harness.ts';

let harness: Awaited<ReturnType<typeof openHarness>>;
let encoders: Encoder[] = [];

beforeEach(async () => {
  harness = await openHarness();
});
afterEach(async () => {
  await Promise.all(encoders.map((encoder) => encoder.stop()));
  encoders = [];
  await harness.close();
});

const push = async (url: string): Promise<Encoder> => {
  const encoder = await startEncoder({ url });
  encoders.push(encoder);
  return encoder;
};

const connected = (channel: Parameters<typeof harness.driver.observe>[0]) =>
  until(async () => (await harness.driver.observe(channel)).encoder === 'connected');

const someoneElses = {
  description: 'the news',
  status: 'enabled',
  fragDuration: 5,
  fragCount: 3,
  playlistName: 'playlist.m3u8',
} as const;

describe('allocate', () => {
  it('makes a disabled channel that carries the workflow id', async () => {
    const { ref, details } = await finish(() => harness.driver.allocate(eventOf('show')));
    expect(ref).toEqual({
      vendor: 'alibaba-oss',
      account: 'default',
      name: 'showcaller-show',
      workflowId: 'live-event/show',
    });
    expect(details).toEqual({ playlistName: 'playlist.m3u8', hardEndsAt: eventOf('show').hardEndsAt });
    expect(await harness.oss.getChannel(ref.name)).toMatchObject({
      status: 'disabled',
      description: 'showcaller/live-event/show',
    });
  });

  it('makes one channel when called twice', async () => {
    const first = await finish(() => harness.driver.allocate(eventOf('show')));
    expect(await finish(() => harness.driver.allocate(eventOf('show')))).toEqual(first);
    expect(harness.sim.made()).toEqual({ 'live-channel': 1 });
  });

  it('leaves one channel when called at once by two', async () => {
    await Promise.all([
      finish(() => harness.driver.allocate(eventOf('show'))),
      finish(() => harness.driver.allocate(eventOf('show'))),
    ]);
    expect(harness.sim.resources()).toHaveLength(1);
  });

  it('finds its channel again when the answer was lost', async () => {
    harness.kit.faults.add('alibaba-oss', { operation: 'PutLiveChannel', kind: 'lose-response' });
    await expect(harness.driver.allocate(eventOf('show'))).rejects.toMatchObject({ kind: 'unavailable' });
    await finish(() => harness.driver.allocate(eventOf('show')));
    expect(harness.sim.made()).toEqual({ 'live-channel': 1 });
  });

  it('never overwrites a channel of someone else', async () => {
    await harness.oss.putChannel('showcaller-show', someoneElses);
    await expect(harness.driver.allocate(eventOf('show'))).rejects.toMatchObject({
      kind: 'conflict',
      facts: { resource: 'showcaller-show', advice: expect.stringContaining('another event id') },
    });
    expect(await harness.oss.getChannel('showcaller-show')).toEqual(someoneElses);
  });

  it('does not take a failed look for absence', async () => {
    await finish(() => harness.driver.allocate(eventOf('show')));
    harness.kit.faults.add('alibaba-oss', { operation: 'GetLiveChannelInfo', kind: 'unavailable' });
    await expect(harness.driver.allocate(eventOf('show'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(harness.calls('PutLiveChannel')).toHaveLength(1);
  });

  it('corrects the fragments of its own channel', async () => {
    await finish(() => harness.driver.allocate(eventOf('show')));
    await finish(() => harness.driver.allocate(eventOf('show', { fragDuration: 2, fragCount: 6 })));
    expect(await harness.oss.getChannel('showcaller-show')).toMatchObject({ fragDuration: 2, fragCount: 6 });
  });

  it('closes a channel that an earlier run left open', async () => {
    const { ref } = await opened(harness.driver, eventOf('show'));
    await finish(() => harness.driver.allocate(eventOf('show')));
    expect(await harness.oss.getChannel(ref.name)).toMatchObject({ status: 'disabled' });
    expect(harness.sim.made()).toEqual({ 'live-channel': 1 });
  });

  it('refuses options that OSS would refuse, before any call', async () => {
    await expect(harness.driver.allocate(eventOf('show', { fragDuration: 101 }))).rejects.toMatchObject({
      kind: 'invalid-request',
      facts: { message: expect.stringContaining('fragDuration') },
    });
    expect(harness.kit.log.entries()).toEqual([]);
  });
});

describe('names', () => {
  it('keeps events apart whose ids differ only in what a channel name may not hold', () => {
    const names = ['a.b', 'a-b', 'a:b'].map((eventId) => harness.driver.refOf(eventOf(eventId)).name);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^showcaller-[A-Za-z0-9_-]+$/);
  });

  it('fits the longest event id into the ownership tag', async () => {
    const { ref } = await finish(() => harness.driver.allocate(eventOf('e'.repeat(100))));
    expect((await harness.driver.owned()).items).toEqual([ref]);
  });

  it('refuses an event id whose ownership tag OSS would cut', () => {
    expect(() => harness.driver.refOf(eventOf('e'.repeat(120)))).toThrow(/128 bytes/);
  });
});

describe('a show', () => {
  it('takes an encoder through to sessions, and refuses it once stopped', async () => {
    const channel = await opened(harness.driver, eventOf('show'));
    expect((await finish(() => harness.driver.createOutput(channel))).details).toEqual({
      playlistName: 'playlist.m3u8',
    });
    expect(await harness.driver.observe(channel)).toEqual({ encoder: 'absent', vendorState: 'Idle' });
    const url = await publishUrl(harness.driver, channel);
    const encoder = await push(url);
    await connected(channel);
    await until(async () => (await harness.driver.observe(channel)).evidence?.videoCodec === 'H264');
    const { sessions } = await finish(() => harness.driver.stop(channel));
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.endedAt).toBeGreaterThanOrEqual(sessions[0]?.startedAt ?? Number.POSITIVE_INFINITY);
    await expect(startEncoder({ url })).rejects.toThrow();
    expect(harness.calls('media:Publish').at(-1)?.note).toBe('LiveChannelDisabled');
  });

  it('recognises a reconnect by its session', async () => {
    const channel = await opened(harness.driver, eventOf('show'));
    const url = await publishUrl(harness.driver, channel);
    const first = await push(url);
    await connected(channel);
    const before = (await harness.driver.observe(channel)).session;
    await first.drop();
    await until(async () => (await harness.driver.observe(channel)).encoder === 'absent');
    await push(url);
    await connected(channel);
    expect((await harness.driver.observe(channel)).session).not.toBe(before);
  });

  it('drops the encoder and lets it back on reset', async () => {
    const channel = await opened(harness.driver, eventOf('show'));
    const url = await publishUrl(harness.driver, channel);
    const first = await push(url);
    await connected(channel);
    await finish(() => harness.driver.reset(channel));
    expect(await first.done).toMatchObject({ reason: 'closed' });
    await push(url);
    await connected(channel);
  });

  it('is reset at once without an encoder, and stays open', async () => {
    const channel = await opened(harness.driver, eventOf('show'));
    expect(await harness.driver.reset(channel)).toMatchObject({ done: true });
    expect(await harness.oss.getChannel(channel.ref.name)).toMatchObject({ status: 'enabled' });
  });

  it('says not-found when its channel vanished before the start', async () => {
    const channel = await finish(() => harness.driver.allocate(eventOf('show')));
    await harness.oss.deleteChannel(channel.ref.name);
    await expect(harness.driver.start(channel)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(harness.driver.observe(channel)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('the way out', () => {
  it('waits while OSS takes its time to drop the encoder', async () => {
    const slow = await openHarness({ slowness: 0.2 });
    const channel = await opened(slow.driver, eventOf('show'));
    const encoder = await push(await publishUrl(slow.driver, channel));
    expect(await slow.driver.cleanUp(channel.ref)).toMatchObject({ done: false });
    await finish(() => slow.driver.cleanUp(channel.ref));
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    expect(slow.sim.resources()).toEqual([]);
    await slow.close();
  });

  it('stops and cleans up what is not there', async () => {
    const channel = { ref: harness.driver.refOf(eventOf('never')), details: {} };
    expect(await harness.driver.stop(channel)).toEqual({ done: true, value: { sessions: [] } });
    expect(await harness.driver.cleanUp(channel.ref)).toMatchObject({ done: true });
  });

  it('cleans up when the answer to the delete was lost', async () => {
    const { ref } = await opened(harness.driver, eventOf('show'));
    harness.kit.faults.add('alibaba-oss', { operation: 'DeleteLiveChannel', kind: 'lose-response' });
    await expect(harness.driver.cleanUp(ref)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await harness.driver.cleanUp(ref)).toMatchObject({ done: true });
    expect(harness.sim.resources()).toEqual([]);
  });

  it('cleans up once when called at once by two', async () => {
    const { ref } = await opened(harness.driver, eventOf('show'));
    const both = await Promise.all([harness.driver.cleanUp(ref), harness.driver.cleanUp(ref)]);
    expect(both).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('leaves a channel of someone else alone, and never says that ours is gone', async () => {
    await harness.oss.putChannel('showcaller-show', someoneElses);
    const ref = harness.driver.refOf(eventOf('show'));
    const conflict = { kind: 'conflict', message: expect.stringContaining('still billed') };
    await expect(harness.driver.stop({ ref, details: {} })).rejects.toMatchObject(conflict);
    await expect(harness.driver.cleanUp(ref)).rejects.toMatchObject(conflict);
    expect(await harness.oss.getChannel('showcaller-show')).toEqual(someoneElses);
    await expect(harness.driver.start({ ref, details: {} })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(harness.driver.reset({ ref, details: {} })).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('does not take an unreachable vendor for an absent channel', async () => {
    const { ref } = await opened(harness.driver, eventOf('show'));
    for (const kind of ['unavailable', 'throttle', 'unauthorized', 'reset'] satisfies FaultKind[]) {
      harness.kit.faults.add('alibaba-oss', { operation: 'GetLiveChannelInfo', kind });
      await expect(harness.driver.cleanUp(ref)).rejects.toThrow();
    }
    expect(harness.sim.resources()).toHaveLength(1);
  });
});

describe('owned', () => {
  it('walks the pages and leaves out what carries no ownership tag of ours', async () => {
    const ids = Array.from({ length: 103 }, (_, i) => `show-${String(i).padStart(3, '0')}`);
    await Promise.all(ids.map((id) => harness.driver.allocate(eventOf(id))));
    await harness.oss.putChannel('showcaller-show-000-not', someoneElses);
    const first = await harness.driver.owned();
    const second = await harness.driver.owned(first.next);
    expect(second.next).toBeUndefined();
    expect([...first.items, ...second.items].map(({ workflowId }) => workflowId)).toEqual(
      ids.map((id) => `live-event/${id}`),
    );
  });
});

describe('publish URLs', () => {
  it('split into what OBS asks for, and expire', async () => {
    const channel = await opened(harness.driver, eventOf('show', { ingestExpiresSeconds: 600 }));
    const [endpoint] = await harness.driver.ingest(channel);
    expect(endpoint?.url).toBe(`${endpoint?.server}/${endpoint?.streamKey}`);
    expect(endpoint?.server).toMatch(/^rtmp:.*\/live$/);
    expect(endpoint?.expiresAt).toBeGreaterThan(Date.now() + 590_000);
    expect(endpoint?.expiresAt).toBeLessThanOrEqual(Date.now() + 600_000);
  });

  it('let an encoder in until the event must be over, and no longer, whatever the plan asks for', async () => {
    const { hardEndsAt } = eventOf('show');
    for (const options of [undefined, { ingestExpiresSeconds: 2_592_000 }]) {
      const channel = await opened(harness.driver, eventOf('show', options));
      expect((await harness.driver.ingest(channel))[0]?.expiresAt).toBe(Math.ceil(hardEndsAt / 1000) * 1000);
      await finish(() => harness.driver.cleanUp(channel.ref));
    }
  });

  it('of a channel that a version before made expire as they did', async () => {
    const ref = harness.driver.refOf(eventOf('show'));
    const details = { playlistName: 'playlist.m3u8', ingestExpiresSeconds: 600 };
    const [endpoint] = await harness.driver.ingest({ ref, details });
    expect(endpoint?.expiresAt).toBeGreaterThan(Date.now() + 590_000);
  });

  it('work with temporary keys', async () => {
    const { temporaryKeyId = '', temporaryKeySecret = '', temporaryKeyToken: stsToken = '' } = harness.sim.client;
    const sts = harness.driverWith({ accessKeyId: temporaryKeyId, accessKeySecret: temporaryKeySecret, stsToken });
    const channel = await opened(sts, eventOf('show'));
    await push(await publishUrl(sts, channel));
    await connected(channel);
  });

  it('made with temporary keys say that they end with the longest session there is', async () => {
    const sts = harness.driverWith({ accessKeyId: 'STS.x', accessKeySecret: 's', stsToken: 't' });
    const ref = sts.refOf(eventOf('show'));
    const hour = 3_600_000;
    const endOf = async (hardEndsAt: number) => {
      const [endpoint] = await sts.ingest({ ref, details: { playlistName: 'playlist.m3u8', hardEndsAt } });
      return endpoint?.expiresAt;
    };
    const now = Math.floor(Date.now() / 1000) * 1000;
    expect(await endOf(now + 48 * hour)).toBeLessThanOrEqual(Date.now() + 12 * hour);
    expect(await endOf(now + hour)).toBe(now + hour);
  });

  it('name the public host of the bucket when nothing else is configured', async () => {
    const account = {
      name: 'a',
      settings: { region: 'cn-beijing', bucket: 'b-1', accessKeyId: 'k', accessKeySecret: 's' },
    };
    const driver = createDriver(account, driverContext);
    const channel = {
      ref: driver.refOf(eventOf('show')),
      details: { playlistName: 'p.m3u8', ingestExpiresSeconds: 60 },
    };
    expect((await driver.ingest(channel))[0]?.server).toBe('rtmp://b-1.oss-cn-beijing.aliyuncs.com/live');
  });
});

describe.each(['v1', 'v4'])('signature %s', (signatureVersion) => {
  it.each(['virtual', 'cname'])('serves every call with %s addressing', async (addressing) => {
    const driver = harness.driverWith({ signatureVersion, addressing });
    const channel = await opened(driver, eventOf('show'));
    await finish(() => driver.reset(channel));
    await finish(() => driver.stop(channel));
    expect((await driver.owned()).items).toEqual([channel.ref]);
    await finish(() => driver.cleanUp(channel.ref));
    expect(harness.sim.resources()).toEqual([]);
  });

  it('serves every call with path addressing on a named host', async () => {
    const endpoint = (harness.sim.client.endpoint ?? '').replace('127.0.0.1', 'localhost');
    const driver = harness.driverWith({ signatureVersion, addressing: 'path', endpoint });
    const channel = await opened(driver, eventOf('show'));
    expect((await driver.owned()).items).toEqual([channel.ref]);
    await finish(() => driver.cleanUp(channel.ref));
    expect(harness.sim.resources()).toEqual([]);
  });
});

describe('faults of the vendor', () => {
  const expected: [FaultKind, string][] = [
    ['throttle', 'throttled'],
    ['unavailable', 'unavailable'],
    ['quota', 'quota-exceeded'],
    ['unauthorized', 'unauthorized'],
    ['invalid', 'invalid-request'],
    ['reset', 'unavailable'],
    ['hang', 'unavailable'],
  ];
  it.each(expected)('%s becomes %s', async (kind, ours) => {
    const driver = harness.driverWith({ timeoutMs: '300' });
    harness.kit.faults.add('alibaba-oss', { operation: 'PutLiveChannel', kind });
    await expect(driver.allocate(eventOf('show'))).rejects.toMatchObject({
      kind: ours,
      facts: { operation: 'PutLiveChannel', vendor: 'alibaba-oss' },
    });
  });

  it.each([
    [{ accessKeySecret: 'wrong' }, 'SignatureDoesNotMatch'],
    [{ accessKeyId: 'nobody' }, 'InvalidAccessKeyId'],
    [{ bucket: 'not-here' }, 'NoSuchBucket'],
  ])('wrong settings %j become %s with advice', async (settings, code) => {
    const attempt = harness.driverWith(settings).allocate(eventOf('show'));
    await expect(attempt).rejects.toMatchObject({ facts: { code, advice: expect.any(String) } });
  });

  it('never puts a secret into what goes into history', async () => {
    const channel = await opened(harness.driver, eventOf('show'));
    const url = await publishUrl(harness.driver, channel);
    await push(url);
    await connected(channel);
    const seen: unknown[] = [channel, await harness.driver.observe(channel), await harness.driver.owned()];
    seen.push((await finish(() => harness.driver.stop(channel))) satisfies object);
    harness.kit.faults.add('alibaba-oss', { operation: '*', kind: 'unauthorized', times: 9 });
    const failed: Progress<void> | Error = await harness.driver.cleanUp(channel.ref).catch((error: Error) => error);
    seen.push(String(failed), failed);
    const secret = harness.sim.client.accessKeySecret ?? 'missing';
    expect(JSON.stringify(seen)).not.toContain(secret);
    expect(JSON.stringify(seen)).not.toContain('Signature=');
  });
});

it('documents every account setting and every option', () => {
  for (const field of fieldsOf(alibabaOss)) expect(field.about, field.key).toMatch(/\.$/);
  for (const [name, field] of Object.entries(alibabaOss.options.shape)) expect(field.description, name).toBeTruthy();
});
