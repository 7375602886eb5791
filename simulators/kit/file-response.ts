import { createHash } from 'node:crypto';
import type { SimRequest, SimResponse } from './types.ts';

export interface ServedFile {
  body: Buffer;
  contentType: string;
  etag?: string;
  /** Epoch milliseconds. */
  lastModified?: number;
  headers?: Record<string, string>;
}

/** A file as object stores and edge servers give it: HEAD, `If-None-Match` (304), one byte range (206, 416), everything readable by browsers. */
export function fileResponse(req: SimRequest, file: ServedFile): SimResponse {
  const total = file.body.length;
  const headers: Record<string, string> = {
    'content-type': file.contentType,
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
    ...(file.etag && { etag: file.etag }),
    ...(file.lastModified !== undefined && { 'last-modified': new Date(file.lastModified).toUTCString() }),
    ...file.headers,
  };
  const known = (req.headers['if-none-match'] ?? '').split(',').map((one) => one.trim());
  if (file.etag && known.includes(file.etag)) return { status: 304, headers };
  const range = parseRange(req.headers.range, total);
  if (range === 'whole') return { status: 200, headers, body: file.body };
  if (range === 'outside') return { status: 416, headers: { ...headers, 'content-range': `bytes */${total}` } };
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${range.start}-${range.end}/${total}` },
    body: file.body.subarray(range.start, range.end + 1),
  };
}

type Range = { start: number; end: number } | 'whole' | 'outside';

/** Both ends are inclusive. A header that is not one plain range is ignored, as RFC 9110 §14.2 allows. */
function parseRange(header: string | undefined, total: number): Range {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'whole';
  if (total === 0) return 'outside';
  if (first === '')
    return Number(last) === 0 ? 'outside' : { start: Math.max(0, total - Number(last)), end: total - 1 };
  const start = Number(first);
  if (start >= total) return 'outside';
  if (last !== '' && Number(last) < start) return 'whole';
  return { start, end: last === '' ? total - 1 : Math.min(Number(last), total - 1) };
}

/** A live playlist: it is asked for again and again, and most answers are the same as the last. */
export function playlistResponse(req: SimRequest, text: string, contentType: string): SimResponse {
  const etag = `"${createHash('md5').update(text).digest('hex')}"`;
  return fileResponse(req, { body: Buffer.from(text), contentType, etag, headers: { 'cache-control': 'max-age=1' } });
}
