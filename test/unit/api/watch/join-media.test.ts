import fc from 'fast-check';
import HLS from 'hls-parser';
import { describe, expect, it } from 'vitest';
import { joinMedia } from '../../../../api/watch/join-media.ts';
import type { FetchedPlaylist } from '../../../../api/watch/playlist-text.ts';

type Media = HLS.types.MediaPlaylist;
const parse = (text: string): Media => HLS.parse(text) as Media;

interface Made {
  seconds: number;
  /** Bytes, where the segment is a part of the file before. */
  range?: number;
  restarts: boolean;
  /** The number of a key from here on; 0 for none, undefined for no change. */
  key?: number;
  hasVector: boolean;
}

interface Recording {
  first: number;
  map: boolean;
  segments: Made[];
}

const segment = fc.record({
  seconds: fc.integer({ min: 1, max: 12_000 }).map((ms) => ms / 1000),
  range: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: undefined }),
  restarts: fc.boolean(),
  key: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  hasVector: fc.boolean(),
});
const recordings = fc.boolean().chain((map) =>
  fc.array(
    fc.record({
      first: fc.integer({ min: 0, max: 5_000 }),
      map: fc.constant(map),
      segments: fc.array(segment, { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
);
const vector = '0x000102030405060708090a0b0c0d0e0f';

/** A recording of its own, as a vendor writes it, at an address of its own. */
function written({ first, map, segments }: Recording, index: number): FetchedPlaylist {
  let at: number | undefined;
  const lines = segments.flatMap(({ seconds, range, restarts, key, hasVector }, i) => {
    const begins = at === undefined;
    const offset = begins ? 100 : undefined;
    at = range === undefined ? undefined : (at ?? 100) + range;
    return [
      ...(restarts ? ['#EXT-X-DISCONTINUITY'] : []),
      ...(key === 0 ? ['#EXT-X-KEY:METHOD=NONE'] : []),
      ...(key ? [`#EXT-X-KEY:METHOD=AES-128,URI="keys/${key}"${hasVector ? `,IV=${vector}` : ''}`] : []),
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(1_000_000 * index + 1_000 * i).toISOString()}`,
      `#EXTINF:${seconds},`,
      ...(range === undefined ? [] : [`#EXT-X-BYTERANGE:${range}${offset === undefined ? '' : `@${offset}`}`]),
      range === undefined ? `../segments/${i}.ts` : 'whole.ts',
    ];
  });
  const target = Math.max(...segments.map(({ seconds }) => Math.round(seconds)), 1);
  const text = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    '#EXT-X-DISCONTINUITY-SEQUENCE:7',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...(map ? ['#EXT-X-MAP:URI="init.mp4",BYTERANGE="720@0"'] : []),
    ...lines,
    '#EXT-X-ENDLIST',
  ];
  return { text: text.join('\n'), url: `https://vod.example.com/r${index}/hls/playlist.m3u8?x=1` };
}

/** What a player must do for a segment, read by a parser that we did not write. */
const meaningOf = (playlist: Media, base: string) =>
  playlist.segments.map(({ uri, duration, byterange, key, map, programDateTime, mediaSequenceNumber }) => ({
    uri: new URL(uri, base).href,
    duration,
    byterange,
    date: programDateTime?.getTime(),
    map: map && [new URL(map.uri, base).href, map.byterange],
    key: key?.method === 'AES-128' && {
      uri: new URL(key.uri ?? '', base).href,
      iv: key.iv
        ? Buffer.from(key.iv as unknown as Uint8Array).toString('hex')
        : mediaSequenceNumber.toString(16).padStart(32, '0'),
    },
  }));

describe('recordings joined to one playlist', () => {
  it('mean for a player what each meant, one after the other, with a discontinuity between', () => {
    fc.assert(
      fc.property(recordings, (all) => {
        const parts = all.map(written);
        const joined = parse(joinMedia(parts));
        const before = parts.map(({ text, url }) => ({ url, playlist: parse(text) }));
        expect(meaningOf(joined, 'https://elsewhere.invalid/')).toEqual(
          before.flatMap(({ playlist, url }) => {
            let end = 0;
            return meaningOf(playlist, url).map((one) => {
              const offset = one.byterange?.offset || end;
              end = one.byterange ? offset + one.byterange.length : 0;
              return { ...one, byterange: one.byterange && { length: one.byterange.length, offset } };
            });
          }),
        );
        const starts = new Set(
          before.map((_, i) => before.slice(0, i).reduce((n, b) => n + b.playlist.segments.length, 0)),
        );
        const restarts = before.flatMap(({ playlist }) =>
          playlist.segments.map(({ discontinuity = false }) => discontinuity),
        );
        expect(joined.segments.map(({ discontinuity = false }) => discontinuity)).toEqual(
          restarts.map((restart, i) => i > 0 && (restart || starts.has(i))),
        );
        expect(joined.targetDuration).toBe(Math.max(...before.map(({ playlist }) => playlist.targetDuration)));
        expect([joined.mediaSequenceBase, joined.discontinuitySequenceBase ?? 0]).toEqual([0, 0]);
        expect([joined.endlist, joined.playlistType]).toEqual([true, 'VOD']);
      }),
      { numRuns: 300 },
    );
  });

  it('begin with no key of the recording before', () => {
    const plain = written({ first: 0, map: false, segments: [{ seconds: 1, restarts: false, hasVector: false }] }, 1);
    const keyed = written(
      { first: 9, map: false, segments: [{ seconds: 1, restarts: false, key: 1, hasVector: false }] },
      0,
    );
    const text = joinMedia([keyed, plain]);
    expect(text).toContain(
      'METHOD=AES-128,URI="https://vod.example.com/r0/hls/keys/1",IV=0x00000000000000000000000000000009',
    );
    expect(text).toMatch(/#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=NONE\n/);
  });

  it('keep the keys of each format, and end those that are over', () => {
    const text = (...lines: string[]) => ({
      text: ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...lines, '#EXTINF:2,', 's.m4s'].join('\n'),
      url: 'https://a.example/x.m3u8',
    });
    const drm = (format: string) =>
      `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain,${format}",KEYFORMAT="${format}"`;
    const joined = joinMedia([text(drm('fairplay'), drm('widevine')), text(drm('widevine'))]);
    expect(
      joined.split('\n').filter((line) => line.startsWith('#EXT-X-KEY') || line.startsWith('#EXT-X-DISC')),
    ).toEqual([drm('fairplay'), drm('widevine'), '#EXT-X-DISCONTINUITY', '#EXT-X-KEY:METHOD=NONE', drm('widevine')]);
  });

  it.each([
    ['#EXT-X-DEFINE:NAME="a",VALUE="b"', 'variables'],
    ['#EXT-X-I-FRAMES-ONLY', 'single pictures'],
    ['#EXT-X-SKIP:SKIPPED-SEGMENTS=3', 'leaves segments out'],
  ])('are refused where they have %s', (line, why) => {
    const part = { text: `#EXTM3U\n${line}\n#EXTINF:1,\na.ts\n`, url: 'https://a.example/x.m3u8' };
    expect(() => joinMedia([part, part])).toThrow(why);
  });

  it('are refused where a player could not read them, or only one has an initialisation section', () => {
    const at = (text: string) => ({ text: `#EXTM3U\n${text}\n`, url: 'https://a.example/x.m3u8' });
    expect(() => joinMedia([at('#EXTINF:1,\ns3://bucket/a.ts')])).toThrow('s3:');
    expect(() => joinMedia([at('#EXT-X-MAP:URI="i.mp4"\n#EXTINF:1,\na.m4s'), at('#EXTINF:1,\na.ts')])).toThrow(
      'initialisation section',
    );
    expect(() => joinMedia([at(''), at('')])).toThrow('no segments');
    expect(() => joinMedia([{ text: '<html>', url: 'https://a.example/' }])).toThrow('no playlist');
  });
});
