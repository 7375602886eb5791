import { setTimeout as wait } from 'node:timers/promises';
import { type MediaTag, readFlvTags } from './flv.ts';
import { packetsOf } from './media-packets.ts';
import type { RtmpPublisher } from './rtmp-publisher.ts';

export interface PushFlvOptions {
  publisher: RtmpPublisher;
  flv: Buffer;
  /** How long the picture lasts; the file is repeated as often as that takes. Default: once. */
  seconds?: number;
  /** Added to every timestamp, milliseconds. Default 0. */
  startAtMs?: number;
  /** 1 is real time; `Infinity` as fast as the server takes it. Default 1. */
  speed?: number;
  signal?: AbortSignal;
}

/** Waits shorter than this are not worth a timer. */
const shortestWaitMs = 5;

/** Pushes a file, in real time and over and over; settles when it is through, aborted or the connection is gone. */
export async function pushFlv(options: PushFlvOptions): Promise<void> {
  const { publisher, startAtMs = 0, speed = 1, signal } = options;
  const tags = readFlvTags(options.flv);
  const period = periodOf(tags);
  const endMs = options.seconds === undefined ? period : options.seconds * 1000;
  const begunAt = performance.now();
  for (const tag of repeated(tags, period)) {
    if (tag.timestamp >= endMs || signal?.aborted) return;
    const early = tag.timestamp / speed - (performance.now() - begunAt);
    if (early > shortestWaitMs) await wait(early, undefined, { signal }).catch(() => undefined);
    if (!publisher.open || signal?.aborted) return;
    if (!publisher.send({ ...tag, timestamp: startAtMs + tag.timestamp })) await publisher.drained();
  }
}

/** Endless; set-up and metadata come once, and the clock of neither track goes back. */
function* repeated(tags: readonly MediaTag[], period: number): Generator<MediaTag> {
  const pushed = tags.filter((tag) => !isEndOfSequence(tag));
  yield* pushed;
  const frames = pushed.filter(isFrame);
  for (let base = period; ; base += period) {
    for (const tag of frames) yield { ...tag, timestamp: base + tag.timestamp };
  }
}

const isEndOfSequence = (tag: MediaTag): boolean =>
  tag.type === 'video' && packetsOf(tag).some(({ kind }) => kind === 'other');
const isFrame = (tag: MediaTag): boolean => packetsOf(tag).some(({ kind }) => kind === 'frame');

/** The longer track's length: from its first frame to one frame after its last. */
function periodOf(tags: readonly MediaTag[]): number {
  const frames = tags.filter(isFrame);
  const lengths = (['video', 'audio'] as const).map((type) => lengthOf(frames.filter((tag) => tag.type === type)));
  const period = Math.max(...lengths);
  if (period <= 0) throw new Error('this FLV file has no moving picture');
  return Math.round(period);
}

function lengthOf(frames: readonly MediaTag[]): number {
  const [first, last] = [frames[0]?.timestamp, frames.at(-1)?.timestamp];
  if (first === undefined || last === undefined || frames.length < 2) return 0;
  return last - first + (last - first) / (frames.length - 1);
}
