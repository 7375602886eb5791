import { parse, type types } from 'hls-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEncoder } from '../../../simulators/kit/encoder.ts';
import { finish, until } from '../../support/until.ts';
import { eventOf, opened, openHarness, publishUrl } from '../../unit/vendors/alibaba-oss/alibaba-oss-harness.ts';

describe('a recording in the bucket', () => {
  let harness: Awaited<ReturnType<typeof openHarness>>;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  /** Two pushes with a break, each of at least two TS files. */
  async function record() {
    const channel = await opened(harness.driver, eventOf('show', { fragDuration: 1 }));
    const output = await finish(() => harness.driver.createOutput(channel));
    const url = await publishUrl(harness.driver, channel);
    for (const atLeast of [2, 4]) {
      const encoder = await startEncoder({ url });
      await until(async () => (await countOfFiles(channel.ref.name)) >= atLeast);
      await encoder.drop();
      await until(async () => (await harness.driver.observe(channel)).encoder === 'absent');
    }
    const { sessions } = await finish(() => harness.driver.stop(channel));
    const windows = sessions.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt ?? startedAt }));
    return { channel, output, windows };
  }

  const countOfFiles = async (channel: string): Promise<number> => {
    const span = { startTime: Math.floor(Date.now() / 1000) - 60, endTime: Math.ceil(Date.now() / 1000) };
    const text = await harness.oss.getVodPlaylist(channel, span).catch(() => '');
    return text.match(/#EXTINF/g)?.length ?? 0;
  };

  it('is published, readable to the last segment, and outlives its channel', async () => {
    const { channel, output, windows } = await record();
    expect(windows).toHaveLength(2);
    const assets = await finish(() => harness.driver.publishVod(channel, output, windows));
    expect(await finish(() => harness.driver.publishVod(channel, output, windows))).toEqual(assets);
    await finish(() => harness.driver.cleanUp(channel.ref));
    const [asset] = assets;
    if (!asset) throw new Error('no asset');
    const file = await harness.driver.fetchVod(asset.url);
    expect(file).toMatchObject({ status: 200, contentType: 'application/x-mpegURL' });
    const playlist = parse(Buffer.from(file.body).toString()) as types.MediaPlaylist;
    expect(playlist.endlist).toBe(true);
    expect(playlist.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
    for (const { uri } of playlist.segments) {
      const segment = await harness.driver.fetchVod(new URL(uri, asset.url).href, { start: 0, end: 187 });
      expect(segment).toMatchObject({ status: 206, contentType: 'video/mp2t' });
      expect(segment.body).toHaveLength(188);
      expect(segment.body[0]).toBe(0x47);
      expect(segment.totalBytes).toBeGreaterThan(188);
    }
  });

  it('is read with our key where the bucket is private', async () => {
    const { channel, output, windows } = await record();
    const [asset] = await finish(() => harness.driver.publishVod(channel, output, windows));
    if (!asset) throw new Error('no asset');
    await makePrivate();
    expect(await harness.driver.fetchVod(asset.url)).toMatchObject({ status: 403 });
    const signed = harness.driverWith({ playbackAccess: 'signed' });
    const file = await signed.fetchVod(asset.url, { start: 0, end: 6 });
    expect(Buffer.from(file.body).toString()).toBe('#EXTM3U');
    expect(file).toMatchObject({ status: 206, totalBytes: expect.any(Number) });
    expect(await signed.fetchVod(asset.url.replace('vod-', 'gone-'))).toMatchObject({ status: 404 });
  });

  const makePrivate = async () => {
    const { default: OSS } = await import('ali-oss');
    const { accessKeyId = '', accessKeySecret = '', bucket = '', region, endpoint } = harness.sim.client;
    await new OSS({ accessKeyId, accessKeySecret, bucket, region, endpoint }).putBucketACL(bucket, 'private');
  };
});
