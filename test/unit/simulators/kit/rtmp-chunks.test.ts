import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ChunkReader,
  ChunkWriter,
  controlMessage,
  messagesIn,
  messageTypes,
  type RtmpMessage,
} from '../../../../simulators/kit/rtmp-chunks.ts';

const chunkStream = fc.integer({ min: 3, max: 63 });
const message = fc.record({
  type: fc.constantFrom(messageTypes.audio, messageTypes.video, messageTypes.data, messageTypes.command),
  streamId: fc.nat({ max: 0xffffffff }),
  timestamp: fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff)),
  data: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)),
});
const chunkSize = fc.integer({ min: 1, max: 5000 }).map((size) => controlMessage(messageTypes.setChunkSize, size));

/** Feeds `wire` in pieces of these sizes, over and over. */
function readInPieces(wire: Buffer, sizes: readonly number[]): RtmpMessage[] {
  const reader = new ChunkReader();
  const messages: RtmpMessage[] = [];
  for (let at = 0, turn = 0; at < wire.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    messages.push(...reader.push(wire.subarray(at, at + size)));
    at += size;
  }
  return messages;
}

const header = (first: number, ...rest: number[]) => Buffer.from([first, ...rest]);

describe('RTMP chunks', () => {
  it('are put together to the messages they were cut from, wherever the network splits them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(chunkStream, fc.oneof({ weight: 5, arbitrary: message }, chunkSize)), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        (sent, sizes) => {
          const writer = new ChunkWriter();
          const wire = Buffer.concat(sent.map(([id, one]) => writer.encode(id, one)));
          const expected = sent.map(([, one]) => one).filter((one) => one.type !== messageTypes.setChunkSize);
          expect(readInPieces(wire, sizes)).toEqual(expected);
        },
      ),
    );
  });

  it('of two streams may be interleaved', () => {
    const [video, audio] = [Buffer.alloc(200, 1), Buffer.alloc(150, 2)];
    const wire = Buffer.concat([
      header(0x06, 0, 0, 40, 0, 0, 200, 9, 1, 0, 0, 0),
      video.subarray(0, 128),
      header(0x04, 0, 0, 41, 0, 0, 150, 8, 1, 0, 0, 0),
      audio.subarray(0, 128),
      header(0xc6),
      video.subarray(128),
      header(0xc4),
      audio.subarray(128),
    ]);
    expect(new ChunkReader().push(wire)).toEqual([
      { type: 9, streamId: 1, timestamp: 40, data: video },
      { type: 8, streamId: 1, timestamp: 41, data: audio },
    ]);
  });

  it('with shortened headers take what they leave out from the message before', () => {
    const wire = Buffer.concat([
      header(0x04, 0, 0, 100, 0, 0, 1, 8, 1, 0, 0, 0, 0xaa),
      header(0x44, 0, 0, 20, 0, 0, 2, 8, 0xbb, 0xbb),
      header(0x84, 0, 0, 23, 0xcc, 0xcc),
      header(0xc4, 0xdd, 0xdd),
    ]);
    const messages = new ChunkReader().push(wire);
    expect(messages.map(({ timestamp, streamId, type }) => [timestamp, streamId, type])).toEqual([
      [100, 1, 8],
      [120, 1, 8],
      [143, 1, 8],
      [166, 1, 8],
    ]);
    expect(messages.map(({ data }) => data.toString('hex'))).toEqual(['aa', 'bbbb', 'cccc', 'dddd']);
  });

  it('of a late message repeat its long timestamp in front of every part', () => {
    const late = { type: 9, streamId: 1, timestamp: 0x01020304, data: Buffer.alloc(300, 0xaa) };
    const wire = new ChunkWriter().encode(6, late).toString('hex');
    expect(wire.split('aa'.repeat(128))).toEqual([
      `06ffffff00012c090100000001020304`,
      'c601020304',
      `c601020304${'aa'.repeat(44)}`,
    ]);
  });

  it.each([
    ['repeat it in every part', 'c601020304'],
    ['say it once', 'c6'],
  ])('of a late message are understood of senders that %s', (_habit, between) => {
    const body = 'aa'.repeat(128);
    const late = Buffer.from(
      `06ffffff00012c090100000001020304${body}${between}${body}${between}${'aa'.repeat(44)}`,
      'hex',
    );
    const next = header(0xc4 + 2, ...(between === 'c6' ? [] : [1, 2, 3, 4]), ...Buffer.alloc(128, 0xbb));
    const messages = readInPieces(Buffer.concat([late, next]), [50]);
    expect(messages).toEqual([{ type: 9, streamId: 1, timestamp: 0x01020304, data: Buffer.alloc(300, 0xaa) }]);
  });

  it.each([1, 2, 127, 4096, 65_536])('of %d bytes cost no more than the message they make', (size) => {
    const data = Buffer.alloc(200_000, 7);
    const writer = new ChunkWriter();
    const announced = writer.encode(2, controlMessage(messageTypes.setChunkSize, size));
    const wire = writer.encode(6, { type: 9, streamId: 1, timestamp: 40, data });
    const reader = new ChunkReader();
    reader.push(announced);
    const before = process.memoryUsage();
    expect(reader.push(wire.subarray(0, -1))).toEqual([]);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(100 * 1024 * 1024);
    expect(reader.push(wire.subarray(-1))[0]?.data.equals(data)).toBe(true);
  });

  it('of an unknown sender may make only small messages, until it is known who that is', () => {
    const reader = ChunkReader.wary();
    const large = new ChunkWriter().encode(6, { type: 9, streamId: 1, timestamp: 0, data: Buffer.alloc(70_000) });
    expect(() => reader.push(large)).toThrow('larger than 65536');
    const known = ChunkReader.wary();
    known.trust();
    expect(known.push(large)).toHaveLength(1);
  });

  it('of an unknown sender are not kept beyond a bound, however many messages they begin', () => {
    const reader = ChunkReader.wary();
    const begin = (id: number) =>
      reader.push(Buffer.concat([header(id, 0, 0, 0, 0, 0xff, 0xff, 9, 1, 0, 0, 0), Buffer.alloc(60_000)]));
    reader.push(new ChunkWriter().encode(2, controlMessage(messageTypes.setChunkSize, 60_000)));
    begin(3);
    begin(4);
    expect(() => begin(5)).toThrow('unfinished');
  });

  it('of an aborted message are forgotten', () => {
    const started = Buffer.concat([header(0x06, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0), Buffer.alloc(128, 1)]);
    const writer = new ChunkWriter();
    const whole = { type: 9, streamId: 1, timestamp: 7, data: Buffer.from('whole') };
    const wire = Buffer.concat([
      started,
      writer.encode(2, controlMessage(messageTypes.abort, 6)),
      writer.encode(6, whole),
    ]);
    expect(new ChunkReader().push(wire)).toEqual([whole]);
  });

  it.each([
    ['a message that never began', header(0xc4), 'never began'],
    ['a message larger than any picture', header(0x04, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0), 'larger than'],
    ['a chunk size of nothing', header(0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0), 'chunk size'],
  ])('refuse %s', (_what, wire, complaint) => {
    expect(() => new ChunkReader().push(wire)).toThrow(complaint);
  });

  it('that never end are refused before they fill the memory', () => {
    const reader = new ChunkReader();
    const megabyte = 1024 * 1024;
    reader.push(new ChunkWriter().encode(2, controlMessage(messageTypes.setChunkSize, megabyte)));
    const begin = (id: number) =>
      reader.push(Buffer.concat([header(id, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0), Buffer.alloc(megabyte)]));
    for (let id = 3; id < 19; id += 1) begin(id);
    expect(() => begin(19)).toThrow('unfinished');
  });

  it('made of any bytes give messages or an error, never a crash or a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        try {
          expect(new ChunkReader().push(Buffer.from(bytes))).toBeInstanceOf(Array);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).message).not.toMatch(/out of range|undefined/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an aggregate message', () => {
  const part = (type: number, time: number, data: Buffer) => {
    const head = Buffer.alloc(11);
    head.writeUInt8(type, 0);
    head.writeUIntBE(data.length, 1, 3);
    head.writeUIntBE(time & 0xffffff, 4, 3);
    head.writeUInt8(time >>> 24, 7);
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };

  it('is the messages in it, each as much later as it is after the first', () => {
    const data = Buffer.concat([part(9, 5000, Buffer.from('picture')), part(8, 5023, Buffer.from('sound'))]);
    expect([...messagesIn({ type: messageTypes.aggregate, streamId: 1, timestamp: 0xffffffff, data })]).toEqual([
      { type: 9, streamId: 1, timestamp: 0xffffffff, data: Buffer.from('picture') },
      { type: 8, streamId: 1, timestamp: 22, data: Buffer.from('sound') },
    ]);
  });

  it('that is cut off is refused', () => {
    const data = part(9, 0, Buffer.from('picture')).subarray(0, 14);
    expect(() => [...messagesIn({ type: 22, streamId: 1, timestamp: 0, data })]).toThrow('cut off');
  });
});
