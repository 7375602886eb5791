import { boxAt, type Fragment, fragmentsOf, type TrackHeads, trackHeadsOf } from './mp4.ts';
import { headBytes, type Init, type Look, silenceProblem, wholeBytes } from './seen.ts';
import { type SegmentFile, UnreadableSegment } from './segment-file.ts';

/** Fragments of one segment that are looked at; low-latency segments have up to thirty. */
const mostFragments = 64;
/** Of MP4 the end is read to see that it is there. */
const endBytes = 4_096;
/** A box has at least so many bytes besides its data. Some have more: too few to hide a fault. */
const boxHeadBytes = 8;

const isBlank = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.every((byte) => byte === 0);

/** Goes from box to box of a segment, over the samples, which are not read. */
export class Mp4Walk {
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
