import type { FastifyServerOptions } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { pathOf } from './error-handler.ts';

interface Asked {
  method: string;
  url: string;
  ip?: string;
  params?: unknown;
}

/** What a line tells of a request: never a header, a body, or a query, because they carry secrets. */
const requestLine = ({ method, url, ip, params }: Asked) => {
  const { eventId, scheduleId } = (params ?? {}) as { eventId?: string; scheduleId?: string };
  return { method, path: pathOf(url), ip, ...(eventId && { eventId }), ...(scheduleId && { scheduleId }) };
};

const errorLine = (error: Error) => ({ type: error.name, message: error.message, stack: error.stack ?? '' });

export const logger = (log: ApiDeps['log']): FastifyServerOptions['logger'] =>
  log ? { level: log.level, stream: log.stream, serializers: { req: requestLine, err: errorLine } } : false;
