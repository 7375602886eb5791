import HLS from 'hls-parser';
import { describe, expect, it } from 'vitest';
import { mediaPlaylist, multivariantPlaylist } from '../../../../simulators/kit/playlist.ts';

const startedAt = Date.parse('2026-12-01T18:00:00.000Z');
const segments = [
  { uri: 'a.ts', durationMs: 2000, startedAt, discontinuity: true },
  { uri: 'b.ts', durationMs: 2077, startedAt: startedAt + 2000, discontinuity: false },
  { uri: 'c.ts', durationMs: 1999.6, startedAt: startedAt + 9000, discontinuity: true },
];

const parse = (text: string) => HLS.parse(text) as HLS.types.MediaPlaylist;

describe('a media playlist', () => {
  it('is read by players as what it was made from', () => {
    const parsed = parse(mediaPlaylist({ segments, type: 'VOD', ended: true, programDateTime: true }));
    expect([parsed.playlistType, parsed.endlist, parsed.targetDuration]).toEqual(['VOD', true, 3]);
    expect(parsed.segments.map((one) => [one.uri, one.duration, one.discontinuity ?? false])).toEqual([
      ['a.ts', 2, false],
      ['b.ts', 2.077, false],
      ['c.ts', 2, true],
    ]);
    expect(parsed.segments.map((one) => one.programDateTime?.getTime())).toEqual(segments.map((one) => one.startedAt));
  });

  it('says nothing of an end while it goes on, nor of a type while segments may leave it', () => {
    const text = mediaPlaylist({ segments, type: 'LIVE', ended: false, mediaSequence: 4, discontinuitySequence: 1 });
    expect(text).not.toMatch(/ENDLIST|PLAYLIST-TYPE|PROGRAM-DATE-TIME/);
    const parsed = parse(text);
    expect([parsed.mediaSequenceBase, parsed.discontinuitySequenceBase]).toEqual([4, 1]);
    expect(parsed.segments[0]?.discontinuity).toBe(true);
  });

  it('may be empty', () => {
    expect(mediaPlaylist({ segments: [], type: 'EVENT', ended: false })).toBe(
      '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n',
    );
  });

  it('keeps its target duration while it grows, when given one', () => {
    const playlist = { type: 'EVENT', ended: false, targetDurationMs: 6000 } as const;
    expect(parse(mediaPlaylist({ ...playlist, segments })).targetDuration).toBe(6);
  });
});

describe('a multivariant playlist', () => {
  it('is read by players as what it was made from', () => {
    const parsed = HLS.parse(
      multivariantPlaylist({
        variants: [
          {
            uri: 'v/0.m3u8',
            bitsPerSecond: 300_000.4,
            width: 320,
            height: 180,
            frameRate: 25,
            codecs: 'avc1.64001e,mp4a.40.2',
          },
          { uri: 'v/1.m3u8', bitsPerSecond: 0 },
        ],
      }),
    ) as HLS.types.MasterPlaylist;
    expect(parsed.variants).toMatchObject([
      {
        uri: 'v/0.m3u8',
        bandwidth: 300_000,
        resolution: { width: 320, height: 180 },
        frameRate: 25,
        codecs: 'avc1.64001e,mp4a.40.2',
      },
      { uri: 'v/1.m3u8', bandwidth: 1 },
    ]);
  });
});
