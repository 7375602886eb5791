/** From how FLV carries H.264, HEVC and AAC to how MPEG-TS carries them. */

const startCode = Buffer.of(0, 0, 0, 1);
const adtsHeaderBytes = 7;

type NalCodec = 'AVC' | 'HEVC';

export interface NalConfig {
  codec: NalCodec;
  /** Bytes of the length in front of each NAL unit. */
  lengthBytes: number;
  /** SPS and PPS (and VPS), with start codes. */
  parameterSets: Buffer;
}

interface NalRules {
  /** An access unit delimiter, with its start code. */
  delimiter: Buffer;
  typeOf(unit: Buffer): number;
  isDelimiter(type: number): boolean;
  isParameterSet(type: number): boolean;
}

const nalRules: Readonly<Record<NalCodec, NalRules>> = {
  AVC: {
    delimiter: Buffer.of(0, 0, 0, 1, 9, 0xf0),
    typeOf: (unit) => (unit[0] ?? 0) & 31,
    isDelimiter: (type) => type === 9,
    isParameterSet: (type) => type === 7,
  },
  HEVC: {
    delimiter: Buffer.of(0, 0, 0, 1, 0x46, 1, 0x50),
    typeOf: (unit) => ((unit[0] ?? 0) >> 1) & 63,
    isDelimiter: (type) => type === 35,
    isParameterSet: (type) => type === 33,
  },
};

/** Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1); throws when it is cut off. */
export function parseAvcConfig(record: Buffer): NalConfig {
  if (record.length < 7) throw new Error('the H.264 configuration is cut off');
  const lengthBytes = (record.readUInt8(4) & 3) + 1;
  const parts: Buffer[] = [];
  let at = 5;
  for (const countMask of [31, 255]) {
    if (at >= record.length) throw new Error('the H.264 configuration is cut off');
    let left = record.readUInt8(at) & countMask;
    at += 1;
    for (; left > 0; left -= 1) at = takeUnit(record, at, parts, 'H.264');
  }
  return { codec: 'AVC', lengthBytes, parameterSets: Buffer.concat(parts) };
}

/** Reads an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1); throws when it is cut off. */
export function parseHevcConfig(record: Buffer): NalConfig {
  if (record.length < 23) throw new Error('the HEVC configuration is cut off');
  const lengthBytes = (record.readUInt8(21) & 3) + 1;
  const parts: Buffer[] = [];
  let at = 23;
  for (let arrays = record.readUInt8(22); arrays > 0; arrays -= 1) {
    if (at + 3 > record.length) throw new Error('the HEVC configuration is cut off');
    let left = record.readUInt16BE(at + 1);
    at += 3;
    for (; left > 0; left -= 1) at = takeUnit(record, at, parts, 'HEVC');
  }
  return { codec: 'HEVC', lengthBytes, parameterSets: Buffer.concat(parts) };
}

function takeUnit(record: Buffer, at: number, parts: Buffer[], codec: string): number {
  const end = at + 2 <= record.length ? at + 2 + record.readUInt16BE(at) : Number.POSITIVE_INFINITY;
  if (end > record.length) throw new Error(`the ${codec} configuration is cut off`);
  parts.push(startCode, record.subarray(at + 2, end));
  return end;
}

/** One access unit in Annex B form; a key frame brings its parameter sets. Throws when it is cut off. */
export function toAnnexB(payload: Buffer, { codec, lengthBytes, parameterSets }: NalConfig, key: boolean): Buffer {
  const units = [...unitsOf(payload, lengthBytes, codec)];
  const { delimiter, typeOf, isDelimiter, isParameterSet } = nalRules[codec];
  const ownSets = units.some((unit) => isParameterSet(typeOf(unit)));
  const parts: Buffer[] = [delimiter];
  // Those within the stream are the newer ones.
  if (key && !ownSets) parts.push(parameterSets);
  for (const unit of units) if (!isDelimiter(typeOf(unit))) parts.push(startCode, unit);
  return Buffer.concat(parts);
}

function* unitsOf(payload: Buffer, lengthBytes: number, codec: string): Generator<Buffer> {
  for (let at = 0; at < payload.length; ) {
    const from = at + lengthBytes;
    const end = from <= payload.length ? from + payload.readUIntBE(at, lengthBytes) : Number.POSITIVE_INFINITY;
    if (end > payload.length) throw new Error(`a ${codec} frame is cut off`);
    if (end > from) yield payload.subarray(from, end);
    at = end;
  }
}

export interface AacConfig {
  profile: number;
  frequencyIndex: number;
  channels: number;
}

const sampleRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const objectTypes = { lc: 2, sbr: 5, ps: 29 } as const;

/**
 * Reads the start of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); throws when ADTS cannot say it. Of HE-AAC the
 * header names the core, and players find the rest in the frames.
 */
export function parseAacConfig(record: Buffer): AacConfig {
  const bits = bitsOf(record);
  let objectType = bits(5);
  const frequencyIndex = frequencyIn(bits);
  const channels = bits(4);
  if (objectType === objectTypes.sbr || objectType === objectTypes.ps) {
    frequencyIn(bits);
    objectType = bits(5);
  }
  if (objectType < 1 || objectType > 4) throw new Error(`AAC of object type ${objectType} has no place in MPEG-TS`);
  if (frequencyIndex < 0) throw new Error('AAC of an unusual sample rate has no place in MPEG-TS');
  if (channels < 1 || channels > 7) throw new Error(`AAC of channel configuration ${channels} has no place in MPEG-TS`);
  return { profile: objectType - 1, frequencyIndex, channels };
}

/** -1 when it is none of the table. */
function frequencyIn(bits: (count: number) => number): number {
  const index = bits(4);
  const spelledOut = 15;
  if (index === spelledOut) return sampleRates.indexOf(bits(24));
  return index < sampleRates.length ? index : -1;
}

function bitsOf(record: Buffer): (count: number) => number {
  let at = 0;
  return (count) => {
    let value = 0;
    for (const end = at + count; at < end; at += 1) {
      const byte = record[at >> 3];
      if (byte === undefined) throw new Error('the AAC configuration is cut off');
      value = value * 2 + ((byte >> (7 - (at & 7))) & 1);
    }
    return value;
  };
}

/** One frame with its ADTS header. */
export function toAdts(payload: Buffer, { profile, frequencyIndex, channels }: AacConfig): Buffer {
  const length = payload.length + adtsHeaderBytes;
  if (length >= 1 << 13) throw new Error(`an AAC frame of ${payload.length} bytes is too large`);
  const header = Buffer.of(
    0xff,
    0xf1,
    (profile << 6) | (frequencyIndex << 2) | (channels >> 2),
    ((channels & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 31,
    0xfc,
  );
  return Buffer.concat([header, payload]);
}
