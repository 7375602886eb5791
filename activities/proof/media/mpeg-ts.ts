/** MPEG-TS as far as a proof must know it: which streams there are, and when their samples begin (ISO/IEC 13818-1). */
import { type Kind, type Samples, type SampleTimes, tsTicksBetween } from './samples.ts';

export const packetBytes = 188;
export const syncByte = 0x47;
const tablesPid = 0;

/** Table 2-34 and its amendments; 0xdb and 0xcf stand for samples that are encrypted (Apple's SAMPLE-AES). */
const videoTypes = new Set([0x01, 0x02, 0x10, 0x1b, 0x24, 0x33, 0xdb]);
const audioTypes = new Set([0x03, 0x04, 0x0f, 0x11, 0x81, 0x87, 0xcf, 0xc1, 0xc2]);

/** What each packet identifier carries, as the tables say. */
export type Streams = ReadonlyMap<number, Kind>;

export interface TsScan {
  streams: Streams;
  samples: Samples;
  /** The longest time without any sample, ticks. */
  longestPause: number;
  /** Where a packet does not begin with its sync byte. */
  lostSyncAt?: number;
}

/** Looks through whole packets. `streams`: what is known from elsewhere, for a piece without tables. */
export function scanTs(bytes: Uint8Array, streams: Streams = new Map()): TsScan {
  const known = new Map(streams);
  const programs = new Set<number>();
  const times = new Map<Kind, TimesOfKind>();
  let [longestPause, latest] = [0, undefined as number | undefined];
  for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes) {
    if (bytes[at] !== syncByte) return { streams: known, samples: samplesOf(times), longestPause, lostSyncAt: at };
    const packet = packetOf(bytes.subarray(at, at + packetBytes));
    if (!packet.starts) continue;
    if (packet.pid === tablesPid) for (const pid of programsOf(packet.payload)) programs.add(pid);
    else if (programs.has(packet.pid)) for (const [pid, kind] of streamsOf(packet.payload)) known.set(pid, kind);
    const kind = known.get(packet.pid);
    const time = kind && decodingTimeOf(packet.payload);
    if (kind === undefined || time === undefined) continue;
    const ofKind = times.get(kind) ?? new TimesOfKind(packet.pid, time);
    times.set(kind, ofKind);
    ofKind.add(packet.pid, time);
    const pause = latest === undefined ? 0 : tsTicksBetween(latest, time);
    longestPause = Math.max(longestPause, pause);
    if (latest === undefined || pause > 0) latest = time;
  }
  return { streams: known, samples: samplesOf(times), longestPause };
}

/** Of several streams of one kind the first one counts. */
class TimesOfKind {
  readonly #pid: number;
  readonly #first: number;
  #last: number;
  #count = 0;
  #longestPause = 0;

  constructor(pid: number, first: number) {
    this.#pid = pid;
    this.#first = first;
    this.#last = first;
  }

  add(pid: number, time: number): void {
    if (pid !== this.#pid) return;
    this.#count += 1;
    this.#longestPause = Math.max(this.#longestPause, tsTicksBetween(this.#last, time));
    this.#last = time;
  }

  get times(): SampleTimes {
    const [count, first, last] = [this.#count, this.#first, this.#last];
    const longestPause = this.#longestPause;
    return {
      count,
      first,
      last,
      longestPause,
      ...(count > 1 && { interval: tsTicksBetween(first, last) / (count - 1) }),
    };
  }
}

const samplesOf = (times: ReadonlyMap<Kind, TimesOfKind>): Samples =>
  Object.fromEntries([...times].map(([kind, ofKind]) => [kind, ofKind.times]));

interface Packet {
  pid: number;
  /** A table or a sample begins in it. */
  starts: boolean;
  payload: Uint8Array;
}

function packetOf(bytes: Uint8Array): Packet {
  const [, high = 0, low = 0, control = 0, adaptationBytes = 0] = bytes;
  const hasPayload = (control & 0x10) !== 0;
  const begin = (control & 0x20) !== 0 ? 5 + adaptationBytes : 4;
  return {
    pid: ((high & 0x1f) << 8) | low,
    starts: (high & 0x40) !== 0 && hasPayload,
    payload: bytes.subarray(hasPayload ? begin : bytes.length),
  };
}

/** Identifiers of the programs' own tables. A table longer than a packet is read as far as it is in the first. */
function* programsOf(payload: Uint8Array): Generator<number> {
  const table = tableOf(payload);
  for (let at = 8; at + 4 <= table.length - 4; at += 4) {
    const number = ((table[at] ?? 0) << 8) | (table[at + 1] ?? 0);
    if (number !== 0) yield pidAt(table, at + 2);
  }
}

function* streamsOf(payload: Uint8Array): Generator<[pid: number, kind: Kind]> {
  const table = tableOf(payload);
  for (let at = 12 + lengthAt(table, 10); at + 5 <= table.length - 4; at += 5 + lengthAt(table, at + 3)) {
    const type = table[at] ?? 0;
    if (videoTypes.has(type)) yield [pidAt(table, at + 1), 'video'];
    if (audioTypes.has(type)) yield [pidAt(table, at + 1), 'audio'];
  }
}

/** The section behind the pointer field, its checksum included. */
function tableOf(payload: Uint8Array): Uint8Array {
  const begin = 1 + (payload[0] ?? 0);
  return payload.subarray(begin, begin + 3 + lengthAt(payload, begin + 1));
}

const pidAt = (table: Uint8Array, at: number): number => (((table[at] ?? 0) & 0x1f) << 8) | (table[at + 1] ?? 0);
const lengthAt = (table: Uint8Array, at: number): number => (((table[at] ?? 0) & 0x0f) << 8) | (table[at + 1] ?? 0);

/** When the sample that begins here is to be decoded, or shown where that is the same; in ticks of 90 kHz. */
function decodingTimeOf(payload: Uint8Array): number | undefined {
  const [a, b, c, , , , , flags = 0] = payload;
  if (a !== 0 || b !== 0 || c !== 1) return undefined;
  if ((flags & 0xc0) === 0xc0) return timestampAt(payload, 14);
  return (flags & 0x80) !== 0 ? timestampAt(payload, 9) : undefined;
}

/** 33 bits in five bytes, with marker bits between. */
function timestampAt(bytes: Uint8Array, at: number): number | undefined {
  const [a, b, c, d, e] = bytes.subarray(at, at + 5);
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) return undefined;
  return ((a >> 1) & 7) * 2 ** 30 + (b << 22) + ((c >> 1) << 15) + (d << 7) + (e >> 1);
}
