/** MP4 as far as a proof must know it: the tracks of an initialisation section, the samples of a fragment (ISO/IEC 14496-12). */
import type { Kind } from './samples.ts';

export interface Box {
  type: string;
  /** Of its content, in the bytes at hand. */
  start: number;
  /** Behind its last byte; beyond the bytes at hand where it is not whole. */
  end: number;
}

/** Types are four printable letters; anything else is no box. */
const plausibleType = /^[A-Za-z0-9 \u00a9_-]{4}$/;
const smallHeaderBytes = 8;
const largeHeaderBytes = 16;

/** The box at an offset; undefined when its header is cut off or wrong. */
export function boxAt(bytes: Uint8Array, at: number): Box | undefined {
  const view = viewOf(bytes);
  if (at + smallHeaderBytes > bytes.length) return undefined;
  const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
  if (!plausibleType.test(type)) return undefined;
  const size = view.getUint32(at);
  if (size === 0) return { type, start: at + smallHeaderBytes, end: Number.POSITIVE_INFINITY };
  if (size !== 1) return size < smallHeaderBytes ? undefined : { type, start: at + smallHeaderBytes, end: at + size };
  if (at + largeHeaderBytes > bytes.length) return undefined;
  return { type, start: at + largeHeaderBytes, end: at + Number(view.getBigUint64(at + smallHeaderBytes)) };
}

/** The boxes side by side in a span. */
function boxesIn(bytes: Uint8Array, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < to; ) {
    const box = boxAt(bytes.subarray(0, to), at);
    if (!box || box.end > to) break;
    boxes.push(box);
    at = box.end;
  }
  return boxes;
}

/** The boxes of a type that stand side by side in whole bytes. */
export const boxesOf = (bytes: Uint8Array, type: string): Box[] =>
  boxesIn(bytes, 0, bytes.length).filter((box) => box.type === type);

const childrenOf = (bytes: Uint8Array, { start, end }: Box): Box[] =>
  boxesIn(bytes, start, Math.min(end, bytes.length));

/** The boxes at the end of a path of types. */
function find(bytes: Uint8Array, within: readonly Box[], ...[type, ...rest]: string[]): Box[] {
  const found = within.filter((box) => box.type === type);
  return rest.length === 0 ? found : found.flatMap((box) => find(bytes, childrenOf(bytes, box), ...rest));
}

export interface TrackHead {
  kind: Kind;
  ticksPerMs: number;
  /** Of a sample for which its fragment says nothing: ticks, and bytes. */
  sampleTicks: number;
  sampleBytes: number;
}

/** By track id. */
export type TrackHeads = ReadonlyMap<number, TrackHead>;

/** The picture and sound tracks that a `moov` describes; empty when it describes none. */
export function trackHeadsOf(bytes: Uint8Array): TrackHeads {
  const top = boxesIn(bytes, 0, bytes.length);
  const view = viewOf(bytes);
  const defaults = new Map(
    find(bytes, top, 'moov', 'mvex', 'trex').map(({ start }) => [
      view.getUint32(start + 4),
      { sampleTicks: view.getUint32(start + 12), sampleBytes: view.getUint32(start + 16) },
    ]),
  );
  const heads = new Map<number, TrackHead>();
  for (const trak of find(bytes, top, 'moov', 'trak')) {
    const inside = childrenOf(bytes, trak);
    const [tkhd, mdhd, hdlr] = [['tkhd'], ['mdia', 'mdhd'], ['mdia', 'hdlr']].map(
      (path) => find(bytes, inside, ...path)[0],
    );
    if (!tkhd || !mdhd || !hdlr) continue;
    const id = view.getUint32(tkhd.start + (isVersion1(bytes, tkhd) ? 20 : 12));
    const timescale = view.getUint32(mdhd.start + (isVersion1(bytes, mdhd) ? 20 : 12));
    const kind = kinds.get(Buffer.from(bytes.subarray(hdlr.start + 8, hdlr.start + 12)).toString('latin1'));
    const usual = defaults.get(id) ?? { sampleTicks: 0, sampleBytes: 0 };
    if (kind && timescale > 0) heads.set(id, { kind, ticksPerMs: timescale / 1000, ...usual });
  }
  return heads;
}

const kinds = new Map<string, Kind>([
  ['vide', 'video'],
  ['soun', 'audio'],
]);
const isVersion1 = (bytes: Uint8Array, { start }: Box): boolean => bytes[start] === 1;

export interface Fragment {
  kind: Kind;
  samples: number;
  /** Absent where the fragment does not say. Milliseconds. */
  startMs?: number;
  lengthMs: number;
  /** All its samples together, as announced. */
  bytes: number;
}

/** The samples that a whole `moof` announces. Tracks that the initialisation section does not know are left out. */
export function fragmentsOf(bytes: Uint8Array, moof: Box, heads: TrackHeads): Fragment[] {
  const view = viewOf(bytes);
  return find(bytes, childrenOf(bytes, moof), 'traf').flatMap((traf) => {
    const inside = childrenOf(bytes, traf);
    const [tfhd] = find(bytes, inside, 'tfhd');
    const head = tfhd && heads.get(view.getUint32(tfhd.start + 4));
    if (!head) return [];
    const [tfdt] = find(bytes, inside, 'tfdt');
    const base = tfdt && baseTicks(view, tfdt, isVersion1(bytes, tfdt));
    const usual = { ...head, ...usualOf(view, tfhd) };
    const runs = find(bytes, inside, 'trun').map((trun) => runOf(view, trun, usual));
    return {
      kind: head.kind,
      samples: runs.reduce((sum, { samples }) => sum + samples, 0),
      ...(base !== undefined && { startMs: base / head.ticksPerMs }),
      lengthMs: runs.reduce((sum, { ticks }) => sum + ticks, 0) / head.ticksPerMs,
      bytes: runs.reduce((sum, run) => sum + run.bytes, 0),
    };
  });
}

const baseTicks = (view: DataView, { start }: Box, isLarge: boolean): number =>
  isLarge ? Number(view.getBigUint64(start + 4)) : view.getUint32(start + 4);

type Usual = Pick<TrackHead, 'sampleTicks' | 'sampleBytes'>;

/** Optional fields stand one after the other, each where its flag says so. */
function usualOf(view: DataView, { start }: Box): Partial<Usual> {
  const flags = view.getUint32(start) & 0xffffff;
  const at = start + 8 + ((flags & 1) !== 0 ? 8 : 0) + ((flags & 2) !== 0 ? 4 : 0);
  const hasTicks = (flags & 8) !== 0;
  return {
    ...(hasTicks && { sampleTicks: view.getUint32(at) }),
    ...((flags & 0x10) !== 0 && { sampleBytes: view.getUint32(at + (hasTicks ? 4 : 0)) }),
  };
}

function runOf(view: DataView, { start, end }: Box, usual: Usual): { samples: number; ticks: number; bytes: number } {
  const flags = view.getUint32(start) & 0xffffff;
  const samples = view.getUint32(start + 4);
  const [hasTicks, hasBytes] = [(flags & 0x100) !== 0, (flags & 0x200) !== 0];
  if (!hasTicks && !hasBytes)
    return { samples, ticks: samples * usual.sampleTicks, bytes: samples * usual.sampleBytes };
  const step = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length;
  let at = start + 8 + ((flags & 1) !== 0 ? 4 : 0) + ((flags & 4) !== 0 ? 4 : 0);
  let [counted, ticks, bytes] = [0, 0, 0];
  for (; counted < samples && at + step <= end; counted += 1, at += step) {
    ticks += hasTicks ? view.getUint32(at) : usual.sampleTicks;
    bytes += hasBytes ? view.getUint32(at + (hasTicks ? 4 : 0)) : usual.sampleBytes;
  }
  return { samples: counted, ticks, bytes };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
