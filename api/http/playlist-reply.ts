import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const playlistType = 'application/vnd.apple.mpegurl';

/** Sends a text that may be kept: 304 to those who have it, and a part of it to those who ask for one. */
export function sendPlaylist(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const body = Buffer.from(text);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  reply.headers({ etag, 'accept-ranges': 'bytes' });
  const { 'if-none-match': known = '', 'if-range': same, range } = request.headers;
  const names = known.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (names.includes(etag) || known.trim() === '*') return reply.code(304).send();
  // Of HEAD a range means nothing. https://www.rfc-editor.org/rfc/rfc9110#section-14.2
  const isAsked = request.method === 'GET' && range !== undefined;
  const part = isAsked && (same === undefined || same === etag) ? rangeOf(range, body.length) : undefined;
  reply.type(playlistType);
  if (part === undefined) return reply.send(body);
  if (part === 'none') return reply.code(416).header('content-range', `bytes */${body.length}`).send();
  const [first, last] = part;
  return reply
    .code(206)
    .header('content-range', `bytes ${first}-${last}/${body.length}`)
    .send(body.subarray(first, last + 1));
}

/** One range, both ends inclusive; undefined for what is sent whole. https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2 */
function rangeOf(range: string, length: number): [first: number, last: number] | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return to === '' || Number(to) === 0 ? 'none' : [Math.max(0, length - Number(to)), length - 1];
  if (to !== '' && Number(to) < Number(from)) return undefined;
  if (Number(from) >= length) return 'none';
  return [Number(from), to === '' ? length - 1 : Math.min(Number(to), length - 1)];
}
