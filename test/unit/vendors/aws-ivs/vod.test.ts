import { afterEach, describe, expect, it } from 'vitest';
import type { Channel, Output } from '../../../../domain/channel.ts';
import type { AwsIvsSimulatorOptions } from '../../../../simulators/aws-ivs/index.ts';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { finish, untilPasses } from '../../../support/until.ts';
import { type AwsIvsHarness, eventOf, opened, openHarness, publishUrl } from './aws-ivs-harness.ts';

let harness: AwsIvsHarness;
afterEach(() => harness.close());

const hour = 3_600_000;

async function show(options: AwsIvsSimulatorOptions = {}, vendorOptions = {}) {
  harness = await openHarness(options);
  const { channel, output } = await opened(harness.driver, eventOf('vod', vendorOptions));
  const url = await publishUrl(harness.driver, channel);
  return { channel, output, url };
}

/** Pushes a few seconds of picture at once and leaves in good manner. */
async function push(url: string): Promise<void> {
  const encoder = await startEncoder({ url, seconds: 5, speed: 20 });
  await encoder.done;
}

const absent = (channel: Channel) =>
  untilPasses(async () => expect(await harness.driver.observe(channel)).toMatchObject({ encoder: 'absent' }));

const published = (channel: Channel, output: Output) =>
  finish(() => harness.driver.publishVod(channel, output, justNow()));

const justNow = () => [{ from: Date.now() - 1000, to: Date.now() }];

const textOf = async (url: string): Promise<string> =>
  Buffer.from((await harness.driver.fetchVod(url)).body).toString();

async function firstVariant(url: string): Promise<string> {
  const line = (await textOf(url)).split('\n').find((one) => one.endsWith('.m3u8'));
  return new URL(line ?? '', url).href;
}

describe('a recording', () => {
  it('is read from the bucket by the SDK when nothing is in front of it', async () => {
    const { channel, output, url } = await show();
    await push(url);
    const driver = harness.driverWith({ playbackBaseUrl: '' });
    await absent(channel);
    const [asset] = await finish(() => driver.publishVod(channel, output, justNow()));
    expect(asset?.url).toMatch(
      /^s3:\/\/showcaller-recordings\/ivs\/v1\/123456789012\/\w+\/.*\/media\/hls\/master\.m3u8$/,
    );
    const playlist = await firstVariant(asset?.url ?? '');
    const segment = new URL((await textOf(playlist)).split('\n').find((one) => one.endsWith('.ts')) ?? '', playlist);
    const whole = await driver.fetchVod(segment.href);
    expect(whole).toMatchObject({ status: 200, contentType: 'video/mp2t', totalBytes: whole.body.length });
    const head = await driver.fetchVod(segment.href, { start: 0, end: 0 });
    expect(head).toMatchObject({ status: 206, totalBytes: whole.body.length });
    expect([...head.body]).toEqual([0x47]);
  });

  it('is read through the address of the account as any player reads it', async () => {
    const { channel, output, url } = await show();
    await push(url);
    await absent(channel);
    const [asset] = await published(channel, output);
    expect(asset?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/vod\/ivs\/v1\//);
    expect(asset?.durationMs).toBeGreaterThan(4000);
    expect((asset?.covers?.to ?? 0) - (asset?.covers?.from ?? 0)).toBeGreaterThan(0);
    expect(await textOf(await firstVariant(asset?.url ?? ''))).toContain('#EXT-X-ENDLIST');
    const head = await harness.driver.fetchVod(asset?.url ?? '', { start: 0, end: 6 });
    expect([head.status, Buffer.from(head.body).toString()]).toEqual([206, '#EXTM3U']);
    expect(head.totalBytes).toBeGreaterThan(7);
  });

  it.each(['s3://showcaller-recordings/nothing.m3u8', 'edge'])('that is missing is a status (%s)', async (where) => {
    await show();
    const url = where === 'edge' ? `${harness.sim.client.playbackBaseUrl}/nothing.m3u8` : where;
    expect(await harness.driver.fetchVod(url)).toMatchObject({ status: 404 });
  });

  it('beyond its end is a status, and so is a store in trouble, by S3 and by HTTP', async () => {
    const { channel, output, url } = await show();
    await push(url);
    await absent(channel);
    const [asset] = await published(channel, output);
    const s3Url = (asset?.url ?? '').replace(String(harness.sim.client.playbackBaseUrl), 's3://showcaller-recordings');
    expect(await harness.driver.fetchVod(s3Url, { start: 1e9, end: 1e9 })).toMatchObject({ status: 416 });
    harness.fault('GetObject', 'throttle');
    expect(await harness.driver.fetchVod(s3Url)).toMatchObject({ status: 503 });
    harness.fault('media:vod', 'unavailable');
    expect(await harness.driver.fetchVod(asset?.url ?? '')).toMatchObject({ status: 503 });
  });

  it('is not trusted while it is being written, although its playlist carries ENDLIST', async () => {
    const { channel, output, url } = await show({ slowness: 0.001 }, { reconnectWindowSeconds: 300 });
    const encoder = await startEncoder({ url, seconds: 600, speed: 5 });
    const waiting = await untilPasses(async () => {
      const progress = await harness.driver.publishVod(channel, output, []);
      expect(progress).toMatchObject({ done: false, waitingFor: expect.stringContaining('recording-ended.json') });
      return progress;
    });
    const prefix = /of (\S+)/.exec(waiting.done ? '' : waiting.waitingFor)?.[1] ?? '';
    const master = `s3://showcaller-recordings/${prefix}media/hls/master.m3u8`;
    await untilPasses(async () => expect(await textOf(await firstVariant(master))).toContain('#EXT-X-ENDLIST'));
    await encoder.stop();
    await absent(channel);
    expect(await published(channel, output)).toMatchObject([{ finality: 'recording-ended.json' }]);
  });

  it('is continued by an encoder that returns within the reconnect window', async () => {
    const { channel, output, url } = await show({ slowness: 0.1 }, { reconnectWindowSeconds: 50 });
    await push(url);
    await absent(channel);
    await push(url);
    await absent(channel);
    const assets = await published(channel, output);
    expect(assets).toHaveLength(1);
    expect(await textOf(await firstVariant(assets[0]?.url ?? ''))).toContain('#EXT-X-DISCONTINUITY');
    expect(assets[0]?.durationMs).toBeGreaterThan(9000);
  });

  it('is one of several, oldest first, without a reconnect window', async () => {
    const { channel, output, url } = await show();
    await push(url);
    await absent(channel);
    await push(url);
    await absent(channel);
    const assets = await untilPasses(async () => {
      const found = await published(channel, output);
      expect(found).toHaveLength(2);
      return found;
    });
    expect(assets[0]?.covers?.from).toBeLessThan(assets[1]?.covers?.from ?? 0);
  });

  it('that failed at IVS says so', async () => {
    const { channel, output, url } = await show({ recordingsFail: true });
    await push(url);
    await absent(channel);
    expect(await published(channel, output)).toMatchObject([
      { finality: expect.stringMatching(/^recording-failed\.json: /) },
    ]);
  });

  it('is found after the channel is gone', async () => {
    const { channel, output, url } = await show();
    await push(url);
    await finish(() => harness.driver.cleanUp(channel.ref));
    expect(await published(channel, output)).toHaveLength(1);
  });
});

describe('a show of which nothing was recorded', () => {
  it('has no assets when no encoder was seen', async () => {
    const { channel, output } = await show();
    expect(await harness.driver.publishVod(channel, output, [])).toEqual({ done: true, value: [] });
  });

  it('is waited for a while when an encoder was seen, and then has no assets', async () => {
    const { channel, output } = await show();
    expect(await harness.driver.publishVod(channel, output, justNow())).toMatchObject({ done: false });
    const long = [{ from: Date.now() - 2 * hour, to: Date.now() - hour }];
    expect(await harness.driver.publishVod(channel, output, long)).toEqual({ done: true, value: [] });
  });

  it('says that an end which IVS never recorded is late', async () => {
    const { channel, output, url } = await show();
    const encoder = await startEncoder({ url, seconds: 600, speed: 20 });
    const long = [{ from: Date.now() - 2 * hour, to: Date.now() - hour }];
    await untilPasses(async () =>
      expect(await harness.driver.publishVod(channel, output, long)).toMatchObject({
        waitingFor: expect.stringMatching(/which is late$/),
      }),
    );
    await encoder.stop();
  });
});
