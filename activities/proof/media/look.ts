import { createHash } from 'node:crypto';
import { describe, isText } from '../describe.ts';
import { Mp4Walk } from './look-mp4.ts';
import { lookAtTs } from './look-ts.ts';
import { boxAt } from './mp4.ts';
import { syncByte } from './mpeg-ts.ts';
import { aacMs, packedAudioIn } from './packed-audio.ts';
import { headBytes, type Init, type Look, wholeBytes } from './seen.ts';
import type { SegmentFile } from './segment-file.ts';

/** Looks at a segment: what container it is, and which time its samples cover. Rejects with `UnreadableSegment` alone. */
export async function look(file: SegmentFile, init: Init | undefined): Promise<Look> {
  const head = await file.read(0, headBytes);
  const seen = { ...(file.storedBytes !== undefined && { bytes: file.storedBytes }) };
  if (head.length === 0) return { ...seen, problem: 'has no bytes' };
  try {
    const inside = await lookInside(file, head, init);
    return { ...seen, ...inside, ...(inside.clock && { print: printOf(head, file.size) }) };
  } catch (error) {
    if (error instanceof RangeError) return { ...seen, problem: 'has boxes that contradict themselves' };
    throw error;
  }
}

const printOf = (head: Uint8Array, size = 0): string => `${size} ${createHash('sha256').update(head).digest('base64')}`;

async function lookInside(file: SegmentFile, head: Uint8Array, init: Init | undefined): Promise<Look> {
  if (head[0] === syncByte) return lookAtTs(file, head, init?.streams);
  const audio = packedAudioIn(head);
  if (audio) return lookAtAudio(file, audio);
  if (boxAt(head, 0)) return new Mp4Walk(file, head, init).look();
  return { problem: `is neither MPEG-TS nor MP4 nor sound, but ${describe(head)}` };
}

/** A segment that is encrypted and whose key is not given: its size must do, and that it is not text. */
export async function lookEncrypted(file: SegmentFile, why: string): Promise<Look> {
  const head = await file.read(0, 1_024);
  const bytes = file.storedBytes;
  const seen = { unseen: why, ...(bytes !== undefined && { bytes }) };
  if (head.length === 0) return { ...seen, problem: 'has no bytes' };
  if (isText(Buffer.from(head).toString('latin1'))) return { ...seen, problem: `is ${describe(head)}, not encrypted` };
  if (bytes !== undefined && bytes % 16 !== 0) return { ...seen, problem: 'has no whole number of encrypted blocks' };
  return seen;
}

async function lookAtAudio(file: SegmentFile, { format, at }: { format: string; at: number }): Promise<Look> {
  const size = file.size;
  if (format !== 'AAC' || size === undefined || size > wholeBytes) return { unseen: `${format} is not counted` };
  return { container: 'aac', lengthMs: aacMs(await file.read(0, size), at) };
}
