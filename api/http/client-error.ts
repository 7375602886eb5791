import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { securityHeaders } from '../../temporal/security-headers.ts';
import { problemType } from '../schemas/problem.ts';
import { sendProblem } from './error-handler.ts';

import { invalid } from './problem.ts';

/** A path that leads to no route because it cannot be decoded. The answer does not repeat it. */
export function onUnreadablePath(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode = 400, code } = error;
  const detail =
    code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? 'a part of the path is longer than any name here: 100 characters'
      : 'the address is not valid: after a % come two hexadecimal digits, and together they are UTF-8';
  reply.headers(securityHeaders);
  sendProblem(invalid(statusCode, 'invalid-request', detail, undefined, { cause: error }), request, reply);
}

const refusals: Record<string, { status: number; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'the request did not arrive in time; send it again, faster' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'the headers are too large: all of them have 16 KiB' },
};
const notHttp = { status: 400, detail: 'this is not a valid HTTP request' };

/** Answers a request that is not HTTP, or that arrives too slowly, and closes its connection. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, detail } = refusals[error.code ?? ''] ?? notHttp;
  const type = 'urn:showcaller:problem:invalid-request';
  const body = JSON.stringify({ type, title: 'Not valid', status, detail, instance: '' });
  const headers = {
    ...securityHeaders,
    'content-type': problemType,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (socket.writable) socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  socket.destroySoon();
}
