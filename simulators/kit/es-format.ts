/** From how FLV carries H.264 and AAC to how MPEG-TS carries them. */

const startCode = Buffer.of(0, 0, 0, 1);
const accessUnitDelimiter = Buffer.of(0, 0, 0, 1, 9, 0xf0);
const nalTypes = { sps: 7, pps: 8, delimiter: 9 } as const;
const adtsHeaderBytes = 7;

export interface AvcConfig {
  /** Bytes of the length in front of each NAL unit. */
  lengthBytes: number;
  /** SPS and PPS, with start codes. */
  parameterSets: Buffer;
}

/** Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1); throws when it is cut off. */
export function parseAvcConfig(record: Buffer): AvcConfig {
  const lengthBytes = (record.readUInt8(4) & 3) + 1;
  const parts: Buffer[] = [];
  let at = 5;
  for (const countMask of [31, 255]) {
    let left = record.readUInt8(at) & countMask;
    at += 1;
    for (; left > 0; left -= 1) {
      const end = at + 2 + record.readUInt16BE(at);
      if (end > record.length) throw new Error('the H.264 configuration is cut off');
      parts.push(startCode, record.subarray(at + 2, end));
      at = end;
    }
  }
  return { lengthBytes, parameterSets: Buffer.concat(parts) };
}

/** One access unit in Annex B form; a key frame brings its parameter sets. Throws when it is cut off. */
export function toAnnexB(payload: Buffer, config: AvcConfig, key: boolean): Buffer {
  const parts: Buffer[] = key ? [accessUnitDelimiter, config.parameterSets] : [accessUnitDelimiter];
  for (let at = 0; at + config.lengthBytes <= payload.length; ) {
    const from = at + config.lengthBytes;
    const end = from + payload.readUIntBE(at, config.lengthBytes);
    if (end > payload.length) throw new Error('an H.264 frame is cut off');
    const unit = payload.subarray(from, end);
    if (!isRedundant(unit, key)) parts.push(startCode, unit);
    at = end;
  }
  return Buffer.concat(parts);
}

/** What we have written already. */
function isRedundant(unit: Buffer, key: boolean): boolean {
  const type = (unit[0] ?? 0) & 31;
  return unit.length === 0 || type === nalTypes.delimiter || (key && (type === nalTypes.sps || type === nalTypes.pps));
}

export interface AacConfig {
  profile: number;
  frequencyIndex: number;
  channels: number;
}

/** Reads the start of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); throws when ADTS cannot say it. */
export function parseAacConfig(record: Buffer): AacConfig {
  const bits = record.readUInt16BE(0);
  const objectType = bits >> 11;
  const frequencyIndex = (bits >> 7) & 15;
  if (objectType < 1 || objectType > 4 || frequencyIndex > 12) {
    throw new Error(
      `AAC of object type ${objectType} at frequency index ${frequencyIndex} is not supported; send AAC-LC`,
    );
  }
  return { profile: objectType - 1, frequencyIndex, channels: (bits >> 3) & 15 };
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
