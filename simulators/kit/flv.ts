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

/** Of a file with sound and picture. */
export const flvFileHeader = Buffer.from([...Buffer.from('FLV'), 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

/** One tag with its trailer, as a file or HTTP-FLV carries it. */
export function flvTag({ type, timestamp, data }: MediaTag): Buffer {
  const header = Buffer.alloc(tagHeaderBytes);
  header.writeUInt8(tagTypes[type], 0);
  header.writeUIntBE(data.length, 1, 3);
  header.writeUIntBE(timestamp & 0xffffff, 4, 3);
  header.writeUInt8((timestamp >>> 24) & 0xff, 7);
  const trailer = Buffer.alloc(tagTrailerBytes);
  trailer.writeUInt32BE(tagHeaderBytes + data.length);
  return Buffer.concat([header, data, trailer]);
}

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
