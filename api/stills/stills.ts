import { findFfmpeg, runFfmpeg } from '../../activities/proof/media/ffmpeg.ts';
import { Remembered } from '../../client/remembered.ts';
import { isClosed } from '../../domain/playback.ts';
import type { ForViewers } from '../../vendors/viewers.ts';
import { Turns } from '../auth/turns.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Watched } from '../watch/state.ts';
import { newestSegment, type StillSegment } from './newest-segment.ts';

/** A still is made again when it is older, and not for so long after one could not be made. */
const freshMs = 15_000;
/** Wider than it is shown: screens have more than one point for each of its. */
const width = 240;
const mostMs = 10_000;

const ofTenant = { atOnce: 1, mostWaiting: 19 };
/** Each tenant has one there at most. Each may take tens of megabytes. */
const ofAll = { atOnce: 2, mostWaiting: Number.POSITIVE_INFINITY };

/** Makes a JPEG of the first picture in a segment; undefined where it cannot. Never rejects. */
export type Draw = (segment: StillSegment) => Promise<Buffer | undefined>;

/** With the ffmpeg that runs here, which is looked for once; undefined where there is none. */
export function ffmpegDraw(path?: string): () => Promise<Draw | undefined> {
  let found: Promise<string | undefined> | undefined;
  return async () => {
    found ??= findFfmpeg(path);
    const ffmpeg = await found;
    if (ffmpeg === undefined) return undefined;
    return async ({ bytes, container }) => {
      const picture = ['-an', '-frames:v', '1', '-vf', `scale=${width}:-2`, '-q:v', '6', '-f', 'mjpeg', 'pipe:1'];
      const { ok, output } = await runFfmpeg(ffmpeg, bytes, container, { level: 'error', output: picture, mostMs });
      return ok && output.length > 0 ? Buffer.from(output, 'latin1') : undefined;
    };
  };
}

/**
 * Small pictures of what viewers get now, for the board: made when a reader looks at it, and once for all readers. Those of one
 * tenant are made one at a time, so that its slow streams keep no other's waiting.
 */
export class Stills {
  readonly #vendors: ForViewers;
  readonly #draw: () => Promise<Draw | undefined>;
  readonly #made: Remembered<Promise<Buffer | undefined>>;
  readonly #ofTenant = new Turns(ofTenant, 'stills of this tenant');
  readonly #ofAll = new Turns(ofAll, 'stills');

  constructor(vendors: ForViewers, draw: () => Promise<Draw | undefined>, now?: () => number) {
    this.#vendors = vendors;
    this.#draw = draw;
    this.#made = new Remembered(freshMs, now);
  }

  /** Whether any can be made here. */
  async areMade(): Promise<boolean> {
    return (await this.#draw()) !== undefined;
  }

  /** Undefined where viewers get nothing, and where none can be made now. Never rejects. */
  of(key: string, watched: Watched): Promise<Buffer | undefined> {
    if (watched.onAir?.state !== 'on-air' || !watched.playback?.hls) return Promise.resolve(undefined);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const make = () => this.#ofAll.take('', () => this.#make(watched));
    const made = this.#ofTenant.take(watched.tenant ?? '', make).catch((error: unknown) => {
      // The next reader that asks may find room.
      if (error instanceof HttpProblem) this.#made.delete(key);
      return undefined;
    });
    this.#made.set(key, made);
    return made;
  }

  async #make({ channel, playback }: Watched): Promise<Buffer | undefined> {
    const draw = await this.#draw();
    if (!draw || !channel || !playback?.hls) return undefined;
    const { hls } = playback;
    // Segments of a stream that needs a signature are signed by their playlist, or one by one.
    const read = async (url: string, range?: { start: number; end: number }) => {
      const signed = isClosed(playback, url) ? await this.#vendors.signed(channel, url) : url;
      return this.#vendors.live(signed, hls, range);
    };
    const segment = await newestSegment(read, hls);
    return segment && draw(segment);
  }
}
