import type { MediaTag } from './flv.ts';

/** What FLV and RTMP can say of a codec, old form and enhanced. */
export type Codec = string;

/** One part of a message: most carry one, those of several tracks more. */
export interface MediaPacket {
  track: 'video' | 'audio';
  /** 0 is the one that every encoder sends. */
  trackId: number;
  codec: Codec;
  /** `other` carries no media; `unknown` may. */
  kind: 'config' | 'frame' | 'other' | 'unknown';
  key: boolean;
  /** Presentation after decoding, milliseconds. */
  compositionOffset: number;
  payload: Buffer;
}

const videoCodecs: Readonly<Record<number, Codec>> = {
  2: 'H263',
  3: 'Screen',
  4: 'VP6',
  5: 'VP6',
  7: 'AVC',
  12: 'HEVC',
};
const audioCodecs: Readonly<Record<number, Codec>> = {
  0: 'PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G711',
  8: 'G711',
  10: 'AAC',
  11: 'Speex',
  14: 'MP3',
};

/** https://veovera.org/docs/enhanced/enhanced-rtmp-v2 */
const fourCcs: Readonly<Record<string, Codec>> = {
  avc1: 'AVC',
  hvc1: 'HEVC',
  vvc1: 'VVC',
  av01: 'AV1',
  vp08: 'VP8',
  vp09: 'VP9',
  mp4a: 'AAC',
  '.mp3': 'MP3',
  Opus: 'Opus',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  fLaC: 'FLAC',
};

const enhancedAudio = 9;
const commandFrame = 5;
const packetTypes = {
  config: 0,
  frames: 1,
  framesX: 3,
  // The end; metadata; what MPEG-TS needs of AV1.
  videoWithoutMedia: [2, 4, 5] as readonly number[],
  // The end; which channel is where.
  audioWithoutMedia: [2, 4] as readonly number[],
  videoMultitrack: 6,
  audioMultitrack: 5,
  mod: 7,
} as const;
const multitrack = { one: 0, many: 1, manyCodecs: 2 } as const;

/** The packets of a message, none when it only says something about them. Throws when it is cut off. */
export function packetsOf({ type, data }: MediaTag): MediaPacket[] {
  if (type === 'data' || data.length === 0) return [];
  const first = data.readUInt8(0);
  if (type === 'video') return first & 0x80 ? enhancedVideo(data) : plainVideo(data);
  return first >> 4 === enhancedAudio ? enhanced(data, 'audio', true) : plainAudio(data);
}

/** `AVC`, `AAC` or whatever else the encoder sends; undefined when the message does not say. */
export function codecOf(tag: MediaTag): Codec | undefined {
  try {
    return packetsOf(tag)[0]?.codec;
  } catch {
    return undefined;
  }
}

function plainVideo(data: Buffer): MediaPacket[] {
  const [first, packet] = [data.readUInt8(0), data[1]];
  const codec = videoCodecs[first & 15] ?? `video codec ${first & 15}`;
  const key = first >> 4 === 1;
  const base = { track: 'video', trackId: 0, codec, key } as const;
  if (first >> 4 === commandFrame) return [];
  if (codec !== 'AVC' && codec !== 'HEVC')
    return [{ ...base, kind: 'frame', compositionOffset: 0, payload: data.subarray(1) }];
  if (data.length < 5) throw new Error(`a ${codec} message of ${data.length} bytes is cut off`);
  const kind = packet === 0 ? 'config' : packet === 1 ? 'frame' : packet === 2 ? 'other' : 'unknown';
  return [{ ...base, kind, compositionOffset: data.readIntBE(2, 3), payload: data.subarray(5) }];
}

function plainAudio(data: Buffer): MediaPacket[] {
  const format = data.readUInt8(0) >> 4;
  const codec = audioCodecs[format] ?? `audio codec ${format}`;
  const base = { track: 'audio', trackId: 0, codec, key: true, compositionOffset: 0 } as const;
  if (codec !== 'AAC') return [{ ...base, kind: 'frame', payload: data.subarray(1) }];
  if (data.length < 2) throw new Error('an AAC message of 1 byte is cut off');
  const packet = data.readUInt8(1);
  return [{ ...base, kind: packet === 0 ? 'config' : packet === 1 ? 'frame' : 'unknown', payload: data.subarray(2) }];
}

function enhancedVideo(data: Buffer): MediaPacket[] {
  const frameType = (data.readUInt8(0) >> 4) & 7;
  // A command carries no codec.
  if (frameType === commandFrame && (data.readUInt8(0) & 15) !== packetTypes.config) return [];
  return enhanced(data, 'video', frameType === 1);
}

function enhanced(data: Buffer, track: MediaPacket['track'], key: boolean): MediaPacket[] {
  let [packetType, at] = [data.readUInt8(0) & 15, 1];
  while (packetType === packetTypes.mod) {
    let size = readByte(data, at) + 1;
    at += 1;
    if (size === 256) {
      size = readByte(data, at) * 256 + readByte(data, at + 1) + 1;
      at += 2;
    }
    packetType = readByte(data, at + size) & 15;
    at += size + 1;
  }
  const several = track === 'video' ? packetTypes.videoMultitrack : packetTypes.audioMultitrack;
  if (packetType !== several) {
    const codec = fourCcAt(data, at);
    return [packetOf({ track, trackId: 0, codec, key }, packetType, data.subarray(at + 4))];
  }
  const tracks = readByte(data, at);
  return tracksIn(data, at + 1, { track, key, arrangement: tracks >> 4, packetType: tracks & 15 });
}

interface Tracks {
  track: MediaPacket['track'];
  key: boolean;
  arrangement: number;
  packetType: number;
}

function tracksIn(data: Buffer, start: number, { track, key, arrangement, packetType }: Tracks): MediaPacket[] {
  const packets: MediaPacket[] = [];
  const common = arrangement === multitrack.manyCodecs ? undefined : fourCcAt(data, start);
  for (let at = common === undefined ? start : start + 4; at < data.length; ) {
    const codec = common ?? fourCcAt(data, at);
    if (common === undefined) at += 4;
    const trackId = readByte(data, at);
    at += 1;
    let end = data.length;
    if (arrangement !== multitrack.one) {
      if (at + 3 > data.length) throw new Error('a message of several tracks is cut off');
      end = at + 3 + data.readUIntBE(at, 3);
      at += 3;
    }
    if (end > data.length) throw new Error('a message of several tracks is cut off');
    packets.push(packetOf({ track, trackId, codec, key }, packetType, data.subarray(at, end)));
    at = end;
  }
  return packets;
}

type PacketBase = Pick<MediaPacket, 'track' | 'trackId' | 'codec' | 'key'>;

function kindOf(track: MediaPacket['track'], packetType: number): MediaPacket['kind'] {
  if (packetType === packetTypes.config) return 'config';
  if (packetType === packetTypes.frames) return 'frame';
  if (packetType === packetTypes.framesX && track === 'video') return 'frame';
  const silent = track === 'video' ? packetTypes.videoWithoutMedia : packetTypes.audioWithoutMedia;
  return silent.includes(packetType) ? 'other' : 'unknown';
}

function packetOf(base: PacketBase, packetType: number, payload: Buffer): MediaPacket {
  const kind = kindOf(base.track, packetType);
  const hasOffset = packetType === packetTypes.frames && (base.codec === 'AVC' || base.codec === 'HEVC');
  if (!hasOffset) return { ...base, kind, compositionOffset: 0, payload };
  if (payload.length < 3) throw new Error(`a ${base.codec} message is cut off`);
  return { ...base, kind, compositionOffset: payload.readIntBE(0, 3), payload: payload.subarray(3) };
}

function fourCcAt(data: Buffer, at: number): Codec {
  if (at + 4 > data.length) throw new Error('a message is cut off in front of its codec');
  const fourCc = data.toString('latin1', at, at + 4);
  return fourCcs[fourCc] ?? `codec ${fourCc.replaceAll(/[^\x20-\x7e]/g, '?')}`;
}

function readByte(data: Buffer, at: number): number {
  const byte = data[at];
  if (byte === undefined) throw new Error('a message is cut off');
  return byte;
}
