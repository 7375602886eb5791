import { box, mp4Media, tsMedia } from '../../../support/media.ts';
import { type Case, encrypted, fragmented, minute } from './case-parts.ts';
import { ladder, pieces, type Store, store, windowOf } from './recording.ts';

const packetBytes = 188;
const media = (i: number, lengthMs = 6_000) => tsMedia({ startMs: 10_000 + i * 6_000, lengthMs });

/** Tables and nothing else: two packets. */
const tables = media(0).subarray(0, 2 * packetBytes);

function nullPackets(bytes: number): Buffer {
  const packets = Buffer.alloc(bytes - (bytes % packetBytes), 0xff);
  for (let at = 0; at < packets.length; at += packetBytes) packets.set([0x47, 0x1f, 0xff, 0x10], at);
  return packets;
}

/** Each file of the segments replaced. */
function replaced(from: Store, numbers: readonly number[], body: (i: number) => string | Uint8Array): Store {
  for (const i of numbers) from.put(`${i}.ts`, body(i));
  return from;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const all = range(0, 10);
const page = '<!DOCTYPE html><html><body>This page is for those who signed in only.</body></html>';

/** Sound is where neither of its ends is looked at. */
const large = (i: number, audio: boolean) => {
  const startMs = 10_000 + i * 6_000;
  const piece = (fromMs: number, lengthMs: number, hasSound: boolean) =>
    tsMedia({ startMs: startMs + fromMs, lengthMs, everyMs: 100, bytes: 4_000, silent: !hasSound });
  return Buffer.concat([piece(0, 1_000, false), piece(1_000, 4_000, audio), piece(5_000, 1_000, false)]);
};

/** Playlists that are right, with segments that hold no show. */
export const sampleCases: readonly Case[] = [
  {
    what: 'tables alone in 148 of its 150 segments',
    check: 'segments-play',
    detail: /\/1\.ts has no picture and no sound; .* and \d+ more/,
    store: () => replaced(store(pieces(150)), range(1, 149), () => tables),
    given: { windows: [windowOf(900)] },
  },
  {
    what: 'null packets behind its tables',
    check: 'segments-play',
    detail: /\/4\.ts has no picture and no sound/,
    store: () => replaced(minute(), [4], () => Buffer.concat([tables, nullPackets(60_000)])),
  },
  {
    what: 'megabytes of null packets behind its tables',
    check: 'segments-play',
    detail: /\/4\.ts has no picture and no sound in its first 1048576 bytes/,
    store: () => replaced(minute(), [4], () => Buffer.concat([tables, nullPackets(2_000_000)])),
  },
  {
    what: 'megabytes of null packets behind its first pictures',
    check: 'segments-play',
    detail: /\/4\.ts has no picture in its last 1048576 bytes/,
    store: () => replaced(minute(), [4], (i) => Buffer.concat([media(i, 1_000), nullPackets(3_000_000)])),
  },
  {
    what: 'null packets behind its first pictures',
    check: 'segments-play',
    detail: /segment 4 holds 1 s of media, 6 s are listed/,
    store: () => replaced(minute(), [4], (i) => Buffer.concat([media(i, 1_000), nullPackets(60_000)])),
  },
  {
    what: 'a segment that was cut off inside a packet',
    check: 'segments-play',
    detail: /\/4\.ts is cut off inside a packet, after \d+ bytes/,
    store: () => replaced(minute(), [4], (i) => media(i).subarray(0, -100)),
  },
  {
    what: 'a large segment that was cut off inside a packet',
    check: 'segments-play',
    detail: /\/4\.ts is cut off inside a packet, after \d+ bytes/,
    store: () =>
      replaced(minute(), [4], (i) =>
        tsMedia({ startMs: 10_000 + i * 6_000, lengthMs: 6_000, bytes: 9_000 }).subarray(0, -1),
      ),
  },
  {
    what: 'half of each segment',
    check: 'segments-play',
    also: ['duration'],
    detail: /segment 0 holds 3 s of media, 6 s are listed/,
    store: () => replaced(minute(), all, (i) => media(i, 3_000)),
  },
  {
    what: 'the same segment again and again, under other names',
    check: 'segments-play',
    also: ['duration'],
    detail: /0 s of media between segments 0 and 1, 6 s are listed/,
    store: () => replaced(minute(), all, () => media(0)),
  },
  {
    what: 'segments that were swapped',
    check: 'segments-play',
    detail: /6 s are missing between segments 3 and 4.*the timestamps go back by 6 s between segments 4 and 5/,
    store: () => replaced(minute(), [4, 5], (i) => media(i === 4 ? 5 : 4)),
  },
  {
    what: 'a segment less, without a word of it',
    check: 'segments-play',
    also: ['duration'],
    detail: /6 s are missing between segments 3 and 4, without a DISCONTINUITY/,
    store: () => replaced(store(pieces(9)), range(4, 9), (i) => media(i + 1)),
  },
  {
    what: 'a page instead of an encrypted segment',
    check: 'segments-play',
    detail: /\/4\.ts (has no whole number of encrypted blocks|cannot be decrypted with its key)/,
    store: () => encrypted(minute()).put('4.ts', page),
  },
  {
    what: 'a page of whole blocks instead of an encrypted segment',
    check: 'segments-play',
    detail: /\/4\.ts cannot be decrypted with its key/,
    store: () => encrypted(minute()).put('4.ts', page.padEnd(128)),
  },
  {
    what: 'pages instead of encrypted segments whose key is not given',
    check: 'segments-play',
    detail: /\/0\.ts is a web page, not encrypted/,
    store: () => replaced(encrypted(minute()).put('k', '', { status: 403 }), all, () => page.padEnd(2_048)),
  },
  {
    what: 'encrypted segments of a few bytes whose key is not given',
    check: 'segments-play',
    detail: /segment 4 has 16 bytes for 6 s/,
    store: () => encrypted(minute()).put('k', '', { status: 403 }).put('4.ts', Buffer.alloc(16, 0x8f)),
  },
  {
    what: 'encrypted segments with far fewer bytes than its variant declares',
    check: 'segments-play',
    detail: /segment 0 has \d+ bytes for 6 s; .*kbit\/s|segment 0 has \d+ bytes for 6 s/,
    store: () => {
      const s = encrypted(minute()).put('k', '', { status: 403 });
      return s.put('master.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=6000000\nindex.m3u8\n');
    },
    given: { name: 'master.m3u8' },
  },
  {
    what: 'far fewer bytes than its variants declare',
    check: 'segments-play',
    detail: /kbit\/s on average, declared are 6000/,
    store: () => ladder(pieces(10)).edit('master.m3u8', (t) => t.replace(/BANDWIDTH=\d+/g, 'BANDWIDTH=6000000')),
    given: { name: 'master.m3u8' },
  },
  {
    what: 'a key that does not open its segments',
    check: 'segments-play',
    detail: /\/0\.ts (cannot be decrypted with its key|is neither)/,
    store: () => encrypted(minute()).put('k', Buffer.from('another of 16 by')),
  },
  {
    what: 'a fragment that was cut off inside its samples',
    check: 'segments-play',
    detail: /\/4\.ts is cut off inside its samples/,
    store: () =>
      replaced(fragmented(), [4], (i) => mp4Media({ startMs: i * 6_000, lengthMs: 6_000 }).subarray(0, -500)),
  },
  {
    what: 'fragments without samples',
    check: 'segments-play',
    detail: /\/4\.ts has no picture and no sound/,
    store: () =>
      replaced(fragmented(), [4], () =>
        Buffer.concat([box('moof', box('mfhd', Buffer.alloc(8))), box('mdat', Buffer.alloc(60_000))]),
      ),
  },
  {
    what: 'fragments whose second half lacks the sound',
    check: 'segments-play',
    detail: /no sound in segments 5 to 9, unlike elsewhere/,
    store: () =>
      replaced(fragmented(), range(5, 10), (i) => mp4Media({ startMs: i * 6_000, lengthMs: 6_000, audio: false })),
  },
  {
    what: 'large segments whose second half lacks the sound',
    check: 'segments-play',
    detail: /no sound in segments 5 to 9, unlike elsewhere/,
    store: () => replaced(minute(), all, (i) => large(i, i < 5)),
  },
  {
    what: 'a sound that ends in the middle of a segment',
    check: 'segments-play',
    detail: /4\.ts has no sound for 3(\.\d)? s/,
    store: () =>
      replaced(minute(), [4], () =>
        Buffer.concat([
          tsMedia({ startMs: 34_000, lengthMs: 3_000 }),
          tsMedia({ startMs: 37_000, lengthMs: 3_000, audio: false }),
        ]),
      ),
  },
  {
    what: 'a variant of which each segment lacks a little',
    check: 'variants-agree',
    detail: /low\/index\.m3u8: 9 s shorter than the first variant/,
    store: () => {
      const s = ladder(pieces(10));
      for (const i of all)
        s.put(`low/${i}.ts`, tsMedia({ startMs: 10_000 + i * 6_000, lengthMs: 5_100, everyMs: 100 }));
      return s;
    },
    given: { name: 'master.m3u8' },
  },
  {
    what: 'a key without an end',
    check: 'uris',
    detail: /has more than 16 bytes; a key has 16/,
    store: () => encrypted(minute()).put('k', Buffer.alloc(1_000_000)),
  },
  {
    what: 'fragments that hold half of their time',
    check: 'segments-play',
    also: ['duration'],
    detail: /segment 0 holds 3 s of media, 6 s are listed/,
    store: () => replaced(fragmented(), all, (i) => mp4Media({ startMs: i * 6_000, lengthMs: 3_000 })),
  },
  {
    what: 'fragments whose boxes contradict themselves',
    check: 'segments-play',
    detail: /\/4\.ts has (boxes that contradict themselves|no picture and no sound)/,
    store: () =>
      replaced(fragmented(), [4], () =>
        Buffer.concat([box('moof', box('traf', box('tfhd'), box('trun'))), box('mdat', Buffer.alloc(60_000))]),
      ),
  },
  {
    what: 'fragments of tracks that its initialisation section does not have',
    check: 'segments-play',
    detail: /init\.mp4 is no initialisation section/,
    store: () => fragmented().put('init.mp4', box('ftyp', Buffer.alloc(8))),
  },
];
