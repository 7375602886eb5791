import type { FastifyServerOptions } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { pathOf } from './error-handler.ts';

interface LoggedRequest {
  method: string;
  url: string;
  ip?: string;
  params?: unknown;
}

/** The fields of a request in the log: never a header, a body or a query, because they carry secrets. */
const requestLine = ({ method, url, ip, params }: LoggedRequest) => {
  const { eventId, scheduleId } = (params ?? {}) as { eventId?: string; scheduleId?: string };
  return { method, path: pathOf(url), ip, ...(eventId && { eventId }), ...(scheduleId && { scheduleId }) };
};

const errorLine = (error: Error) => ({ type: error.name, message: error.message, stack: error.stack ?? '' });

export const loggerOptions = (log: ApiDeps['log']): FastifyServerOptions['logger'] =>
  log ? { level: log.level, stream: log.stream, serializers: { req: requestLine, err: errorLine } } : false;
