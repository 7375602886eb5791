import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MediaTag } from '../../../../simulators/kit/flv.ts';
import { codecOf, packetsOf } from '../../../../simulators/kit/media-packets.ts';

const tag = (type: MediaTag['type'], ...parts: (number | string | Buffer)[]): MediaTag => ({
  type,
  timestamp: 0,
  data: Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.of(part) : typeof part === 'string' ? Buffer.from(part) : part,
    ),
  ),
});
const offset = (ms: number) => {
  const bytes = Buffer.alloc(3);
  bytes.writeIntBE(ms, 0, 3);
  return bytes;
};
const size = (bytes: number) => offset(bytes);

const facts = (one: MediaTag) =>
  packetsOf(one).map(({ track, trackId, codec, kind, key, compositionOffset, payload }) =>
    [track, trackId, codec, kind, key, compositionOffset, payload.toString()].join(' '),
  );

describe('the packets of a message', () => {
  it.each<[string, MediaTag, string[]]>([
    ['H.264', tag('video', 0x17, 1, offset(80), 'picture'), ['video 0 AVC frame true 80 picture']],
    ['H.264, between', tag('video', 0x27, 1, offset(-40), 'picture'), ['video 0 AVC frame false -40 picture']],
    ['H.264, set-up', tag('video', 0x17, 0, offset(0), 'set-up'), ['video 0 AVC config true 0 set-up']],
    ['H.264, the end', tag('video', 0x17, 2, offset(0)), ['video 0 AVC other true 0 ']],
    ['HEVC in the old form', tag('video', 0x1c, 1, offset(0), 'picture'), ['video 0 HEVC frame true 0 picture']],
    ['a codec of long ago', tag('video', 0x12, 'picture'), ['video 0 H263 frame true 0 picture']],
    ['a command', tag('video', 0x57, 0), []],
    ['AAC', tag('audio', 0xaf, 1, 'sound'), ['audio 0 AAC frame true 0 sound']],
    ['AAC, set-up', tag('audio', 0xaf, 0, 'set-up'), ['audio 0 AAC config true 0 set-up']],
    ['MP3', tag('audio', 0x2f, 'sound'), ['audio 0 MP3 frame true 0 sound']],
    ['enhanced H.264', tag('video', 0x91, 'avc1', offset(80), 'picture'), ['video 0 AVC frame true 80 picture']],
    ['enhanced HEVC', tag('video', 0xa1, 'hvc1', offset(80), 'picture'), ['video 0 HEVC frame false 80 picture']],
    ['enhanced HEVC without offset', tag('video', 0x93, 'hvc1', 'picture'), ['video 0 HEVC frame true 0 picture']],
    ['enhanced set-up', tag('video', 0x90, 'hvc1', 'set-up'), ['video 0 HEVC config true 0 set-up']],
    ['enhanced metadata', tag('video', 0x94, 'hvc1', 'colours'), ['video 0 HEVC other true 0 colours']],
    ['AV1', tag('video', 0x91, 'av01', 'picture'), ['video 0 AV1 frame true 0 picture']],
    ['an enhanced command', tag('video', 0xd1, 0), []],
    ['Opus', tag('audio', 0x91, 'Opus', 'sound'), ['audio 0 Opus frame true 0 sound']],
    ['enhanced AAC', tag('audio', 0x90, 'mp4a', 'set-up'), ['audio 0 AAC config true 0 set-up']],
    ['channels of it', tag('audio', 0x94, 'mp4a', 'map'), ['audio 0 AAC other true 0 map']],
    ['a codec of tomorrow', tag('video', 0x91, 'new1', 'picture'), ['video 0 codec new1 frame true 0 picture']],
    [
      'a time to the nanosecond in front',
      tag('video', 0x97, 2, 'abc', 0x01, 'hvc1', offset(80), 'picture'),
      ['video 0 HEVC frame true 80 picture'],
    ],
    [
      'one track of several',
      tag('video', 0x96, 0x01, 'avc1', 3, offset(0), 'picture'),
      ['video 3 AVC frame true 0 picture'],
    ],
    [
      'several tracks',
      tag('audio', 0x95, 0x11, 'mp4a', 0, size(3), 'one', 1, size(3), 'two'),
      ['audio 0 AAC frame true 0 one', 'audio 1 AAC frame true 0 two'],
    ],
    [
      'several tracks and codecs',
      tag('audio', 0x95, 0x21, 'mp4a', 0, size(3), 'one', 'Opus', 1, size(3), 'two'),
      ['audio 0 AAC frame true 0 one', 'audio 1 Opus frame true 0 two'],
    ],
    ['a kind of tomorrow', tag('video', 0x27, 9, offset(0), 'picture'), ['video 0 AVC unknown false 0 picture']],
    ['a kind of tomorrow, of sound', tag('audio', 0xaf, 9, 'sound'), ['audio 0 AAC unknown true 0 sound']],
    ['an enhanced kind of tomorrow', tag('video', 0x99, 'hvc1', 'x'), ['video 0 HEVC unknown true 0 x']],
    ['what only pictures have', tag('audio', 0x93, 'mp4a', 'x'), ['audio 0 AAC unknown true 0 x']],
    ['the end of enhanced sound', tag('audio', 0x92, 'mp4a'), ['audio 0 AAC other true 0 ']],
    ['nothing', tag('video'), []],
    ['metadata', tag('data', 'onMetaData'), []],
  ])('%s', (_what, message, expected) => {
    expect(facts(message)).toEqual(expected);
  });

  it.each([
    ['H.264', tag('video', 0x17, 1, 0)],
    ['AAC', tag('audio', 0xaf)],
    ['enhanced RTMP', tag('video', 0x91, 'hv')],
    ['several tracks', tag('audio', 0x95, 0x11, 'mp4a', 0, size(9), 'one')],
  ])('of %s are refused when they are cut off', (_what, message) => {
    expect(() => packetsOf(message)).toThrow('cut off');
    expect(codecOf(message)).toBeUndefined();
  });

  it('are packets or an error that says why, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((data) => Buffer.from(data));
    fc.assert(
      fc.property(fc.constantFrom<MediaTag['type']>('audio', 'video'), bytes, (type, data) => {
        try {
          expect(packetsOf({ type, timestamp: 0, data })).toBeInstanceOf(Array);
        } catch (error) {
          expect((error as Error).message).toContain('cut off');
        }
      }),
      { numRuns: 3000 },
    );
  });
});
