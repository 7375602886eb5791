/** MPEG-TS packets: ISO/IEC 13818-1, sections 2.4.3 (packets, PES) and 2.4.4 (PAT, PMT). */

const pids = { pmt: 0x1000, video: 0x100, audio: 0x101 } as const;

const packetBytes = 188;
const packetHeaderBytes = 4;
const ticksPerMs = 90;
const clockWrap = 2 ** 33;
/** The clock reference runs this far before decoding, so that a decoder has time to fill. */
const clockLeadTicks = 100 * ticksPerMs;
const streamTypes = { AVC: 0x1b, HEVC: 0x24, AAC: 0x0f, MP3: 0x03 } as const;
const streamIds = { video: 0xe0, audio: 0xc0 } as const;

/** What a segment has; one of them at least. */
export interface Tracks {
  video?: 'AVC' | 'HEVC';
  audio?: 'AAC' | 'MP3';
}

export interface Frame {
  track: 'video' | 'audio';
  /** An Annex B access unit, or an ADTS or MP3 frame. */
  payload: Buffer;
  ptsMs: number;
  dtsMs: number;
  /** A decoder may start here. */
  randomAccess: boolean;
  /** Brings the clock reference: each picture, and where there is none each sound. */
  clock: boolean;
}

/** Wraps frames into packets; one per segmenter, because continuity counters go on from segment to segment. */
export class TsPacketizer {
  readonly #counters = new Map<number, number>();

  /** What each segment starts with. */
  tables({ video, audio }: Tracks): Buffer {
    const program = [0, 1, 0xe0 | (pids.pmt >> 8), pids.pmt & 0xff];
    const streams = [
      ...(video ? streamEntry(streamTypes[video], pids.video) : []),
      ...(audio ? streamEntry(streamTypes[audio], pids.audio) : []),
    ];
    const clockPid = video ? pids.video : pids.audio;
    const clock = [0xe0 | (clockPid >> 8), clockPid & 0xff, 0xf0, 0];
    return Buffer.concat([
      this.#table(0, section(0, program)),
      this.#table(pids.pmt, section(2, [...clock, ...streams])),
    ]);
  }

  frame(frame: Frame): Buffer {
    const pid = pids[frame.track];
    const pes = Buffer.concat([pesHeader(frame), frame.payload]);
    const packets: Buffer[] = [];
    for (let at = 0; at < pes.length; ) {
      const adaptation = at === 0 ? startAdaptation(frame) : Buffer.alloc(0);
      const rest = pes.subarray(at);
      const packet = this.#packet(pid, at === 0, adaptation, rest);
      packets.push(packet.bytes);
      at += packet.taken;
    }
    return Buffer.concat(packets);
  }

  #packet(pid: number, first: boolean, adaptation: Buffer, rest: Buffer): { bytes: Buffer; taken: number } {
    const field = padded(adaptation, packetBytes - packetHeaderBytes - rest.length);
    const taken = packetBytes - packetHeaderBytes - field.length;
    const header = this.#header(pid, first, field.length > 0);
    return { bytes: Buffer.concat([header, field, rest.subarray(0, taken)]), taken };
  }

  #table(pid: number, content: Buffer): Buffer {
    const fill = Buffer.alloc(packetBytes - packetHeaderBytes - 1 - content.length, 0xff);
    return Buffer.concat([this.#header(pid, true, false), Buffer.of(0), content, fill]);
  }

  #header(pid: number, first: boolean, adaptation: boolean): Buffer {
    const counter = ((this.#counters.get(pid) ?? -1) + 1) & 15;
    this.#counters.set(pid, counter);
    return Buffer.of(0x47, (first ? 0x40 : 0) | (pid >> 8), pid & 0xff, (adaptation ? 0x30 : 0x10) | counter);
  }
}

const streamEntry = (type: number, pid: number): number[] => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0];

/** A table section with its checksum. */
function section(tableId: number, content: number[]): Buffer {
  const length = 5 + content.length + 4;
  const versionAndCurrent = 0xc1;
  const body = Buffer.of(tableId, 0xb0 | (length >> 8), length & 0xff, 0, 1, versionAndCurrent, 0, 0, ...content);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]);
}

/** The adaptation field, filled up so that the last packet of a frame is full; `missing` bytes would stay empty. */
function padded(adaptation: Buffer, missing: number): Buffer {
  if (missing <= adaptation.length) return adaptation;
  const field = Buffer.alloc(missing, 0xff);
  field.writeUInt8(missing - 1, 0);
  if (missing === 1) return field;
  if (adaptation.length === 0) field.writeUInt8(0, 1);
  else adaptation.copy(field, 1, 1);
  return field;
}

/** Random access flag and clock reference, in front of each video frame. */
function startAdaptation({ track, dtsMs, randomAccess }: Frame): Buffer {
  if (track !== 'video') return Buffer.alloc(0);
  const clock = Math.max(0, ticks(dtsMs) - clockLeadTicks);
  const field = Buffer.alloc(8);
  field.writeUInt8(field.length - 1, 0);
  field.writeUInt8(0x10 | (randomAccess ? 0x40 : 0), 1);
  field.writeUInt32BE(Math.floor(clock / 2), 2);
  field.writeUInt16BE(((clock & 1) << 15) | 0x7e00, 6);
  return field;
}

function pesHeader({ track, payload, ptsMs, dtsMs }: Frame): Buffer {
  const [pts, dts] = [ticks(ptsMs), ticks(dtsMs)];
  const stamps = pts === dts ? timestamp(2, pts) : Buffer.concat([timestamp(3, pts), timestamp(1, dts)]);
  const header = Buffer.of(0, 0, 1, streamIds[track], 0, 0, 0x84, pts === dts ? 0x80 : 0xc0, stamps.length);
  // The length of a video packet may stay open; it often would not fit.
  if (track === 'audio') header.writeUInt16BE(3 + stamps.length + payload.length, 4);
  return Buffer.concat([header, stamps]);
}

const ticks = (ms: number): number => {
  const wrapped = Math.round(ms * ticksPerMs) % clockWrap;
  return wrapped < 0 ? wrapped + clockWrap : wrapped;
};

/** 33 bits in five bytes, with marker bits between. */
function timestamp(prefix: number, value: number): Buffer {
  const high = Math.floor(value / 2 ** 30);
  return Buffer.of(
    (prefix << 4) | (high << 1) | 1,
    (value >>> 22) & 0xff,
    ((value >>> 14) & 0xfe) | 1,
    (value >>> 7) & 0xff,
    ((value << 1) & 0xfe) | 1,
  );
}

const crcTable = Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function crc32(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = ((value << 8) ^ (crcTable[((value >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return value;
}
