import { syncByte } from './media/mpeg-ts.ts';

/** Describes bytes without quoting them: they may be secret, and other people read the report. */
export function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'no bytes';
  const beginning = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  if (/^\s*<(!doctype html|html|head|body)\b/i.test(beginning)) return 'a web page';
  if (/^\s*</.test(beginning)) return 'XML';
  if (/^\s*[{[]/.test(beginning)) return 'JSON';
  if (beginning.startsWith('#EXTM3U')) return 'a playlist';
  if (bytes[0] === syncByte) return 'MPEG-TS';
  if (/^....(ftyp|styp|moof|moov|sidx)/s.test(beginning)) return 'MP4';
  return isText(beginning) ? 'text' : 'no text';
}

/** Neither media nor anything encrypted is all printable. */
export const isText = (latin1: string): boolean => /^[\t\n\r\x20-\x7e]*$/.test(latin1);

/** A content type as far as it can be one. */
export const describeType = (contentType: string): string =>
  /^[a-z]+\/[a-z0-9.+-]{1,40}/i.exec(contentType.trim())?.[0].toLowerCase() ?? 'of no known form';

/** A length, to a tenth. */
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
