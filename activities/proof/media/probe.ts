import { inParallel } from '../../../domain/in-parallel.ts';
import type { Gap } from '../../../domain/report.ts';
import type { Print } from '../again.ts';
import type { CheckFindings } from '../checks.ts';
import type { Reader } from '../reader.ts';
import { spread } from '../sample.ts';
import type { InitSection, Segment, SegmentKey } from '../segments.ts';
import type { Sampled, Track } from '../track.ts';
import { shownFrom } from '../urls.ts';
import { kindProblems, printsOf, repeatProblems } from './alike.ts';
import type { Decode, Decoded } from './ffmpeg.ts';
import { isPlain, Keys } from './keys.ts';
import { look, lookEncrypted } from './look.ts';
import { hasKind, interruption } from './look-ts.ts';
import { boxAt, trackHeadsOf } from './mp4.ts';
import { type Streams, scanTs } from './mpeg-ts.ts';
import { rateProblems, thinOnes } from './rates.ts';
import type { Kind } from './samples.ts';
import type { Init, Look } from './seen.ts';
import { SegmentFile, type SegmentSource, UnreadableSegment } from './segment-file.ts';
import { timingOf } from './timing.ts';

export interface ProbeOptions {
  asset: string;
  reader: Reader;
  found: CheckFindings;
  parallel: number;
  losses: readonly Gap[];
  /** How often the encoder connected again, losses that were seen and others. */
  reconnects: number;
}

/** An initialisation section is small; more of it is not read. */
const mostInitBytes = 1_048_576;

/**
 * Looks at the segments of the samples, their initialisation sections and keys, as a player would, and corrects what the
 * tracks hold by what is really there.
 */
export async function probe(tracks: readonly Track[], options: ProbeOptions): Promise<Probing> {
  const probing = new Probing(options);
  await probing.learnKeys(tracks.flatMap(({ sample }) => sample));
  for (const track of tracks) await probing.judge(track);
  return probing;
}

/** Segments of the first track that are decoded, and of every other one. */
const mostDecoded = 6;
const mostDecodedElsewhere = 2;
/** Larger segments are not read whole. */
const mostDecodedBytes = 16 * 1024 * 1024;
/** Of a segment so much must be decoded: what comes before its first key frame cannot be. */
const leastDecodedShare = 0.5;
const leastDecodedMs = 500;
/** The share of its pictures that must be decoded: of interlaced video two samples, its fields, are one picture. */
const leastPictures = 0.4;

/** What is known of the segments of one recording, their keys and initialisation sections. */
export class Probing {
  readonly #options: ProbeOptions;
  readonly #looks = new Map<Track, readonly Look[]>();
  readonly #keys = new Keys();
  readonly #inits = new Map<string, Promise<Init>>();

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  async learnKeys(segments: readonly Segment[]): Promise<void> {
    const { reader, found, parallel } = this.#options;
    const keys = segments.flatMap(({ key, map }) => [key, map?.key]).filter((key) => key !== undefined);
    await this.#keys.learn(keys, reader, found, parallel);
  }

  async judge(track: Track): Promise<void> {
    const { asset, found, parallel, losses, reconnects } = this.#options;
    const looks = await inParallel(track.sample, parallel, (segment) => this.#look(segment));
    this.#looks.set(track, looks);
    const about = (texts: readonly string[]) => texts.map((text) => `${shownFrom(track.url, asset)}: ${text}`);
    for (const [i, { problem }] of looks.entries()) {
      if (problem) found.problem('segments-play', `${this.#named(track.sample[i])} ${problem}`);
    }
    found.problem('segments-play', about(rateProblems(track, looks)));
    found.problem('segments-play', about(repeatProblems(track, looks, reconnects)));
    await this.#readThin(track, looks);
    const isThere = (segment: Sampled, kind: Kind, streams: Streams) =>
      orUnreadable(() => hasKind(this.#fileOf(segment), streams, kind), true);
    found.problem('segments-play', about(await kindProblems(track, looks, isThere)));
    const { problems, notes, correctionMs } = timingOf(track, looks, losses);
    found.problem('segments-play', about(problems));
    for (const note of about(notes)) found.note('segments-play', note);
    track.recordedMs = Math.max(0, track.recordedMs + correctionMs);
    if (looks.length < track.segments) found.note('segments-play', `looked at ${looks.length} of ${track.segments}`);
    const unseen = looks.flatMap((one) => one.unseen ?? []);
    if (unseen[0]) found.note('segments-play', `${unseen.length} segments judged by their size: ${unseen[0]}`);
  }

  prints(track: Track): Print[] {
    return printsOf(track, this.#looks.get(track) ?? []);
  }

  /** What has few bytes for its time may be empty between its two ends: it is read whole. */
  async #readThin(track: Track, looks: readonly Look[]): Promise<void> {
    const { found, parallel } = this.#options;
    await inParallel(thinOnes(track, looks), parallel, async (segment) => {
      const { url, range, key, map, number } = segment;
      const init = map && (await this.#initOf(map, number));
      const read = () => this.#fileOf({ url, range, key, number }).read(0, mostDecodedBytes);
      const bytes = await orUnreadable(read, new Uint8Array());
      const pause = interruption(scanTs(bytes, init?.streams));
      if (pause !== undefined) found.problem('segments-play', `${this.#named(segment)} ${pause}`);
    });
  }

  /** Decodes a few segments of each track; the others are taken to be like them. */
  async decode(tracks: readonly Track[], decode: Decode): Promise<void> {
    const { found } = this.#options;
    let [decoded, skipped] = [0, 0];
    for (const [i, track] of tracks.entries()) {
      for (const segment of spread(track.sample, i === 0 ? mostDecoded : mostDecodedElsewhere)) {
        const seen = this.#looks.get(track)?.[track.sample.indexOf(segment)];
        const problem = seen && (await this.#decodeOne(segment, seen, decode));
        if (problem === undefined) skipped += 1;
        else decoded += 1;
        if (problem) found.problem('segments-play', `${this.#named(segment)} ${problem}`);
      }
    }
    const rest = skipped === 0 ? '' : `, ${skipped} cannot be decoded here`;
    found.note('segments-play', `decoded ${decoded} of them${rest}`);
  }

  /** The problems of a segment that was decoded; undefined when it cannot be decoded here. */
  async #decodeOne(segment: Sampled, seen: Look, decode: Decode): Promise<string | undefined> {
    const { url, range, key, map, number } = segment;
    if (seen.container === undefined || (seen.bytes ?? mostDecodedBytes) >= mostDecodedBytes) return undefined;
    if (key && !this.#keys.bytesOf(key)) return undefined;
    const init = map && (await this.#initOf(map, number));
    try {
      const bytes = await this.#fileOf({ url, range, key, number }).read(0, mostDecodedBytes);
      const scan = seen.container === 'mpegts' ? scanTs(bytes, init?.streams) : undefined;
      const pause = scan && interruption(scan);
      if (pause !== undefined) return pause;
      const decoded = await decode(Buffer.concat([init?.bytes ?? new Uint8Array(), bytes]), seen.container);
      return decodeProblem(segment, scan ? (scan.samples.video?.count ?? 0) : (seen.pictures ?? 0), decoded);
    } catch (error) {
      if (error instanceof UnreadableSegment) return error.message;
      throw error;
    }
  }

  #named(segment: Sampled | undefined): string {
    if (!segment) return '';
    return shownFrom(segment.url, this.#options.asset, `segment ${segment.index}`);
  }

  async #look(segment: Sampled): Promise<Look> {
    const { key, map, url, range, number, fileEnd } = segment;
    const bytes = key && this.#keys.bytesOf(key);
    const isClosed = key?.method === 'AES-128' && !bytes;
    const file = this.#fileOf({ url, range, key, number });
    try {
      const seen = isClosed
        ? await lookEncrypted(file, isPlain(key) ? 'encrypted, without the key' : 'encrypted by another system')
        : await look(file, map && (await this.#initOf(map, number)));
      const total = file.fileBytes;
      if (seen.problem || fileEnd === undefined || total === undefined || fileEnd <= total) return seen;
      return { ...seen, problem: `has ${total} bytes, but bytes up to ${fileEnd} are listed` };
    } catch (error) {
      if (error instanceof UnreadableSegment) return { problem: error.message };
      throw error;
    }
  }

  #fileOf({ url, range, key, number }: Pick<Segment, 'url' | 'range' | 'key' | 'number'>): SegmentFile {
    const bytes = key && this.#keys.bytesOf(key);
    const source: SegmentSource = {
      url,
      ...(range && { range }),
      ...(key && bytes && { encryption: { key, bytes, number } }),
    };
    return new SegmentFile(this.#options.reader, source);
  }

  /** Read once; what is wrong with it is reported once. */
  #initOf(map: InitSection, number: number): Promise<Init> {
    const id = JSON.stringify([map.url, map.range, map.key]);
    const known = this.#inits.get(id) ?? this.#readInit(map, number);
    this.#inits.set(id, known);
    return known;
  }

  async #readInit(map: InitSection, number: number): Promise<Init> {
    const { found, asset } = this.#options;
    const problem = (text: string): Init => {
      const name = shownFrom(map.url, asset, 'the initialisation section');
      found.problem('segments-play', `${name} ${text}`);
      return {};
    };
    const { url, range, key } = map;
    if (isClosed(key) && !this.#keys.bytesOf(key)) return {};
    try {
      const bytes = await this.#fileOf({ url, ...(range && { range }), ...(key && { key }), number }).read(
        0,
        mostInitBytes,
      );
      if (bytes.length === 0) return problem('has no bytes');
      const { streams } = scanTs(bytes);
      if (streams.size > 0) return { streams, bytes };
      const tracks = boxAt(bytes, 0) ? trackHeadsOf(bytes) : undefined;
      return tracks && tracks.size > 0 ? { tracks, bytes } : problem('is no initialisation section');
    } catch (error) {
      if (error instanceof UnreadableSegment || error instanceof RangeError) return problem(wordsOf(error));
      throw error;
    }
  }
}

/** A player that starts with this segment has pictures and sounds for most of its time. */
function decodeProblem({ durationMs }: Sampled, pictures: number, decoded: Decoded): string | undefined {
  if (decoded.isUnable) return undefined;
  if (!decoded.ok) return 'cannot be decoded';
  if (decoded.pictures < leastPictures * pictures) {
    return `has ${pictures} pictures, of which ${decoded.pictures} can be decoded`;
  }
  if (decoded.lengthMs >= leastDecodedShare * durationMs - leastDecodedMs) return '';
  return `has ${decoded.lengthMs / 1000} s that can be decoded, ${durationMs / 1000} s are listed`;
}

/** What cannot be read any more was read a moment ago: it says nothing new. */
async function orUnreadable<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnreadableSegment) return otherwise;
    throw error;
  }
}

const isClosed = (key: SegmentKey | undefined): key is SegmentKey => key?.method === 'AES-128';

const wordsOf = (error: Error): string => (error instanceof UnreadableSegment ? error.message : 'contradicts itself');
