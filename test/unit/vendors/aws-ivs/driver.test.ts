import { CreateChannelCommand, GetChannelCommand, ListChannelsCommand, TagResourceCommand } from '@aws-sdk/client-ivs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { RtmpPublisher } from '../../../../simulators/kit/rtmp-publisher.ts';
import { fieldsOf } from '../../../../vendors/account-variables.ts';
import { createDriver } from '../../../../vendors/aws-ivs/driver.ts';
import { awsIvs } from '../../../../vendors/aws-ivs/index.ts';
import { driverContext } from '../../../support/accounts.ts';
import { finish, untilPasses } from '../../../support/until.ts';
import {
  type AwsIvsHarness,
  arnOf,
  eventOf,
  finishRetrying,
  opened,
  openHarness,
  publishUrl,
} from './aws-ivs-harness.ts';

let harness: AwsIvsHarness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.close());

const connected = (channel: Parameters<AwsIvsHarness['driver']['observe']>[0]) =>
  untilPasses(async () => {
    const seen = await harness.driver.observe(channel);
    expect(seen?.encoder).toBe('connected');
    return seen;
  });

describe('a show at Amazon IVS', () => {
  it('has no reset once its channel is gone', async () => {
    const { driver } = harness;
    const { channel } = await opened(driver, eventOf('gone'));
    await finish(() => driver.cleanUp(channel.ref));
    await expect(driver.reset(channel)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('goes from nothing to a recording and back to nothing', async () => {
    const { driver } = harness;
    const { channel, output } = await opened(driver, eventOf('whole'));
    const from = Date.now();
    const encoder = await startEncoder({ url: await publishUrl(driver, channel), seconds: 600, speed: 20 });
    await connected(channel);
    await finish(() => driver.stop(channel, output));
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    const assets = await finish(() => driver.publishVod(channel, output, [{ from, to: Date.now() }]));
    expect(assets).toMatchObject([{ finality: 'recording-ended.json', url: expect.stringMatching(/master\.m3u8$/) }]);
    await finish(() => driver.cleanUp(channel.ref));
    expect(harness.left('channel')).toBe(0);
    expect(harness.left('stream-key')).toBe(0);
    expect(harness.sim.made()).toEqual({ channel: 1, 'stream-key': 1, 'recording-configuration': 1 });
  });

  it('allocates a tagged channel that is set up as the plan says and has no stream key', async () => {
    const options = { latencyMode: 'NORMAL', type: 'BASIC', insecureIngest: true, tags: { cost: 'sports' } };
    const channel = await finish(() => harness.driver.allocate(eventOf('Show: 1', options)));
    const { channel: made } = await harness.ivs.send(new GetChannelCommand({ arn: arnOf(channel) }));
    expect(made).toMatchObject({ latencyMode: 'NORMAL', type: 'BASIC', insecureIngest: true });
    expect(made?.name).toMatch(/^showcaller-Show--1-[a-z2-7]{16}$/);
    expect(made?.tags).toMatchObject({ cost: 'sports', 'showcaller-workflow': 'live-event/Show: 1' });
    expect(harness.left('stream-key')).toBe(0);
    await expect(harness.driver.ingest(channel)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('names the channel before it exists as allocate names it', async () => {
    const event = eventOf('named');
    const { ref } = await finish(() => harness.driver.allocate(event));
    expect(ref).toMatchObject(harness.driver.refOf(event));
  });

  it('changes a channel left from an earlier run to what the plan says now', async () => {
    await finish(() => harness.driver.allocate(eventOf('again', { latencyMode: 'LOW' })));
    const channel = await finish(() => harness.driver.allocate(eventOf('again', { latencyMode: 'NORMAL' })));
    const { channel: now } = await harness.ivs.send(new GetChannelCommand({ arn: arnOf(channel) }));
    expect(now?.latencyMode).toBe('NORMAL');
    expect(harness.sim.made().channel).toBe(1);
  });

  it('changes even a channel on which an encoder of an earlier run still sends', async () => {
    const { channel } = await opened(harness.driver, eventOf('busy'));
    const encoder = await startEncoder({ url: await publishUrl(harness.driver, channel) });
    await connected(channel);
    await finish(() => harness.driver.allocate(eventOf('busy', { latencyMode: 'NORMAL' })));
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
  });

  it('gives where the encoder sends, and an encoder is accepted there', async () => {
    const { channel } = await opened(harness.driver, eventOf('ingest'));
    const [endpoint] = await harness.driver.ingest(channel);
    expect(endpoint).toMatchObject({ protocol: 'rtmp', url: `${endpoint?.server}${endpoint?.streamKey}` });
    const encoder = await startEncoder({ url: endpoint?.url ?? '' });
    await connected(channel);
    await encoder.stop();
  });

  it('offers RTMPS at port 443, and RTMP too where the plan allows it', async () => {
    const driver = harness.driverWith({ ingestUrlTemplate: '' });
    const { channel } = await opened(driver, eventOf('secure', { insecureIngest: true }));
    const host = String(channel.details.ingestEndpoint);
    expect((await driver.ingest(channel)).map(({ protocol, server }) => [protocol, server])).toEqual([
      ['rtmps', `rtmps://${host}:443/app/`],
      ['rtmp', `rtmp://${host}/app/`],
    ]);
  });

  it('keeps the stream key out of everything that goes into history', async () => {
    const { channel, output } = await opened(harness.driver, eventOf('secret'));
    const url = await publishUrl(harness.driver, channel);
    const key = url.split('/').at(-1) ?? '';
    const encoder = await startEncoder({ url });
    const seen = await connected(channel);
    const evidence = await finish(() => harness.driver.stop(channel));
    await encoder.done;
    expect(key).toMatch(/^sk_/);
    expect(JSON.stringify([channel, output, seen, evidence])).not.toContain(key);
  });
});

describe('looking at the encoder', () => {
  it('asks for one channel with GetStream and reports what the encoder sends', async () => {
    const { channel } = await opened(harness.driver, eventOf('one'));
    expect(await harness.driver.observe(channel)).toMatchObject({ encoder: 'absent' });
    const encoder = await startEncoder({ url: await publishUrl(harness.driver, channel) });
    const seen = await untilPasses(async () => {
      const look = await harness.driver.observe(channel);
      expect(look?.evidence).toMatchObject({ videoCodec: 'AVC', audioCodec: 'AAC' });
      return look;
    });
    expect(seen).toMatchObject({ encoder: 'connected', session: expect.stringMatching(/^st-/) });
    expect(harness.calls('ListStreams')).toBe(0);
    await encoder.stop();
  });

  it('lists what is sent with one walk over the pages of ListStreams', async () => {
    const shows = await Promise.all(['a', 'b', 'c'].map((id) => opened(harness.driver, eventOf(id))));
    const second = shows[1]?.channel;
    if (!second) throw new Error('there are three');
    const encoder = await startEncoder({ url: await publishUrl(harness.driver, second) });
    await connected(second);
    harness.kit.log.clear();
    const live = await harness.driver.listLive?.();
    expect(live).toMatchObject([{ channel: arnOf(second), observation: { encoder: 'connected' } }]);
    expect([harness.calls('ListStreams'), harness.calls('GetStream')]).toEqual([1, 0]);
    await encoder.stop();
  });

  it('reports a new session after the encoder came back', async () => {
    const { channel } = await opened(harness.driver, eventOf('back'));
    const url = await publishUrl(harness.driver, channel);
    const first = await startEncoder({ url });
    const before = await connected(channel);
    await first.drop();
    await untilPasses(async () => expect(await harness.driver.observe(channel)).toMatchObject({ encoder: 'absent' }));
    const second = await startEncoder({ url });
    const after = await connected(channel);
    expect(after?.session).not.toBe(before?.session);
    await second.stop();
  });

  it('says starved when the encoder holds the connection and sends nothing', async () => {
    const { channel } = await opened(harness.driver, eventOf('silent'));
    const publisher = await RtmpPublisher.open(await publishUrl(harness.driver, channel));
    publisher.send({ type: 'video', timestamp: 0, data: Buffer.from([0x17, 0, 0, 0, 0]) });
    await untilPasses(async () => expect(await harness.driver.observe(channel)).toMatchObject({ encoder: 'starved' }));
    publisher.drop();
  });

  it('does not take a channel that is gone for an encoder that is absent', async () => {
    const { channel } = await opened(harness.driver, eventOf('gone'));
    await finish(() => harness.driver.cleanUp(channel.ref));
    await expect(harness.driver.observe(channel)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('stopping', () => {
  it('blocks ingest and drops the encoder before it asks, so that one that connects again is refused', async () => {
    const { channel } = await opened(harness.driver, eventOf('knock'));
    const url = await publishUrl(harness.driver, channel);
    const encoder = await startEncoder({ url });
    await connected(channel);
    const before = harness.kit.log.entries().length;
    await finish(() => harness.driver.stop(channel));
    await encoder.done;
    await expect(startEncoder({ url })).rejects.toThrow('the stream key is not valid');
    const calls = harness.kit.log.entries().map(({ operation }) => operation);
    const order = calls.slice(before).filter((call) => /StreamKey|StopStream|GetStream$/.test(call));
    expect(order.join(' ')).toBe('ListStreamKeys DeleteStreamKey StopStream ListStreamKeys GetStream');
  });

  it('brings back the sessions, oldest first, with what the encoder sent', async () => {
    const { channel } = await opened(harness.driver, eventOf('sessions'));
    const url = await publishUrl(harness.driver, channel);
    const first = await startEncoder({ url, seconds: 2, speed: 20 });
    await first.done;
    await untilPasses(async () => expect(await harness.driver.observe(channel)).toMatchObject({ encoder: 'absent' }));
    const second = await startEncoder({ url, seconds: 2, speed: 20 });
    await second.done;
    const { sessions } = await finish(() => harness.driver.stop(channel));
    expect(sessions).toHaveLength(2);
    expect(sessions[0]?.startedAt).toBeLessThan(sessions[1]?.startedAt ?? 0);
    for (const session of sessions)
      expect(session).toMatchObject({ endedAt: expect.any(Number), evidence: { videoCodec: 'AVC', width: 160 } });
  });

  it('succeeds again, without an encoder, and on a channel that is gone', async () => {
    const { channel } = await opened(harness.driver, eventOf('twice'));
    await finish(() => harness.driver.stop(channel));
    await finish(() => harness.driver.stop(channel));
    await finish(() => harness.driver.cleanUp(channel.ref));
    expect(await finish(() => harness.driver.stop(channel))).toEqual({ sessions: [] });
    await finish(() => harness.driver.cleanUp(channel.ref));
  });

  it('drops the connection at a reset and lets the encoder come back', async () => {
    const { channel } = await opened(harness.driver, eventOf('reset'));
    expect(await harness.driver.reset(channel)).toMatchObject({ done: true });
    const url = await publishUrl(harness.driver, channel);
    const encoder = await startEncoder({ url });
    await connected(channel);
    await harness.driver.reset(channel);
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    const again = await startEncoder({ url });
    await connected(channel);
    await again.stop();
  });
});

describe('converging', () => {
  it.each([
    'CreateRecordingConfiguration',
    'CreateChannel',
    'CreateStreamKey',
    'DeleteStreamKey',
    'UpdateChannel',
    'StopStream',
    'DeleteChannel',
  ])('makes one of each and leaves none when the answer to %s is lost', async (operation) => {
    const { driver } = harness;
    harness.fault(operation, 'lose-response');
    await finishRetrying(() => driver.allocate(eventOf('lost')));
    const channel = await finishRetrying(() => driver.allocate(eventOf('lost', { latencyMode: 'NORMAL' })));
    await finishRetrying(() => driver.start(channel));
    const encoder = await startEncoder({ url: await publishUrl(driver, channel) });
    await finishRetrying(() => driver.stop(channel));
    await encoder.done;
    await finishRetrying(() => driver.cleanUp(channel.ref));
    expect(harness.kit.log.entries({ fault: 'lose-response' })).toHaveLength(1);
    expect(harness.sim.made()).toMatchObject({ channel: 1, 'stream-key': 1, 'recording-configuration': 1 });
    expect([harness.left('channel'), harness.left('stream-key')]).toEqual([0, 0]);
  });

  it('settles on one channel and one recording configuration when workers allocate at once', async () => {
    const drivers = [harness.driver, harness.driverWith(), harness.driverWith()];
    const channels = await Promise.all(drivers.map((driver) => finishRetrying(() => driver.allocate(eventOf('race')))));
    expect(new Set(channels.map(arnOf)).size).toBe(1);
    expect([harness.left('channel'), harness.left('recording-configuration')]).toEqual([1, 1]);
    await Promise.all(channels.flatMap((channel) => drivers.map((driver) => finish(() => driver.start(channel)))));
    expect(harness.left('stream-key')).toBe(1);
  });

  it('makes one recording configuration for many shows that begin at once', async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => finish(() => harness.driver.allocate(eventOf(`many-${n}`)))),
    );
    expect(harness.sim.made()['recording-configuration']).toBe(1);
  });

  it('keeps the oldest of several channels of its own and deletes the others', async () => {
    const { name, workflowId } = harness.driver.refOf(eventOf('doubles'));
    const makeOwn = (madeAt: string) => {
      const tags = { 'showcaller-workflow': workflowId, 'showcaller-made-at': madeAt };
      return harness.ivs.send(new CreateChannelCommand({ name, tags }));
    };
    await makeOwn('2026-01-01T00:00:02.000Z');
    const oldest = await makeOwn('2026-01-01T00:00:01.000Z');
    const channel = await finish(() => harness.driver.allocate(eventOf('doubles')));
    expect(arnOf(channel)).toBe(oldest.channel?.arn);
    expect(harness.left('channel')).toBe(1);
  });

  it('cleans up everything of its own when only the name is known', async () => {
    const ref = harness.driver.refOf(eventOf('nameless'));
    const tags = { 'showcaller-workflow': ref.workflowId };
    await harness.ivs.send(new CreateChannelCommand({ name: ref.name, tags }));
    await harness.ivs.send(new CreateChannelCommand({ name: ref.name, tags }));
    await finish(() => harness.driver.cleanUp(ref));
    expect(harness.left('channel')).toBe(0);
  });

  it('cleans up a channel on which an encoder still sends', async () => {
    const { channel } = await opened(harness.driver, eventOf('sending'));
    const encoder = await startEncoder({ url: await publishUrl(harness.driver, channel) });
    await connected(channel);
    await finish(() => harness.driver.cleanUp(channel.ref));
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    expect(harness.left('channel')).toBe(0);
  });
});

describe('what is not ours', () => {
  const foreign = async (tags: Record<string, string>) => {
    const { name } = harness.driver.refOf(eventOf('taken'));
    const { channel } = await harness.ivs.send(new CreateChannelCommand({ name, tags }));
    return { arn: channel?.arn ?? '', name };
  };

  it.each([
    ['a foreign ownership tag', { 'showcaller-workflow': 'live-event/other' }],
    ['no ownership tag', {}],
  ])('is neither adopted nor deleted when it has our name and %s', async (_, tags) => {
    await foreign(tags as Record<string, string>);
    await expect(harness.driver.allocate(eventOf('taken'))).rejects.toMatchObject({
      kind: 'conflict',
      facts: { advice: expect.stringContaining('left alone') },
    });
    const cleaned = finish(() => harness.driver.cleanUp(harness.driver.refOf(eventOf('taken'))));
    // Without any tag it may be ours.
    if (Object.keys(tags).length > 0) await cleaned;
    else
      await expect(cleaned).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('still billed'),
      });
    expect(harness.left('channel')).toBe(1);
    expect(harness.left('stream-key')).toBe(1);
  });

  it('is not stopped, reset, started or cleaned up once its ownership tag has changed', async () => {
    const { channel } = await opened(harness.driver, eventOf('remarked'));
    const tags = { 'showcaller-workflow': 'live-event/other' };
    await harness.ivs.send(new TagResourceCommand({ resourceArn: arnOf(channel), tags }));
    await expect(harness.driver.stop(channel)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(harness.driver.reset(channel)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(harness.driver.start(channel)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(harness.driver.cleanUp(channel.ref)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('still billed'),
    });
    expect([harness.left('channel'), harness.left('stream-key')]).toEqual([1, 1]);
  });

  it('is left out of the list of what we own, which comes page by page', async () => {
    await foreign({});
    await Promise.all(
      Array.from({ length: 101 }, (_, n) =>
        harness.ivs.send(
          new CreateChannelCommand({ name: `n${n}`, tags: { 'showcaller-workflow': `live-event/${n}` } }),
        ),
      ),
    );
    const first = await harness.driver.owned();
    const second = await harness.driver.owned(first.next);
    expect(first.next).toBeDefined();
    expect(second.next).toBeUndefined();
    const all = [...first.items, ...second.items];
    expect(new Set(all.map((ref) => ref.workflowId)).size).toBe(101);
    expect(all[0]).toMatchObject({ vendor: 'aws-ivs', account: 'default', id: expect.stringContaining(':channel/') });
  });

  it('is not a channel that vanished: starting that is not-found', async () => {
    const channel = await finish(() => harness.driver.allocate(eventOf('vanished')));
    await finish(() => harness.driver.cleanUp(channel.ref));
    await expect(harness.driver.start(channel)).rejects.toMatchObject({ kind: 'not-found' });
    const { channels } = await harness.ivs.send(new ListChannelsCommand({}));
    expect(channels).toEqual([]);
  });
});

describe('the account', () => {
  const settings = { region: 'us-west-2', accessKeyId: 'a', secretAccessKey: 'b' };

  it('must name its keys, unless the SDK shall find credentials', () => {
    const without = { ...settings, secretAccessKey: '' };
    expect(() => createDriver({ name: 'x', settings: without }, driverContext)).toThrow(/secretAccessKey/);
    expect(() =>
      createDriver({ name: 'x', settings: { ...without, credentials: 'default' } }, driverContext),
    ).not.toThrow();
    expect(() => createDriver({ name: 'x', settings: { ...settings, region: '' } }, driverContext)).toThrow(/region/);
  });

  it.each([
    ['region', 'moon'],
    ['credentials', 'some'],
    ['recordingBucket', 'UPPER'],
    ['playbackBaseUrl', 's3://bucket'],
    ['ingestUrlTemplate', 'http://host/app'],
    ['timeoutMs', '0'],
  ])('refuses a wrong %s', (key, wrong) => {
    const field = fieldsOf(awsIvs).find((one) => one.key === key);
    expect(field?.check(wrong)).toMatch(/^must be/);
  });

  it('sets up the shared recording configuration once', async () => {
    await untilPasses(async () => expect(await harness.driver.setUp?.()).toEqual([expect.stringMatching(/is ready$/)]));
    expect(harness.sim.made()['recording-configuration']).toBe(1);
  });
});
