import { seconds } from '../describe.ts';
import { packetBytes, type Streams, scanTs, type TsScan } from './mpeg-ts.ts';
import { type Kind, leading, type Samples, type SampleTimes, tsTicksBetween, tsTicksPerMs } from './samples.ts';
import { type Look, silenceProblem, wholeBytes } from './seen.ts';
import type { SegmentFile } from './segment-file.ts';

/** Of a segment its end is read, as much as shows some samples; more only where these show none. */
const tailBytes = [16_384, 131_072, 1_048_576];
const moreBytes = 1_048_576;
/** Where nothing else is known, a sample lasts as long as a picture at 25 a second. */
const usualSampleMs = 40;

export async function lookAtTs(file: SegmentFile, head: Uint8Array, streams?: Streams): Promise<Look> {
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
/** What is missing inside a segment that was read whole. */
export function interruption({ longestPause, samples: { video, audio } }: TsScan): string | undefined {
  if (longestPause > mostPauseMs * tsTicksPerMs) {
    return `has no picture and no sound for ${seconds(longestPause / tsTicksPerMs)} of its middle`;
  }
  if (!video || !audio) return undefined;
  const [before, behind] = [tsTicksBetween(video.first, audio.first), tsTicksBetween(audio.last, video.last)];
  return silenceProblem(Math.max(before, audio.longestPause, behind) / tsTicksPerMs);
}

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
