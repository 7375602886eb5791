import { createHash } from 'node:crypto';
import { describe, isText, seconds } from '../describe.ts';
import type { Container } from './ffmpeg.ts';
import { boxAt, type Fragment, fragmentsOf, type TrackHeads, trackHeadsOf } from './mp4.ts';
import { packetBytes, type Streams, scanTs, syncByte, type TsScan } from './mpeg-ts.ts';
import { aacMs, packedAudioIn } from './packed-audio.ts';
import { type Kind, leading, type Samples, type SampleTimes, tsTicksBetween, tsTicksPerMs } from './samples.ts';
import { type SegmentFile, UnreadableSegment } from './segment-file.ts';

/** What was seen of a segment. */
export interface Look {
  problem?: string;
  /** As stored; undefined where the server does not say. */
  bytes?: number;
  /** When its first sample begins, by its own clock, milliseconds. */
  startMs?: number;
  /** By which clock: times of different ones cannot be compared. */
  clock?: 'mpeg-ts' | 'mp4';
  /** From its first sample to the end of its last, milliseconds. */
  lengthMs?: number;
  /** How long its last sample lasts is not known. */
  isRough?: boolean;
  /** What a decoder must take it for; absent where it is not known. */
  container?: Container;
  /** As far as they were counted: all of MP4, of MPEG-TS those that were read. */
  pictures?: number;
  /** What was found in it. */
  kinds?: ReadonlySet<Kind>;
  /** Of MPEG-TS that was not read whole: what may be found in the rest of it. */
  streams?: Streams;
  /** Equal for two segments that begin with the same bytes and are of the same size. */
  print?: string;
  /** Why its samples could not be looked at. */
  unseen?: string;
}

/** What a segment needs of its initialisation section; empty where that could not be read. */
export interface Init {
  tracks?: TrackHeads;
  streams?: Streams;
  bytes?: Uint8Array;
}

/** Of a segment its beginning and its end are read, as much as shows some samples; more only where these show none. */
const headBytes = 16_384;
const tailBytes = [16_384, 131_072, 1_048_576];
const moreBytes = 1_048_576;
/** So many bytes are read whole where only the whole shows it: of a server that gives no parts, and of sound alone. */
const wholeBytes = 1_048_576;
/** Fragments of one segment that are looked at; low-latency segments have up to thirty. */
const mostFragments = 64;
/** Where nothing else is known, a sample lasts as long as a picture at 25 a second. */
const usualSampleMs = 40;
/** Of MP4 the end is read to see that it is there. */
const endBytes = 4_096;
/** A box has at least so many bytes besides its data. Some have more: too few to hide a fault. */
const boxHeadBytes = 8;

const isBlank = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.every((byte) => byte === 0);

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

async function lookAtTs(file: SegmentFile, head: Uint8Array, streams?: Streams): Promise<Look> {
  let [piece, scan] = [head, scanTs(head, streams)];
  if (!leading(scan.samples) && (file.size ?? moreBytes) > piece.length) {
    piece = await file.read(0, moreBytes);
    scan = scanTs(piece, streams);
  }
  if (scan.lostSyncAt !== undefined) return { problem: `has no MPEG-TS sync byte at ${scan.lostSyncAt}` };
  if (piece.length < packetBytes) return { problem: `is cut off after ${piece.length} bytes` };
  const first = leading(scan.samples);
  if (!first) {
    const where = piece.length < (file.size ?? 0) ? ` in its first ${piece.length} bytes` : '';
    return { problem: `has no picture and no sound${where}` };
  }
  const startMs = first.first / tsTicksPerMs;
  const end = await endOfTs(file, piece, scan);
  if (end?.problem !== undefined) return end;
  const isWhole = piece.length === file.size;
  const kind = {
    container: 'mpegts' as const,
    pictures: scan.samples.video?.count ?? 0,
    // A server that gives no parts of a file shows its beginning alone, which may lack a kind that the rest has.
    ...((end ?? isWhole) && { kinds: kindsIn(scan.samples, end?.samples) }),
    ...(!isWhole && { streams: scan.streams }),
  };
  const pause = isWhole ? interruption(scan) : undefined;
  if (pause !== undefined) return { problem: pause };
  if (!end) return { ...kind, startMs, clock: 'mpeg-ts' };
  const interval = end.last.interval ?? first.interval;
  const ticks = tsTicksBetween(first.first, end.last.last);
  if (ticks < 0) return { problem: 'ends before it begins, by its timestamps' };
  const lengthMs = ticks / tsTicksPerMs + (interval === undefined ? usualSampleMs : interval / tsTicksPerMs);
  return { ...kind, startMs, clock: 'mpeg-ts', lengthMs, ...(interval === undefined && { isRough: true }) };
}

const kindsIn = (...found: readonly (Samples | undefined)[]): Set<Kind> =>
  new Set(
    found.flatMap((samples = {}) => [
      ...(samples.video ? ['video' as const] : []),
      ...(samples.audio ? ['audio' as const] : []),
    ]),
  );

/** Whether a segment that was read at its ends alone has sound, or pictures, elsewhere: its end is read further back. */
export async function hasKind(file: SegmentFile, streams: Streams, kind: Kind): Promise<boolean> {
  // The first read says how large it is.
  await file.read(0, packetBytes);
  const size = file.size ?? 0;
  for (const bytes of tailBytes.slice(1)) {
    const from = wholePackets(Math.max(0, size - bytes));
    if (scanTs(await file.read(from, size - from), streams).samples[kind]) return true;
    if (from === 0) break;
  }
  return false;
}

/** Nothing for so long inside a segment: a sound comes many times a second, a picture once at least. */
const mostPauseMs = 1_500;
/** Pictures without sound for so long, in a segment that has both. */
export const mostSilenceMs = 2_000;

/** What is missing inside a segment that was read whole. */
export function interruption({ longestPause, samples: { video, audio } }: TsScan): string | undefined {
  if (longestPause > mostPauseMs * tsTicksPerMs) {
    return `has no picture and no sound for ${seconds(longestPause / tsTicksPerMs)} of its middle`;
  }
  if (!video || !audio) return undefined;
  const [before, behind] = [tsTicksBetween(video.first, audio.first), tsTicksBetween(audio.last, video.last)];
  return silenceProblem(Math.max(before, audio.longestPause, behind) / tsTicksPerMs);
}

const silenceProblem = (ms: number): string | undefined =>
  ms > mostSilenceMs ? `has no sound for ${seconds(ms)}` : undefined;

type End = { problem: string } | { last: SampleTimes; samples: Samples; problem?: undefined } | undefined;

/** The last samples of the segment: in the piece at hand when that is all of it, else at its end. */
async function endOfTs(file: SegmentFile, piece: Uint8Array, { samples, streams }: TsScan): Promise<End> {
  const wanted = samples.video ? 'video' : 'audio';
  const size = file.size;
  if (size === undefined || (size > piece.length && !file.givesParts && size > wholeBytes)) return undefined;
  for (const bytes of tailBytes) {
    const from = size <= piece.length ? 0 : wholePackets(Math.max(0, size - bytes));
    const tail = from === 0 && size <= piece.length ? piece : await file.read(from, bytes + packetBytes);
    // Only now, where it is encrypted, is it known how much of it is padding.
    const played = file.size ?? size;
    if (played % packetBytes !== 0) return { problem: `is cut off inside a packet, after ${played} bytes` };
    const scan = scanTs(tail, streams);
    if (scan.lostSyncAt !== undefined) return { problem: `has no MPEG-TS sync byte at ${from + scan.lostSyncAt}` };
    const last = scan.samples[wanted];
    if (last) return { last, samples: scan.samples };
    if (from === 0) break;
  }
  return { problem: `has no ${wanted === 'video' ? 'picture' : 'sound'} in its last ${moreBytes} bytes` };
}

const wholePackets = (bytes: number): number => bytes - (bytes % packetBytes);

async function lookAtAudio(file: SegmentFile, { format, at }: { format: string; at: number }): Promise<Look> {
  const size = file.size;
  if (format !== 'AAC' || size === undefined || size > wholeBytes) return { unseen: `${format} is not counted` };
  return { container: 'aac', lengthMs: aacMs(await file.read(0, size), at) };
}

/** Goes from box to box of a segment, over the samples, which are not read. */
class Mp4Walk {
  readonly #file: SegmentFile;
  #piece: Uint8Array;
  /** Where the piece at hand begins. */
  #from = 0;
  #tracks: TrackHeads | undefined;
  readonly #hasInit: boolean;
  readonly #fragments: Fragment[] = [];
  #sawFragment = false;
  /** In the boxes that hold samples. */
  #sampleBytes = 0;

  constructor(file: SegmentFile, head: Uint8Array, init: Init | undefined) {
    this.#file = file;
    this.#piece = head;
    this.#tracks = init?.tracks;
    this.#hasInit = init !== undefined;
  }

  async look(): Promise<Look> {
    const seen = await this.#walk();
    if (seen.problem !== undefined) return seen;
    const problem = await this.#endProblem();
    return problem === undefined ? seen : { problem };
  }

  /** The end of its samples is read too: a store may announce what it does not have, or have nothing there. */
  async #endProblem(): Promise<string | undefined> {
    const { size, givesParts } = this.#file;
    if (size === undefined || (!givesParts && size > wholeBytes)) return undefined;
    const from = Math.max(0, size - endBytes);
    const tail = await this.#file.read(from, endBytes);
    // Only now, where it is encrypted, is it known how much of it is padding.
    if (tail.length < (this.#file.size ?? size) - from) return 'is cut off inside its samples';
    return isBlank(tail) ? `has nothing but zeros in its last ${tail.length} bytes` : undefined;
  }

  async #walk(): Promise<Look> {
    let at = 0;
    for (let boxes = 0; boxes < 4 * mostFragments; boxes += 1) {
      const size = this.#file.size;
      if (size !== undefined && at >= size) return this.#found(at > size);
      const box = await this.#boxAt(at);
      if (box === 'none') return boxes === 0 ? { problem: 'is no MP4' } : { problem: `has no box at ${at}` };
      if (box === 'end') return this.#found(false);
      await this.#take(box.type, at, box.end);
      if (!Number.isFinite(box.end)) return this.#found(false);
      at = box.end;
      if (at - this.#from > this.#piece.length && !this.#file.givesParts && at > wholeBytes)
        return this.#found(false, true);
    }
    return this.#found(false, true);
  }

  /** Its end is beyond the piece at hand where the box is large. */
  async #boxAt(at: number): Promise<{ type: string; end: number } | 'none' | 'end'> {
    await this.#have(at, 16);
    if (at - this.#from >= this.#piece.length) return 'end';
    const box = boxAt(this.#piece, at - this.#from);
    return box ? { type: box.type, end: box.end + this.#from } : 'none';
  }

  async #take(type: string, at: number, end: number): Promise<void> {
    if (type === 'mdat') this.#sampleBytes += Math.min(end, this.#file.size ?? end) - at - boxHeadBytes;
    if (type !== 'moof' && type !== 'moov') return;
    if (!(await this.#have(at, Math.min(end - at, wholeBytes)))) throw new UnreadableSegment('is cut off');
    const here = this.#piece.subarray(at - this.#from, end - this.#from);
    if (type === 'moov') {
      this.#tracks = trackHeadsOf(here);
      return;
    }
    this.#sawFragment = true;
    const box = boxAt(here, 0);
    if (box && this.#tracks) this.#fragments.push(...fragmentsOf(here, box, this.#tracks));
  }

  /** Reads so much from there on unless it is at hand; whether it is all there. */
  async #have(at: number, bytes: number): Promise<boolean> {
    if (at - this.#from + bytes > this.#piece.length) {
      this.#piece = await this.#file.read(at, Math.max(bytes, headBytes));
      this.#from = at;
    }
    return this.#piece.length >= bytes;
  }

  #found(isCutOff: boolean, isPart = false): Look {
    if (isCutOff) return { problem: 'is cut off inside its samples' };
    if (!this.#sawFragment) return { problem: 'has no fragment with samples' };
    if (!this.#tracks) {
      return this.#hasInit ? { unseen: 'tracks that are not known' } : { problem: 'has no initialisation section' };
    }
    const announced = this.#fragments.reduce((sum, { bytes }) => sum + bytes, 0);
    if (!isPart && announced > this.#sampleBytes) {
      return { problem: `has ${this.#sampleBytes} bytes of samples, ${announced} are announced` };
    }
    const present = this.#fragments.filter(({ samples }) => samples > 0);
    const kind = present.some((fragment) => fragment.kind === 'video') ? 'video' : 'audio';
    const [first, ...others] = present.filter((fragment) => fragment.kind === kind);
    if (!first) return { problem: 'has no picture and no sound' };
    const lengthMs = others.reduce((sum, fragment) => sum + fragment.lengthMs, first.lengthMs);
    const sounds = present.filter((fragment) => fragment.kind === 'audio');
    const soundMs = sounds.reduce((sum, fragment) => sum + fragment.lengthMs, 0);
    const silence = !isPart && sounds.length > 0 ? silenceProblem(lengthMs - soundMs) : undefined;
    if (silence !== undefined) return { problem: silence };
    const start = first.startMs === undefined ? {} : { startMs: first.startMs, clock: 'mp4' as const };
    const pictures = kind === 'video' ? [first, ...others].reduce((sum, { samples }) => sum + samples, 0) : 0;
    const kinds = new Set(present.map((fragment) => fragment.kind));
    return { container: 'mp4', pictures, ...start, ...(!isPart && { lengthMs, kinds }) };
  }
}
