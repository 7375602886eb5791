/** One message of picture, sound or metadata, as FLV files and RTMP carry it. */
export interface MediaTag {
  type: 'audio' | 'video' | 'data';
  /** Decoding time in milliseconds, from the start of the file or connection. */
  timestamp: number;
  data: Buffer;
}

export const tagTypes = { audio: 8, video: 9, data: 18 } as const;

export const tagTypeOf = (code: number): MediaTag['type'] | undefined =>
  code === tagTypes.audio ? 'audio' : code === tagTypes.video ? 'video' : code === tagTypes.data ? 'data' : undefined;

const tagHeaderBytes = 11;
const tagTrailerBytes = 4;

/** The tags of an FLV file; throws when it is none. A last tag that is cut off is left out. */
export function readFlvTags(file: Buffer): MediaTag[] {
  if (file.length < 13 || file.toString('latin1', 0, 3) !== 'FLV') throw new Error('this is not an FLV file');
  const tags: MediaTag[] = [];
  let at = file.readUInt32BE(5) + tagTrailerBytes;
  while (at + tagHeaderBytes <= file.length) {
    const size = file.readUIntBE(at + 1, 3);
    const body = at + tagHeaderBytes;
    if (body + size > file.length) break;
    const type = tagTypeOf(file.readUInt8(at) & 31);
    const timestamp = file.readUIntBE(at + 4, 3) + file.readUInt8(at + 7) * 0x1000000;
    if (type) tags.push({ type, timestamp, data: file.subarray(body, body + size) });
    at = body + size + tagTrailerBytes;
  }
  return tags;
}

const videoCodecs: Record<number, string> = { 2: 'H263', 4: 'VP6', 7: 'AVC' };
const audioCodecs: Record<number, string> = { 2: 'MP3', 7: 'G711', 8: 'G711', 10: 'AAC', 11: 'Speex' };

/** Enhanced RTMP says its codec in four characters instead. */
const isEnhanced = (data: Buffer): boolean => (data.readUInt8(0) & 0x80) !== 0;

/** `AVC`, or whatever else the encoder sends. */
export function videoCodecOf(data: Buffer): string | undefined {
  if (data.length === 0) return undefined;
  if (isEnhanced(data)) return data.length >= 5 ? data.toString('latin1', 1, 5) : undefined;
  return videoCodecs[data.readUInt8(0) & 15];
}

/** `AAC`, or whatever else the encoder sends. */
export const audioCodecOf = (data: Buffer): string | undefined =>
  data.length === 0 ? undefined : audioCodecs[data.readUInt8(0) >> 4];

export interface AvcTag {
  kind: 'config' | 'frame' | 'end';
  key: boolean;
  /** Presentation after decoding, milliseconds. */
  compositionOffset: number;
  payload: Buffer;
}

/** A video tag's parts; undefined when it is not H.264 or too short to be. */
export function parseAvcTag(data: Buffer): AvcTag | undefined {
  if (data.length < 5 || isEnhanced(data) || (data.readUInt8(0) & 15) !== 7) return undefined;
  const packet = data.readUInt8(1);
  return {
    kind: packet === 0 ? 'config' : packet === 1 ? 'frame' : 'end',
    key: data.readUInt8(0) >> 4 === 1,
    compositionOffset: data.readIntBE(2, 3),
    payload: data.subarray(5),
  };
}

export interface AacTag {
  kind: 'config' | 'frame';
  payload: Buffer;
}

/** An audio tag's parts; undefined when it is not AAC or too short to be. */
export function parseAacTag(data: Buffer): AacTag | undefined {
  if (data.length < 2 || data.readUInt8(0) >> 4 !== 10) return undefined;
  return { kind: data.readUInt8(1) === 0 ? 'config' : 'frame', payload: data.subarray(2) };
}

/** A codec's set-up, sent once before the first frame. */
export const isConfigTag = (tag: MediaTag): boolean =>
  (tag.type === 'video' && parseAvcTag(tag.data)?.kind === 'config') ||
  (tag.type === 'audio' && parseAacTag(tag.data)?.kind === 'config');
