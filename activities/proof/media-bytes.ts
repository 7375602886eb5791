/** Enough of a segment's beginning to know what it is: three MPEG-TS packets, or the first boxes of an MP4. */
export const sniffBytes = 1_024;

const packetBytes = 188;
const syncByte = 0x47;

/** Boxes that a fragment or an initialisation section may begin with (ISO/IEC 14496-12). */
const fragmentBoxes = ['styp', 'moof', 'sidx', 'emsg', 'prft', 'ftyp', 'moov'];
const initialBoxes = ['ftyp', 'moov', 'styp'];

/** Why the beginning of a segment is not media; undefined when it is. */
export function segmentProblem(bytes: Uint8Array, hasMap: boolean): string | undefined {
  if (bytes.length === 0) return 'has no bytes';
  if (hasMap) return fragmentBoxes.includes(boxOf(bytes)) ? undefined : `is no MP4 fragment: ${beginning(bytes)}`;
  // Without an initialisation section a fragment must bring its own.
  if (boxOf(bytes) === 'ftyp' || isPackedAudio(bytes)) return undefined;
  if (bytes[0] !== syncByte) return `is neither MPEG-TS nor MP4: ${beginning(bytes)}`;
  if (bytes.length < packetBytes) return `is cut off after ${bytes.length} bytes`;
  const lost = [packetBytes, 2 * packetBytes].find((at) => at < bytes.length && bytes[at] !== syncByte);
  return lost === undefined ? undefined : `has no MPEG-TS sync byte at ${lost}`;
}

/** Why these bytes cannot initialise MP4 fragments; undefined when they can. */
export function mapProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'has no bytes';
  return initialBoxes.includes(boxOf(bytes)) ? undefined : `is no MP4 initialisation section: ${beginning(bytes)}`;
}

const boxOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(4, 8)).toString('latin1');

/** AAC with its timestamp in an ID3 tag, or bare (RFC 8216, 3.4). */
const isPackedAudio = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 3)).toString('latin1') === 'ID3' ||
  (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0);

const beginning = (bytes: Uint8Array): string => `begins with ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}`;
