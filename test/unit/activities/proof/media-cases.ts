import { box, tsMedia } from '../../../support/media.ts';
import { broken, type Case, dated, edited, encrypted, fragmented, minute, ranges, segmentBytes } from './case-parts.ts';
import { ladder, pieces, showStart, store, windowOf } from './recording.ts';

const segment = () => tsMedia({ startMs: 34_000, lengthMs: 6_000 });

/** Playlists that look right until they are followed or compared. */
export const mediaCases: readonly Case[] = [
  {
    what: 'a missing segment',
    check: 'segments-play',
    detail: /\/4\.ts answered 404/,
    store: () => {
      const s = minute();
      s.files.delete('https://vod.example/show/4.ts');
      return s;
    },
  },
  {
    what: 'a segment without bytes',
    check: 'segments-play',
    detail: /4\.ts (has no bytes|answered 416)/,
    store: () => minute().put('4.ts', new Uint8Array()),
  },
  {
    what: 'a segment without bytes, from a server without ranges',
    check: 'segments-play',
    detail: /4\.ts has no bytes/,
    store: () => {
      const s = minute().put('4.ts', new Uint8Array());
      s.honoursRanges = false;
      return s;
    },
  },
  {
    what: 'a segment that is a page',
    check: 'segments-play',
    detail: /4\.ts is neither MPEG-TS nor MP4 nor sound, but a web page/,
    store: () => minute().put('4.ts', '<html>not found</html>'),
  },
  {
    what: 'a segment out of sync',
    check: 'segments-play',
    detail: /no MPEG-TS sync byte at 376/,
    store: () => {
      const bad = segment();
      bad[376] = 0;
      return minute().put('4.ts', bad);
    },
  },
  {
    what: 'a segment cut off in its first packet',
    check: 'segments-play',
    detail: /cut off after 100 bytes/,
    store: () => minute().put('4.ts', segment().subarray(0, 100)),
  },
  {
    what: 'a byte range beyond the file',
    check: 'segments-play',
    detail: /all\.ts has \d+ bytes, but bytes up to \d+ are listed/,
    store: () =>
      ranges([
        [segmentBytes, 0],
        [segmentBytes + 188, segmentBytes],
      ]),
    given: { windows: [windowOf(12)] },
  },
  {
    what: 'a byte range that is no media, from a server without ranges',
    check: 'segments-play',
    detail: /all\.ts is neither MPEG-TS nor MP4/,
    store: () => {
      const s = ranges([
        [segmentBytes, 0],
        [segmentBytes, segmentBytes],
      ]);
      s.files.get('https://vod.example/show/all.ts')?.body.fill(1, segmentBytes);
      s.honoursRanges = false;
      return s;
    },
    given: { windows: [windowOf(12)] },
  },
  {
    what: 'a missing initialisation section',
    check: 'segments-play',
    detail: /init\.mp4 answered 404/,
    store: () => fragmented().put('init.mp4', '', { status: 404 }),
  },
  {
    what: 'an initialisation section that is none',
    check: 'segments-play',
    detail: /init\.mp4 is no initialisation section/,
    store: () => fragmented().put('init.mp4', 'init'),
  },
  {
    what: 'a fragment that is none',
    check: 'segments-play',
    detail: /4\.ts has no fragment with samples/,
    store: () => fragmented().put('4.ts', box('mdat', Buffer.alloc(2_000))),
  },
  {
    what: 'a fragment without initialisation section',
    check: 'segments-play',
    detail: /4\.ts has no initialisation section/,
    store: () => minute().put('4.ts', fragmented().files.get('https://vod.example/show/4.ts')?.body ?? ''),
  },

  {
    what: 'a date that is none',
    check: 'timeline',
    detail: /segment 0 .* no date/,
    store: () => edited((t) => t.replace('#EXTINF', '#EXT-X-PROGRAM-DATE-TIME:yesterday\n#EXTINF')),
  },
  {
    what: 'a clock that jumps without a discontinuity',
    check: 'timeline',
    detail: /at segment 5 the date is off by 4 s/,
    store: () => store(dated(5, 4000, false)),
  },
  {
    what: 'a clock that goes back',
    check: 'timeline',
    detail: /at segment 5 the date goes back by 20 s/,
    store: () => store(dated(5, -20_000, true)),
  },
  {
    what: 'segments marked as missing while the encoder was there',
    check: 'timeline',
    also: ['duration'],
    detail: /1 of 10 segments \(6 s\) are marked as missing; the encoder was away for 0 s/,
    store: () => store(pieces(10).map((p, i) => ({ ...p, gap: i === 4 }))),
    given: { windows: [windowOf(60)] },
  },

  {
    what: 'a recording that is too short',
    check: 'duration',
    detail: /too short: 60 s recorded, 120 s of show/,
    store: minute,
    given: { windows: [windowOf(120)] },
  },
  {
    what: 'a recording that is too long',
    check: 'duration',
    detail: /too long: 60 s recorded, 30 s of show/,
    store: minute,
    given: { windows: [windowOf(30)] },
  },
  {
    what: 'a minute lost from a long show',
    check: 'duration',
    detail: /too short/,
    store: () => store(pieces(580)),
    given: { windows: [windowOf(3600)] },
  },
  {
    what: 'a recording of which the vendor says otherwise',
    check: 'duration',
    detail: /60 s in the playlist, the vendor states 90 s/,
    store: minute,
    given: { asset: { durationMs: 90_000 } },
  },
  {
    what: 'a hole where no loss was seen',
    check: 'duration',
    detail: /30 s are missing before segment 5/,
    store: () => store(dated(5, 30_000, true)),
  },
  {
    what: 'a hole longer than the loss',
    check: 'duration',
    detail: /60 s are missing/,
    store: () => store(dated(5, 60_000, true)),
    given: { windows: [windowOf(30), windowOf(30, showStart + 50_000)] },
  },
  {
    what: 'more holes than losses',
    check: 'duration',
    detail: /30 s are missing before segment 7/,
    store: () =>
      store(
        dated(4, 30_000, true).map((p, i) =>
          i >= 7 ? { ...p, date: (p.date ?? 0) + 30_000, discontinuity: i === 7 } : p,
        ),
      ),
    given: { windows: [windowOf(24), windowOf(36, showStart + 54_000)] },
  },

  {
    what: 'variants of different length',
    check: 'variants-agree',
    detail: /low\/index\.m3u8: 12 s shorter/,
    store: () => store(pieces(8), { folder: 'low/', into: ladder(pieces(10)) }),
    given: { name: 'master.m3u8' },
  },
  {
    what: 'variants with different discontinuities',
    check: 'variants-agree',
    detail: /1 discontinuities, the first variant has 0/,
    store: () => store(broken(5), { folder: 'low/', into: ladder(pieces(10)) }),
    given: { name: 'master.m3u8' },
  },
  {
    what: 'variants with discontinuities elsewhere',
    check: 'variants-agree',
    detail: /discontinuity 1 is not where/,
    store: () => store(broken(5), { folder: 'low/', into: ladder(broken(2)) }),
    given: { name: 'master.m3u8' },
  },

  {
    what: 'a segment on a private host',
    check: 'uris',
    also: ['segments-play'],
    detail: /private host 10\.0\.0\.7/,
    store: () => edited((t) => t.replace('4.ts', 'http://10.0.0.7/4.ts')),
  },
  {
    what: 'a variant on a private host',
    check: 'uris',
    detail: /private host origin\.internal/,
    store: () => ladder(pieces(10)).edit('master.m3u8', (t) => t.replace('low/', 'https://origin.internal/low/')),
    given: { name: 'master.m3u8' },
  },
  {
    what: 'a segment in a local file',
    check: 'uris',
    also: ['segments-play'],
    detail: /scheme file:/,
    store: () => edited((t) => t.replace('4.ts', 'file:///etc/passwd')),
  },
  {
    what: 'a key that is not there',
    check: 'uris',
    detail: /key \/show\/k answered 404/,
    store: () => encrypted(minute()).put('k', '', { status: 404 }),
  },
  {
    what: 'a key of the wrong length',
    check: 'uris',
    detail: /has 3 bytes; a key has 16/,
    store: () => encrypted(minute()).put('k', 'abc'),
  },

  {
    what: 'a playlist that grows although it had ended',
    check: 'unchanged',
    detail: /changed between two reads/,
    store: () => {
      const s = minute();
      s.whilePaused = () =>
        s.put('index.m3u8', `${s.text('index.m3u8').replace('#EXT-X-ENDLIST', '#EXTINF:6,\n10.ts\n#EXT-X-ENDLIST')}`);
      return s;
    },
  },
  {
    what: 'a variant that changes',
    check: 'unchanged',
    detail: /low\/index\.m3u8 changed/,
    store: () => {
      const s = ladder(pieces(10));
      s.whilePaused = () => s.edit('low/index.m3u8', (t) => t.replace('0.ts', '00.ts'));
      return s;
    },
    given: { name: 'master.m3u8' },
  },
  {
    what: 'a playlist that goes away',
    check: 'unchanged',
    detail: /answered 404 when read again/,
    store: () => {
      const s = minute();
      s.whilePaused = () => s.files.clear();
      return s;
    },
  },
];
