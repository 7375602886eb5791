import { describe, expect, it } from 'vitest';
import { newestSegment, type Read } from '../../../api/stills/newest-segment.ts';
import { type Draw, ffmpegDraw, Stills } from '../../../api/stills/stills.ts';
import type { Watched } from '../../../api/watch/state.ts';
import { realSegments } from '../../support/real-media.ts';
import { live, onAir } from './watch/watch-harness.ts';

const base = 'https://live.example.com/final/';

/** A vendor with these files, and what was read of it. */
function vendor(files: Record<string, string | Uint8Array>) {
  const asked: string[] = [];
  const read: Read = async (url, range) => {
    asked.push(range ? `${url} ${range.start}-${range.end}` : url);
    const found = files[url.slice(base.length)];
    if (found === undefined) return { status: 404, contentType: '', body: Buffer.alloc(0) };
    const body = Buffer.from(found as string);
    return {
      status: range ? 206 : 200,
      contentType: '',
      body: range ? body.subarray(range.start, range.end + 1) : body,
    };
  };
  return { asked, read };
}

const playlist = (...lines: string[]) => ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines].join('\n');

describe('the newest segment of a live playlist', () => {
  it('is that of the smallest variant, behind its initialisation section, in the parts that are named', async () => {
    const { read, asked } = vendor({
      'live.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nbig.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nsmall/live.m3u8\n',
      'small/live.m3u8': playlist(
        '#EXT-X-MAP:URI="../init.mp4",BYTERANGE="2@1"',
        ...['#EXTINF:2,', '#EXT-X-BYTERANGE:3@4', 'all.mp4', '#EXTINF:2,', '#EXT-X-BYTERANGE:3', 'all.mp4'],
      ),
      'init.mp4': 'xIIx',
      'small/all.mp4': '0123456789',
    });
    const found = await newestSegment(read, `${base}live.m3u8`);
    expect([Buffer.from(found?.bytes ?? []).toString(), found?.container]).toEqual(['II789', 'mp4']);
    expect(asked).not.toContain(`${base}big.m3u8`);
  });

  it.each([
    ['encrypted', playlist('#EXT-X-KEY:METHOD=AES-128,URI="k"', '#EXTINF:2,', 'a.ts')],
    ['not there', playlist('#EXTINF:2,', 'gone.ts')],
    ['none yet', playlist()],
  ])('is none where it is %s', async (_, text) => {
    const { read } = vendor({ 'live.m3u8': text, 'a.ts': 'x' });
    expect(await newestSegment(read, `${base}live.m3u8`)).toBeUndefined();
    expect(await newestSegment(read, `${base}other.m3u8`)).toBeUndefined();
  });
});

describe('stills', () => {
  const files = { 'live.m3u8': playlist('#EXTINF:2,', 'a.ts'), 'a.ts': 'picture' };
  const watched = onAir as Watched;

  function stills(
    draw: Draw = async ({ bytes }) => Buffer.from(bytes),
    given: Record<string, string | Uint8Array> = files,
    answered: (url: string) => Promise<void> = async () => {},
  ) {
    const { read, asked } = vendor(given);
    let now = 0;
    const signed: string[] = [];
    const made = new Stills(
      {
        signed: async (_channel, url) => {
          signed.push(url);
          return `${url}?s`;
        },
        live: async (url, _playback, range) => {
          const file = await read(url.replace('?s', ''), range);
          await answered(url);
          return file;
        },
        file: async () => Promise.reject(new Error('no recording is asked for')),
      },
      async () => draw,
      () => now,
    );
    return { made, asked, signed, later: (ms: number) => (now += ms) };
  }

  it.each([
    [undefined, []],
    ['viewer-token', [live]],
    ['signature', [live, `${base}a.ts`]],
  ] as const)('ask the account for what a stream needs: %s', async (needs, expected) => {
    const { made, signed } = stills();
    expect(String(await made.of('final', { ...watched, playback: { hls: live, ...(needs && { needs }) } }))).toBe(
      'picture',
    );
    expect(signed).toEqual(expected);
  });

  it('are made once for all who look, and again when they are older', async () => {
    const { made, asked, later } = stills();
    const all = await Promise.all(Array.from({ length: 20 }, () => made.of('final', watched)));
    expect(all.map(String)).toEqual(Array(20).fill('picture'));
    expect(asked).toEqual([live, `${base}a.ts`]);
    later(15_001);
    await made.of('final', watched);
    expect(asked).toHaveLength(4);
  });

  it('are none of a stream of which viewers get nothing, and nothing is asked for then', async () => {
    const { made, asked } = stills();
    for (const state of ['dark', 'frozen', 'gone', 'unknown'] as const)
      expect(await made.of('final', { ...watched, onAir: { state, since: 0 } })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('of one tenant are made one at a time, of so many events and no more, also after one that failed', async () => {
    let [underWay, most, drawn] = [0, 0, 0];
    const { made } = stills(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      drawn += 1;
      if (drawn === 1) throw new Error('ffmpeg crashed');
      return Buffer.from('x');
    });
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => made.of(`e${i}`, watched)));
    expect([most, drawn]).toEqual([1, 20]);
    expect(all.map((one) => one?.toString())).toEqual([
      undefined,
      ...Array(19).fill('x'),
      ...Array(30).fill(undefined),
    ]);
  });

  it('of one tenant wait for each other alone: its slow streams, however many, keep no still of another', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = { ...watched, tenant: 'acme', playback: { hls: `${base}slow.m3u8` } };
    const { made, asked } = stills(undefined, { ...files, 'slow.m3u8': '' }, (url) =>
      url.includes('slow') ? answered : Promise.resolve(),
    );
    const ofAcme = Array.from({ length: 25 }, (_, i) => made.of(`acme/e${i}`, slow));
    const others = ['bolt', undefined].map((tenant) => made.of(`${tenant}/final`, { ...watched, tenant }));
    expect((await Promise.all(others)).map(String)).toEqual(['picture', 'picture']);
    expect(asked.filter((url) => url.includes('slow'))).toHaveLength(1);
    answer();
    await Promise.all(ofAcme);
    expect(asked.filter((url) => url.includes('slow'))).toHaveLength(20);
  });

  it('of many tenants are made two at a time, each tenant in turn', async () => {
    let [underWay, most] = [0, 0];
    const order: string[] = [];
    const { made } = stills(async ({ bytes }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      return Buffer.from(bytes);
    });
    const wanted = ['acme', 'acme', 'acme', 'bolt', 'coda', 'dune'];
    await Promise.all(
      wanted.map(async (tenant, i) => {
        await made.of(`${tenant}/e${i}`, { ...watched, tenant });
        order.push(tenant);
      }),
    );
    expect(most).toBe(2);
    expect(order.slice(-2)).toEqual(['acme', 'acme']);
  });

  it('that too many wait for are made once there is room, and not only when a refusal is old', async () => {
    const { made } = stills();
    const all = await Promise.all(Array.from({ length: 21 }, (_, i) => made.of(`e${i}`, watched)));
    expect(all.at(-1)).toBeUndefined();
    expect(String(await made.of('e20', watched))).toBe('picture');
  });

  it('are small JPEGs of a real segment, where an ffmpeg runs', async (context) => {
    const draw = ffmpegDraw();
    if (!(await draw())) return context.skip('no ffmpeg runs here: no still was made');
    const [segment] = realSegments(2);
    const { made } = stills(await draw(), { ...files, 'a.ts': segment?.bytes ?? '' });
    const still = await made.of('final', watched);
    expect(still?.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(still?.subarray(-2).toString('hex')).toBe('ffd9');
    expect(still?.length).toBeLessThan(40_000);
    const broken = stills(await draw(), { ...files, 'a.ts': Buffer.alloc(5_000, 7) });
    expect(await broken.made.of('final', watched)).toBeUndefined();
  });

  it('are none, and said to be none, without an ffmpeg', async () => {
    expect(await ffmpegDraw('/nowhere/ffmpeg')()).toBeUndefined();
  });
});
