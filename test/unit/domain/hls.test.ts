import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPlaylist } from '../../../domain/hls.ts';

const media = [
  '#EXTM3U',
  '#EXT-X-TARGETDURATION:4',
  '#EXT-X-MEDIA-SEQUENCE:7',
  '#EXTINF:4.000,',
  'a.ts',
  '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:10.000Z',
  '#EXTINF:3.500,',
  'b.ts',
];

test('a media playlist says its segments, its length and the wall clock at both ends', () => {
  expect(readPlaylist(media.join('\r\n'))).toEqual({
    kind: 'media',
    targetMs: 4_000,
    newest: 8,
    uris: ['a.ts', 'b.ts'],
    durationMs: 7_500,
    newestMs: 3_500,
    from: Date.parse('2026-01-01T00:00:06.000Z'),
    until: Date.parse('2026-01-01T00:00:13.500Z'),
    ended: false,
    isPlain: true,
  });
});

test('a gap lies between two dates: the end counts from the last date', () => {
  const text = [...media, '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T01:00:00Z', '#EXTINF:2,', 'c.ts', '#EXT-X-ENDLIST'];
  expect(readPlaylist(Buffer.from(text.join('\n')))).toMatchObject({
    durationMs: 9_500,
    until: Date.parse('2026-01-01T01:00:02Z'),
    ended: true,
  });
});

test('a multivariant playlist says its media playlists in order', () => {
  const text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n\n#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh.m3u8\n';
  expect(readPlaylist(text)).toEqual({ kind: 'multivariant', uris: ['low.m3u8', 'high.m3u8'], hasSoundApart: false });
  const apart = `${text}#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="en.m3u8"\n`;
  expect(readPlaylist(apart)).toMatchObject({ hasSoundApart: true });
});

test('what does not begin with #EXTM3U is no playlist, and no text throws', () => {
  for (const text of ['', '<html>', '{}', ' #EXTM3U', '#EXTM3U8\n']) expect(readPlaylist(text)).toBeUndefined();
  fc.assert(fc.property(fc.string(), (tail) => void readPlaylist(`#EXTM3U\n${tail}`)));
});

test('the newest segment has the initialisation section and the key that were written before it', () => {
  const text = (...lines: string[]) => readPlaylist([...media, ...lines, '#EXTINF:2,', 'c.m4s'].join('\n'));
  expect(text('#EXT-X-MAP:URI="init.mp4"')).toMatchObject({ map: 'init.mp4', isPlain: true });
  expect(text('#EXT-X-MAP:URI="all.mp4",BYTERANGE="10@0"')).toMatchObject({ map: 'all.mp4', isPlain: false });
  expect(text('#EXT-X-BYTERANGE:10@0')).toMatchObject({ isPlain: false });
  expect(text('#EXT-X-KEY:METHOD=AES-128,URI="k"')).toMatchObject({ isPlain: false });
  expect(text('#EXT-X-KEY:METHOD=AES-128,URI="k"', '#EXT-X-KEY:METHOD=NONE')).toMatchObject({ isPlain: true });
});
