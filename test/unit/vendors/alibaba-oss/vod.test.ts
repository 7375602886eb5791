import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VendorError } from '../../../../domain/errors.ts';
import type { PushRecord, Sdk, UnixSpan } from '../../../../vendors/alibaba-oss/sdk.ts';
import { publishVod, spansOf } from '../../../../vendors/alibaba-oss/vod.ts';
import { eventOf, openHarness } from './alibaba-oss-harness.ts';

const hour = 3_600_000;
const showAt = Date.parse('2026-12-01T18:00:00Z');

/** As much of OSS as publishing needs; remembers what was posted. */
function fakeOss(playlistOf: (span: UnixSpan) => string | undefined, history: PushRecord[] = []) {
  const posted: { name: string; span: UnixSpan }[] = [];
  const oss: Pick<Sdk, 'getVodPlaylist' | 'getChannelHistory' | 'postVodPlaylist'> = {
    getVodPlaylist: async (_, span) => {
      const text = playlistOf(span);
      if (text !== undefined) return text;
      throw new VendorError({
        kind: 'invalid-request',
        vendor: 'alibaba-oss',
        operation: 'GetVodPlaylist',
        code: 'InvalidArgument',
        message: 'No ts file found in specified time span.',
      });
    },
    getChannelHistory: async () => history,
    postVodPlaylist: async (_, name, span) => {
      posted.push({ name, span });
    },
  };
  return { oss: oss as Sdk, posted };
}

const recordedSeconds = (...seconds: number[]): string =>
  `#EXTM3U\n${seconds.map((s, i) => `#EXTINF:${s},\n${i}.ts\n`).join('')}`;

const recording = (windows: { from: number; to: number }[]) => ({
  channel: 'c',
  baseUrl: 'https://play.example/c',
  fragDurationSeconds: 5,
  windows,
});

describe('publishing', () => {
  const window = { from: showAt, to: showAt + 60_000 };

  it('waits while the end of the last window is missing', async () => {
    const { oss, posted } = fakeOss(() => recordedSeconds(25, 25));
    const progress = await publishVod(oss, recording([window]), window.to + 3_000);
    expect(progress).toMatchObject({ done: false, waitingFor: expect.stringContaining('50.0 of 60.0 s') });
    expect(posted).toEqual([]);
  });

  it('gives a last file shorter than can be missed the time to arrive', async () => {
    const { oss, posted } = fakeOss(() => recordedSeconds(25, 25, 9));
    expect(await publishVod(oss, recording([window]), window.to + 1_000)).toMatchObject({ done: false });
    expect(posted).toEqual([]);
  });

  it('publishes as soon as the end is there', async () => {
    const { oss } = fakeOss(() => recordedSeconds(25, 25, 9));
    expect(await publishVod(oss, recording([window]), window.to + 3_000)).toEqual({
      done: true,
      value: [
        {
          url: 'https://play.example/c/vod-20261201T175930Z.m3u8',
          covers: window,
          durationMs: 59_000,
          finality: 'PostVodPlaylist',
        },
      ],
    });
  });

  it('stops waiting once OSS cannot be uploading any more', async () => {
    const { oss } = fakeOss(() => recordedSeconds(25, 25));
    const progress = await publishVod(oss, recording([window]), window.to + 60_000);
    expect(progress).toMatchObject({ done: true, value: [{ durationMs: 50_000 }] });
  });

  it('waits for a recording that has not appeared, then reports that there is none', async () => {
    const { oss, posted } = fakeOss(() => undefined);
    expect(await publishVod(oss, recording([window]), window.to)).toMatchObject({ done: false });
    expect(await publishVod(oss, recording([window]), window.to + 60_000)).toEqual({ done: true, value: [] });
    expect(posted).toEqual([]);
  });

  it('trusts the push records of OSS more than windows that were seen late', async () => {
    const history = [{ startTime: '2026-12-01T18:00:05.000Z', endTime: '2026-12-01T18:00:50.000Z' }];
    const { oss } = fakeOss(() => recordedSeconds(25, 19), history);
    expect(await publishVod(oss, recording([window]), window.to + 3_000)).toMatchObject({ done: true });
  });

  it('gives one playlist for each day of a long show', async () => {
    const long = { from: showAt, to: showAt + 50 * hour };
    const { oss, posted } = fakeOss(() => recordedSeconds(...Array.from({ length: 17 }, () => 3600)));
    const progress = await publishVod(oss, recording([long]), long.to + hour);
    expect(posted.map(({ name }) => name)).toEqual([
      'vod-20261201T175930Z.m3u8',
      'vod-20261202T175929Z.m3u8',
      'vod-20261203T175928Z.m3u8',
    ]);
    if (!progress.done) throw new Error('not done');
    expect(progress.value[0]?.covers).toEqual({ from: showAt, to: showAt + 24 * hour - 31_000 });
    expect(progress.value[2]?.covers?.to).toBe(long.to);
  });
});

describe('spans', () => {
  const days = (...list: [number, number][]) =>
    list.map(([a, b]) => ({ from: showAt + a * hour, to: showAt + b * hour }));

  it('are never longer than a day, abut, and hold every window', () => {
    const spans = spansOf(days([0, 30], [31, 70]), showAt + 100 * hour);
    for (const span of spans) expect(span.endTime - span.startTime).toBeLessThan(86_400);
    expect(spans.slice(1).map(({ startTime }) => startTime)).toEqual(spans.slice(0, -1).map(({ endTime }) => endTime));
    expect(spans[0]?.startTime).toBeLessThan(showAt / 1000);
    expect(spans.at(-1)?.endTime).toBeGreaterThan((showAt + 70 * hour) / 1000);
  });

  it('leave out a day without an encoder', () => {
    expect(spansOf(days([0, 1], [72, 73]), showAt + 100 * hour)).toHaveLength(2);
  });

  it('do not reach into the future', () => {
    const now = showAt + hour + 1_000;
    expect(spansOf(days([0, 1]), now).at(-1)?.endTime).toBeLessThanOrEqual(Math.ceil(now / 1000));
  });
});

describe('a recording in the bucket', () => {
  let harness: Awaited<ReturnType<typeof openHarness>>;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  it('gives a status for a file that is not there, and for a store in trouble, however it is read', async () => {
    const url = `${harness.sim.client.playbackBaseUrl}/nothing/vod.m3u8`;
    expect(await harness.driver.fetchVod(url)).toMatchObject({ status: 404 });
    harness.kit.faults.add('alibaba-oss', { operation: 'media:GetObject', kind: 'unavailable' });
    expect(await harness.driver.fetchVod(url)).toMatchObject({ status: 503 });
  });

  it('is empty without a live window, and makes no call', async () => {
    const channel = { ref: harness.driver.refOf(eventOf('show')), details: {} };
    expect(await harness.driver.publishVod(channel, { details: {} }, [])).toEqual({ done: true, value: [] });
    expect(harness.kit.log.entries()).toEqual([]);
  });
});
