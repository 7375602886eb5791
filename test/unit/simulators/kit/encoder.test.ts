import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findFfmpeg, pushFlv, startEncoder } from '../../../../simulators/kit/encoder.ts';
import type { MediaTag } from '../../../../simulators/kit/flv.ts';
import { RtmpPublisher } from '../../../../simulators/kit/rtmp-publisher.ts';
import { nextSession, startIngest } from './kit-harness.ts';

const ffmpeg = await findFfmpeg();
const fixture = await readFile(new URL('../../../../simulators/kit/fixture.flv', import.meta.url));
afterEach(() => {
  vi.unstubAllEnvs();
});

async function collectTags(push: (url: string) => Promise<unknown>): Promise<MediaTag[]> {
  const { ingest, url } = await startIngest();
  const tags: MediaTag[] = [];
  ingest.once('publish', (session) => session.on('tag', (tag) => tags.push(tag)));
  const gone = once(ingest, 'unpublish');
  await push(url('show'));
  await gone;
  return tags;
}

const timesOf = (tags: readonly MediaTag[], type: MediaTag['type']) =>
  tags.filter((tag) => tag.type === type).map((tag) => tag.timestamp);
const backSteps = (times: readonly number[]) => times.filter((time, index) => time < (times[index - 1] ?? 0));

describe('the fixture encoder', () => {
  it('repeats its clip with a clock that never goes back and set-up that comes once', async () => {
    const tags = await collectTags(async (url) => {
      await (await startEncoder({ url, seconds: 35, speed: Number.POSITIVE_INFINITY })).done;
    });
    const [video, audio] = [timesOf(tags, 'video'), timesOf(tags, 'audio')];
    expect([backSteps(video), backSteps(audio)]).toEqual([[], []]);
    expect(video.at(-1)).toBeGreaterThan(34_900);
    expect(tags.filter((tag) => tag.type === 'data')).toHaveLength(1);
    expect(tags.filter((tag) => tag.type === 'video' && tag.data[1] === 0)).toHaveLength(1);
  });

  it('pushes in real time', async () => {
    const begun = performance.now();
    const tags = await collectTags(async (url) => {
      await (await startEncoder({ url, seconds: 1 })).done;
    });
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(timesOf(tags, 'video').at(-1)).toBeLessThan(1000);
  });

  it('says that it was closed when the server goes', async () => {
    const { ingest, url } = await startIngest();
    const encoder = await startEncoder({ url: url('show') });
    await ingest.close();
    expect(await encoder.done).toEqual({ reason: 'closed' });
    await encoder.stop();
    expect(await encoder.done).toEqual({ reason: 'closed' });
  });

  it('may be ended twice and keeps its first reason', async () => {
    const { url } = await startIngest();
    const encoder = await startEncoder({ url: url('show') });
    await Promise.all([encoder.stop(), encoder.stop()]);
    await encoder.drop();
    expect(await encoder.done).toEqual({ reason: 'stopped' });
  });

  it('names the server when there is none', async () => {
    const { ingest, url } = await startIngest();
    await ingest.close();
    await expect(startEncoder({ url: url('key?sign=s3cret') })).rejects.toThrow(/failed: connect ECONNREFUSED/);
  });

  it.each(['http://127.0.0.1/live/show', 'rtmp://127.0.0.1/only-an-app', 'rtmp:///live/show', 'nonsense'])(
    'refuses to push to %s',
    async (url) => {
      for (const source of ['fixture', 'ffmpeg'] as const)
        await expect(startEncoder({ url, source })).rejects.toThrow('push URL');
    },
  );
});

describe('a pushed FLV file', () => {
  it('goes once, from whatever time it is given', async () => {
    const tags = await collectTags(async (url) => {
      const publisher = await RtmpPublisher.open(url);
      await pushFlv({ publisher, flv: fixture, startAtMs: 0x1000000, speed: Number.POSITIVE_INFINITY });
      await publisher.stop();
    });
    const video = timesOf(tags, 'video');
    expect(video[0]).toBe(0x1000000);
    expect(video.at(-1)).toBeLessThan(0x1000000 + 10_100);
    expect(video.at(-1)).toBeGreaterThan(0x1000000 + 9_900);
  });

  it('is refused when it is none', async () => {
    const { url } = await startIngest();
    const publisher = await RtmpPublisher.open(url('show'));
    await expect(pushFlv({ publisher, flv: Buffer.from('not a film') })).rejects.toThrow('not an FLV');
    await publisher.stop();
  });
});

describe('finding an ffmpeg', () => {
  it('takes the one that FFMPEG names, if it runs', async () => {
    vi.stubEnv('FFMPEG', process.execPath);
    expect(await findFfmpeg()).toBeUndefined();
    vi.stubEnv('FFMPEG', '/nowhere/ffmpeg');
    expect(await findFfmpeg()).toBeUndefined();
  });

  it('says how to get one when there is none', async () => {
    vi.stubEnv('FFMPEG', '/nowhere/ffmpeg');
    await expect(startEncoder({ url: 'rtmp://127.0.0.1/live/show', source: 'ffmpeg' })).rejects.toThrow('set FFMPEG');
  });
});

describe.runIf(ffmpeg)('the ffmpeg encoder', () => {
  it('is refused with the server’s reason and without the key', async () => {
    const { url } = await startIngest();
    const error = await startEncoder({ url: url('bad-key'), source: 'ffmpeg' }).catch((caught: Error) => caught);
    expect(String(error)).toContain('no such key');
    expect(String(error)).not.toContain('bad-key');
  });

  it('keeps the signature of its URL', async () => {
    const { ingest, url } = await startIngest();
    const publish = nextSession(ingest);
    const encoder = await startEncoder({ url: url('show?volcTime=7&volcSecret=a%2Bb'), source: 'ffmpeg' });
    expect((await publish).req).toMatchObject({
      app: 'live',
      name: 'show',
      query: { volcTime: '7', volcSecret: 'a+b' },
    });
    await encoder.stop();
  });

  it('ends by itself when its time is over', async () => {
    const { url } = await startIngest();
    const encoder = await startEncoder({ url: url('show'), source: 'ffmpeg', seconds: 1 });
    expect(await encoder.done).toEqual({ reason: 'finished' });
  });

  it('says that it was closed when it is kicked', async () => {
    const { ingest, url } = await startIngest();
    const publish = nextSession(ingest);
    const encoder = await startEncoder({ url: url('show'), source: 'ffmpeg' });
    await publish;
    ingest.kick('show', 'enough');
    expect((await encoder.done).reason).toBe('closed');
  });
});
