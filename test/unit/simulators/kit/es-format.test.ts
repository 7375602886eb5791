import { describe, expect, it } from 'vitest';
import {
  parseAacConfig,
  parseAvcConfig,
  parseHevcConfig,
  toAdts,
  toAnnexB,
} from '../../../../simulators/kit/es-format.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('the set-up of AAC', () => {
  it.each([
    ['AAC-LC at 44,100 Hz, two channels', '1210', { profile: 1, frequencyIndex: 4, channels: 2 }],
    ['AAC-LC at 22,050 Hz, one channel', '1388', { profile: 1, frequencyIndex: 7, channels: 1 }],
    // Object type 5, core at 22,050 Hz, extension at 44,100 Hz, then the core's object type 2.
    ['HE-AAC, by its core', '2b920800', { profile: 1, frequencyIndex: 7, channels: 2 }],
    ['HE-AAC v2, by its core', 'eb8a0800', { profile: 1, frequencyIndex: 7, channels: 1 }],
    ['a sample rate spelled out', '1780562210', { profile: 1, frequencyIndex: 4, channels: 2 }],
  ])('%s', (_what, record, expected) => {
    expect(parseAacConfig(hex(record))).toEqual(expected);
  });

  it.each([
    ['xHE-AAC', 'f95010', 'object type'],
    ['a sample rate of its own', '1700001110', 'sample rate'],
    ['channels described elsewhere', '1200', 'channel configuration'],
    ['a part of one', '12', 'cut off'],
  ])('%s has no place', (_what, record, complaint) => {
    expect(() => parseAacConfig(hex(record))).toThrow(complaint);
  });

  it('is in the header of each frame', () => {
    expect(toAdts(Buffer.alloc(9), { profile: 1, frequencyIndex: 7, channels: 1 }).subarray(0, 7).toString('hex')).toBe(
      'fff15c40021ffc',
    );
  });
});

describe('a picture', () => {
  const avc = parseAvcConfig(hex('01 42c00d ff e1 0003 67aabb 01 0002 68cc'));
  const hevc = parseHevcConfig(
    Buffer.concat([Buffer.alloc(21, 1), hex('ff 03 20 0001 0002 4001 21 0001 0003 4201aa 22 0001 0002 4401')]),
  );

  it('brings its parameter sets where a decoder may start', () => {
    expect(toAnnexB(hex('00000002 65dd'), avc, true).toString('hex')).toBe(
      '0000000109f0 0000000167aabb 0000000168cc 0000000165dd'.replaceAll(' ', ''),
    );
    expect(toAnnexB(hex('00000002 41dd'), avc, false).toString('hex')).toBe('0000000109f00000000141dd');
    expect(toAnnexB(hex('00000003 2601dd'), hevc, true).toString('hex')).toBe(
      '00000001460150 000000014001 000000014201aa 000000014401 000000012601dd'.replaceAll(' ', ''),
    );
  });

  it('keeps those that are in the stream, which are newer', () => {
    const own = toAnnexB(hex('00000002 67ee 00000002 68ff 00000002 65dd'), avc, true).toString('hex');
    expect(own).toBe('0000000109f0 0000000167ee 0000000168ff 0000000165dd'.replaceAll(' ', ''));
  });

  it.each([
    ['a frame', () => toAnnexB(hex('00000009 65dd'), avc, true)],
    ['an H.264 set-up', () => parseAvcConfig(hex('01 42c00d ff e1 0009 67aabb'))],
    ['an HEVC set-up', () => parseHevcConfig(Buffer.concat([Buffer.alloc(21, 1), hex('ff 03 20 0001 0009 4001')]))],
  ])('%s that is cut off is refused', (_what, read) => {
    expect(read).toThrow('cut off');
  });
});
