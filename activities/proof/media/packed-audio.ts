/** Sound without a container, behind an ID3 tag with its time or bare (RFC 8216, 3.4). */

export interface PackedAudio {
  format: 'AAC' | 'MPEG audio' | 'AC-3';
  /** Where its first frame begins, in the bytes at hand. */
  at: number;
}

const id3HeaderBytes = 10;
const samplesPerFrame = 1_024;
/** By the index in the header of a frame (ISO/IEC 14496-3, 1.6.3.4). */
const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/** Undefined where the bytes begin with none; without its first frame where the tag is longer than they are. */
export function packedAudioIn(bytes: Uint8Array): PackedAudio | undefined {
  const at = behindTags(bytes);
  const [a = 0, b = 0] = bytes.subarray(at);
  if (a === 0x0b && b === 0x77) return { format: 'AC-3', at };
  if (a !== 0xff || (b & 0xe0) !== 0xe0) return undefined;
  return { format: (b & 0xf6) === 0xf0 ? 'AAC' : 'MPEG audio', at };
}

function behindTags(bytes: Uint8Array): number {
  let at = 0;
  while (Buffer.from(bytes.subarray(at, at + 3)).toString('latin1') === 'ID3') {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at + 6, at + 10);
    at += id3HeaderBytes + (a << 21) + (b << 14) + (c << 7) + d;
  }
  return at;
}

/** How long the AAC frames last that follow each other from `at` on, milliseconds. */
export function aacMs(bytes: Uint8Array, at: number): number {
  let ms = 0;
  for (let next = at; next + 7 <= bytes.length; ) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = bytes.subarray(next, next + 7);
    const [length, rate] = [((d & 3) << 11) | (e << 3) | (f >> 5), rates[(c >> 2) & 15]];
    if (a !== 0xff || (b & 0xf6) !== 0xf0 || length < 7 || rate === undefined || next + length > bytes.length) break;
    ms += (samplesPerFrame * ((g & 3) + 1) * 1000) / rate;
    next += length;
  }
  return ms;
}
