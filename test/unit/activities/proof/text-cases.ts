import { tsMedia } from '../../../support/media.ts';
import { type Case, edited, minute, ranges, segmentBytes } from './case-parts.ts';
import { ladder, pieces, store, windowOf } from './recording.ts';

/** Playlists whose text is wrong. */
export const textCases: readonly Case[] = [
  {
    what: 'a playlist that is not there',
    check: 'playlist-loads',
    detail: /index\.m3u8 answered 404/,
    store: () => minute(),
    given: { name: 'none/index.m3u8' },
  },
  {
    what: 'a playlist behind a lock',
    check: 'playlist-loads',
    detail: /answered 403/,
    store: () => minute().put('index.m3u8', '', { status: 403 }),
  },
  {
    what: 'a store that stays broken',
    check: 'playlist-loads',
    detail: /answered 503/,
    store: () => minute().put('index.m3u8', '', { status: 503 }),
  },
  {
    what: 'an empty playlist',
    check: 'playlist-loads',
    detail: /is empty/,
    store: () => minute().put('index.m3u8', ''),
  },
  {
    what: 'an HTML page served as success',
    check: 'playlist-loads',
    detail: /is a web page instead of a playlist/,
    store: () =>
      minute().put('index.m3u8', '<!DOCTYPE html>\n<html><body>Sign in</body></html>', { contentType: 'text/html' }),
  },
  {
    what: 'an HTML page that claims to be a playlist',
    check: 'playlist-loads',
    detail: /is a web page instead of a playlist/,
    store: () => minute().put('index.m3u8', '<html>'),
  },
  {
    what: 'a playlist served as a web page',
    check: 'playlist-loads',
    detail: /content type text\/html/,
    store: () => {
      const s = minute();
      return s.put('index.m3u8', s.text('index.m3u8'), { contentType: 'text/html' });
    },
  },
  {
    what: 'an undescribed file whose name does not say it either',
    check: 'playlist-loads',
    detail: /content type application\/octet-stream/,
    store: () => {
      const s = minute();
      return s.put('index', s.text('index.m3u8'), { contentType: 'application/octet-stream' });
    },
    given: { name: 'index' },
  },
  {
    what: 'a playlist without its first line',
    check: 'playlist-loads',
    detail: /is text instead of a playlist/,
    store: () => edited((t) => t.replace('#EXTM3U\n', '')),
  },
  {
    what: 'bytes that are no text',
    check: 'playlist-loads',
    detail: /is MPEG-TS instead of a playlist/,
    store: () => minute().put('index.m3u8', tsMedia({ startMs: 0, lengthMs: 6_000 })),
  },

  {
    what: 'a playlist of both kinds',
    check: 'playlist-kind',
    detail: /mixes EXTINF and EXT-X-STREAM-INF/,
    store: () => edited((t) => t.replace('#EXT-X-ENDLIST', '#EXT-X-STREAM-INF:BANDWIDTH=1\n0.ts\n#EXT-X-ENDLIST')),
  },
  {
    what: 'a playlist of neither kind',
    check: 'playlist-kind',
    detail: /neither segments nor variants/,
    store: () => minute().put('index.m3u8', '#EXTM3U\n'),
  },
  {
    what: 'a variant without BANDWIDTH',
    check: 'playlist-kind',
    detail: /variant 0 has no BANDWIDTH/,
    store: () => ladder(pieces(10)).edit('master.m3u8', (t) => t.replace('BANDWIDTH=20000,', '')),
    given: { name: 'master.m3u8' },
  },
  {
    what: 'a variant that cannot be reached',
    check: 'playlist-kind',
    detail: /low\/index\.m3u8 answered 404/,
    store: () => {
      const s = ladder(pieces(10));
      s.files.delete('https://vod.example/show/low/index.m3u8');
      return s;
    },
    given: { name: 'master.m3u8' },
  },
  {
    what: 'a variant that is a list of variants itself',
    check: 'playlist-kind',
    detail: /low\/index\.m3u8 is no media playlist/,
    store: () => {
      const s = ladder(pieces(10));
      return s.put('low/index.m3u8', s.text('master.m3u8'));
    },
    given: { name: 'master.m3u8' },
  },
  {
    what: 'nothing but key frames in its segments',
    check: 'playlist-kind',
    detail: /index\.m3u8: has nothing but key frames/,
    store: () => edited((t) => t.replace('#EXTINF', '#EXT-X-I-FRAMES-ONLY\n#EXTINF')),
  },
  {
    what: 'a variable that nothing defines',
    check: 'segment-list',
    also: ['segments-play'],
    detail: /1 variables that nothing defines/,
    store: () => edited((t) => t.replace('4.ts', '{$folder}4.ts')),
  },
  {
    what: 'variants without an address',
    check: 'playlist-kind',
    detail: /no address/,
    store: () => minute().put('master.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n'),
    given: { name: 'master.m3u8' },
  },
  {
    what: 'nothing but key frames to play',
    check: 'playlist-kind',
    detail: /no variant to play/,
    store: () => minute().put('master.m3u8', '#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="index.m3u8"\n'),
    given: { name: 'master.m3u8' },
  },

  {
    what: 'no target duration',
    check: 'target-duration',
    detail: /0 EXT-X-TARGETDURATION/,
    store: () => edited((t) => t.replace(/#EXT-X-TARGETDURATION.*\n/, '')),
  },
  {
    what: 'a target duration that is no number',
    check: 'target-duration',
    detail: /is not a number/,
    store: () => edited((t) => t.replace('DURATION:6', 'DURATION:soon')),
  },
  {
    what: 'a segment longer than the target',
    check: 'target-duration',
    detail: /segment 3 lasts 9 s, the target is 6 s/,
    store: () =>
      store(
        pieces(10).map((p, i) => (i === 3 ? { duration: 9 } : p)),
        { target: 6 },
      ),
    given: { windows: [windowOf(63)] },
  },

  {
    what: 'a live playlist',
    check: 'ended',
    detail: /no EXT-X-ENDLIST/,
    store: () => edited((t) => t.replace('#EXT-X-ENDLIST\n', '')),
  },
  {
    what: 'a playlist that ends twice',
    check: 'ended',
    detail: /2 EXT-X-ENDLIST/,
    store: () => edited((t) => `${t}#EXT-X-ENDLIST\n`),
  },
  {
    what: 'segments after the end',
    check: 'ended',
    also: ['duration'],
    detail: /2 lines after/,
    store: () => edited((t) => `${t}#EXTINF:6,\n10.ts\n`).put('10.ts', tsMedia({ startMs: 70_000, lengthMs: 6_000 })),
  },
  {
    what: 'a vendor that never said it is final',
    check: 'ended',
    detail: /no sign of its own/,
    store: minute,
    given: { asset: { finality: ' ' } },
  },

  {
    what: 'an unknown playlist type',
    check: 'type-and-version',
    detail: /is neither VOD nor EVENT/,
    store: () => edited((t) => t.replace('TYPE:VOD', 'TYPE:LIVE')),
  },
  {
    what: 'fractions in version 2',
    check: 'type-and-version',
    detail: /fractional EXTINF needs version 3/,
    store: () => store(pieces(10, 5.96), { version: 2 }),
  },
  {
    what: 'an initialisation section in version 4',
    check: 'type-and-version',
    also: ['segments-play'],
    detail: /EXT-X-MAP needs version 5/,
    store: () => edited((t) => t.replace('#EXTINF', '#EXT-X-MAP:URI="init.mp4"\n#EXTINF')),
  },
  {
    what: 'two versions',
    check: 'type-and-version',
    detail: /more than one EXT-X-VERSION/,
    store: () => edited((t) => t.replace('#EXT-X-VERSION:4', '#EXT-X-VERSION:4\n#EXT-X-VERSION:7')),
  },

  { what: 'no segments', check: 'segment-list', also: ['duration'], detail: /no segments/, store: () => store([]) },
  {
    what: 'a playlist cut off after an EXTINF',
    check: 'segment-list',
    also: ['duration'],
    detail: /an EXTINF without an address/,
    store: () => edited((t) => t.replace('9.ts\n', '')),
  },
  {
    what: 'a playlist cut off inside an EXTINF',
    check: 'segment-list',
    also: ['ended', 'duration'],
    detail: /EXTINF without an address|is not a duration/,
    store: () => edited((t) => t.slice(0, t.lastIndexOf('6.000'))),
  },
  {
    what: 'an EXTINF without its number',
    check: 'segment-list',
    also: ['duration', 'segments-play'],
    detail: /EXTINF of segment 4 is not a duration/,
    store: () => edited((t) => t.replace('#EXTINF:6.000,\n4.ts', '#EXTINF:\n4.ts')),
  },
  {
    what: 'an address without EXTINF',
    check: 'segment-list',
    also: ['duration', 'segments-play'],
    detail: /1 addresses without EXTINF/,
    store: () => edited((t) => t.replace('#EXTINF:6.000,\n4.ts', '4.ts')),
  },
  {
    what: 'a segment listed twice',
    check: 'segment-list',
    also: ['duration', 'segments-play'],
    detail: /segment 4 is listed twice/,
    store: () => edited((t) => t.replace('4.ts', '3.ts')),
  },
  {
    what: 'byte ranges with a hole',
    check: 'segment-list',
    also: ['segments-play'],
    detail: /segment 1 begins at \d+, the one before ended at \d+/,
    store: () =>
      ranges([
        [segmentBytes, 0],
        [segmentBytes, segmentBytes + 564],
      ]),
    given: { windows: [windowOf(12)] },
  },
];
