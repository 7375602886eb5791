import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { type MediaTag, readFlvTags } from '../../../../simulators/kit/flv.ts';
import { packetsOf } from '../../../../simulators/kit/media-packets.ts';
import type { TsSegment, TsSegmenterOptions } from '../../../../simulators/kit/ts-segmenter.ts';
import { segmenterWith } from '../../../support/real-media.ts';

const clip = readFlvTags(await readFile(new URL('../../../../simulators/kit/fixture.flv', import.meta.url)));
const isPicture = (tag: MediaTag) => tag.type === 'video' && packetsOf(tag)[0]?.kind === 'frame';

function segmentsOf(tags: readonly MediaTag[], options: Partial<TsSegmenterOptions> = {}): TsSegment[] {
  const segments: TsSegment[] = [];
  const onSegment = (segment: TsSegment) => segments.push(segment);
  const segmenter = segmenterWith({ onSegment, ...options });
  for (const tag of tags) segmenter.tag(tag);
  segmenter.finish();
  return segments;
}

/** Each picture's times in 90 kHz ticks, read from the packets by hand. */
function pictureTimes({ bytes }: TsSegment): { pts: number; dts: number }[] {
  const times: { pts: number; dts: number }[] = [];
  for (let at = 0; at < bytes.length; at += 188) {
    const packet = bytes.subarray(at, at + 188);
    const starts = (packet.readUInt8(1) & 0x40) !== 0;
    const pid = packet.readUInt16BE(1) & 0x1fff;
    if (!starts || pid !== 0x100) continue;
    const pes = packet.subarray(4 + 1 + packet.readUInt8(4));
    const pts = ticksAt(pes, 9);
    times.push({ pts, dts: (pes.readUInt8(7) & 0x40) !== 0 ? ticksAt(pes, 14) : pts });
  }
  return times;
}

const ticksAt = (pes: Buffer, at: number): number =>
  ((pes.readUInt8(at) >> 1) & 7) * 2 ** 30 +
  (pes.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
  (pes.readUInt16BE(at + 3) >> 1);

function delayed(tag: MediaTag, offsetMs: number): MediaTag {
  if (!isPicture(tag)) return tag;
  const data = Buffer.from(tag.data);
  data.writeIntBE(offsetMs, 2, 3);
  return { ...tag, data };
}

describe('the segmenter', () => {
  it.each([700, -700])('dates pictures by the encoder’s clock, however unevenly they come (%d ms)', (lateMs) => {
    const begunAt = Date.parse('2026-12-01T18:00:00Z');
    const clock = vi.spyOn(Date, 'now').mockReturnValue(begunAt);
    const segments: TsSegment[] = [];
    const onSegment = (segment: TsSegment) => segments.push(segment);
    const segmenter = segmenterWith({ onSegment });
    const first = clip.find(isPicture)?.timestamp ?? 0;
    for (const tag of clip) {
      const sinceMs = tag.timestamp - first;
      clock.mockReturnValue(begunAt + (sinceMs < 1000 ? 0 : sinceMs + lateMs));
      segmenter.tag(tag);
    }
    segmenter.finish();
    clock.mockRestore();
    expect(segments.length).toBeGreaterThan(1);
    let expected = begunAt;
    for (const { startedAt, durationMs } of segments) {
      expect(startedAt).toBe(expected);
      expected += durationMs;
    }
  });

  it('keeps decoding and presentation times as the encoder gave them', () => {
    const offsets = [80, 160, 0, 40];
    const pictures = clip.filter(isPicture);
    const offsetOf = (tag: MediaTag) => offsets[pictures.indexOf(tag) % offsets.length] ?? 0;
    const times = segmentsOf(clip.map((tag) => delayed(tag, offsetOf(tag)))).flatMap(pictureTimes);
    const firstMs = pictures[0]?.timestamp ?? 0;
    const expected = pictures.map((tag) => {
      const dts = (tag.timestamp - firstMs + 1000) * 90;
      return { dts, pts: dts + offsetOf(tag) * 90 };
    });
    expect(times).toEqual(expected);
  });

  it('waits for a key frame, however long that takes', () => {
    const segments = segmentsOf(clip, { targetDurationMs: 500 });
    expect(segments.map((segment) => segment.durationMs).slice(0, 4)).toEqual([2000, 2000, 2000, 2000]);
  });

  it('begins with the first key frame when it joins in the middle', () => {
    const isSetUp = (tag: MediaTag) => tag.data[1] === 0;
    const joined = clip.filter((tag) => isSetUp(tag) || tag.timestamp > 1000);
    const [first] = segmentsOf(joined);
    expect([first?.durationMs, first?.discontinuity]).toEqual([2000, true]);
    expect(pictureTimes(first as TsSegment)[0]?.dts).toBe(90_000);
  });

  it('goes on where its 33-bit clock begins again', () => {
    const wrap = 2 ** 33;
    const [first] = segmentsOf(clip, { timelineStartMs: wrap / 90 - 2000 });
    const times = pictureTimes(first as TsSegment).map(({ dts }) => dts);
    expect(Math.max(...times)).toBeGreaterThan(wrap - 10_000);
    expect(Math.min(...times)).toBeLessThan(90_000);
    for (const time of times) expect(time).toBeLessThan(wrap);
  });

  it('numbers packets without a break over all segments', () => {
    const counters = new Map<number, number>();
    for (const { bytes } of segmentsOf(clip)) {
      expect(bytes.length % 188).toBe(0);
      for (let at = 0; at < bytes.length; at += 188) {
        expect(bytes.readUInt8(at)).toBe(0x47);
        const pid = bytes.readUInt16BE(at + 1) & 0x1fff;
        const counter = bytes.readUInt8(at + 3) & 15;
        const before = counters.get(pid);
        if (before !== undefined) expect(counter).toBe((before + 1) & 15);
        counters.set(pid, counter);
      }
    }
  });

  it('gives up a segment that no key frame ends before it fills the memory', () => {
    const [key] = clip.filter(isPicture);
    const megabyte = Buffer.alloc(1024 * 1024);
    megabyte.writeUInt32BE(megabyte.length - 4, 0);
    const big = Buffer.concat([Buffer.from([0x27, 1, 0, 0, 0]), megabyte]);
    const firstMs = key?.timestamp ?? 0;
    const setUp = clip.filter((tag) => tag.timestamp <= firstMs);
    const flood = Array.from({ length: 100 }, (_, index) => ({
      type: 'video' as const,
      timestamp: firstMs + 1 + index,
      data: big,
    }));
    const segments = segmentsOf([...setUp, ...flood]);
    expect(segments).toHaveLength(1);
    expect(segments[0]?.bytes.length).toBeLessThan(70 * 1024 * 1024);
  });
});

/** The stream types of each segment's PMT: 0x1b H.264, 0x24 HEVC, 0x0f AAC, 0x03 MP3. */
function tracksOf({ bytes }: TsSegment): number[] {
  const map = bytes.subarray(188, 376);
  expect(map.readUInt16BE(1) & 0x1fff).toBe(0x1000);
  const section = map.subarray(5);
  const end = 3 + (section.readUInt16BE(1) & 0xfff) - 4;
  const types: number[] = [];
  for (let at = 12; at < end; at += 5) types.push(section.readUInt8(at));
  return types;
}

describe('the tracks of a segment', () => {
  const isSound = (tag: MediaTag) => tag.type === 'audio';
  const isSetUp = (tag: MediaTag) => packetsOf(tag)[0]?.kind === 'config';

  it('are those that are in it, and another track is a discontinuity', () => {
    const late = clip.filter((tag) => !isSound(tag) || isSetUp(tag) || tag.timestamp > 5_000);
    const segments = segmentsOf(late);
    expect(segments.map(tracksOf)).toEqual([[0x1b], [0x1b], [0x1b, 0x0f], [0x1b, 0x0f], [0x1b, 0x0f]]);
    expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([true, false, true, false, false]);
  });

  it('stay listed over a silence, so that players need not begin anew', () => {
    const silent = clip.filter((tag) => !isSound(tag) || tag.timestamp < 2_500 || tag.timestamp > 7_000);
    const segments = segmentsOf(silent);
    expect(segments.map(tracksOf)).toEqual(segments.map(() => [0x1b, 0x0f]));
    expect(segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
  });

  it('begin with sound when the picture comes later than seconds', () => {
    const joined = clip.filter((tag) => tag.type !== 'video' || tag.timestamp > 5_000);
    const setUp = clip
      .filter((tag) => tag.type === 'video' && isSetUp(tag))
      .map((tag) => ({ ...tag, timestamp: 5_001 }));
    const segments = segmentsOf([...joined, ...setUp].sort((one, two) => one.timestamp - two.timestamp));
    expect(segments.map(tracksOf)[0]).toEqual([0x0f]);
    expect(segments.map(tracksOf).at(-1)).toEqual([0x1b, 0x0f]);
    const total = segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(Math.abs(total - 10_000)).toBeLessThan(150);
  });

  it('change with the codec of the sound, at a discontinuity', () => {
    const changed = clip.map((tag) =>
      isSound(tag) && tag.timestamp > 5_000 && !isSetUp(tag)
        ? { ...tag, data: Buffer.concat([Buffer.of(0x2f), tag.data.subarray(2)]) }
        : tag,
    );
    const troubles: string[] = [];
    const segments = segmentsOf(changed, { onTrouble: (what) => troubles.push(what) });
    expect(troubles).toEqual(['sound in MP3 came among sound in AAC', 'the sound changed from AAC to MP3']);
    expect(segments.flatMap(pictureTimes)).toHaveLength(clip.filter(isPicture).length);
    expect(segments.map(tracksOf)[0]).toEqual([0x1b, 0x0f]);
    expect(segments.map(tracksOf).at(-1)).toEqual([0x1b, 0x03]);
    expect(segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(2);
  });

  it('are cut without a key frame where the vendor does so', () => {
    const [firstKey] = clip.filter(isPicture);
    const one = clip.filter((tag) => !isPicture(tag) || tag === firstKey || packetsOf(tag)[0]?.key === false);
    expect(segmentsOf(one)).toHaveLength(1);
    const segments = segmentsOf(one, { maxDurationMs: 3_000 });
    expect(segments.length).toBeGreaterThan(2);
    for (const { durationMs } of segments.slice(0, -1)) expect(Math.abs(durationMs - 3_000)).toBeLessThan(70);
    expect(segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
  });

  it('of more than the first are reported', () => {
    const size = Buffer.of(0, 0, 1);
    const several = Buffer.concat([
      Buffer.of(0x95, 0x11),
      Buffer.from('mp4a'),
      Buffer.of(0),
      size,
      Buffer.of(7),
      Buffer.of(1),
      size,
      Buffer.of(8),
    ]);
    const troubles: string[] = [];
    segmentsOf([...clip, { type: 'audio', timestamp: 9_999, data: several }], {
      onTrouble: (what) => troubles.push(what),
    });
    expect(troubles).toEqual(['audio track 1 is not recorded, only track 0 is']);
  });
});
