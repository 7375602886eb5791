import type { FastifyServerOptions } from 'fastify';
import { printableJson } from '../../domain/text.ts';
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

export function loggerOptions(log: ApiDeps['log']): FastifyServerOptions['logger'] {
  if (!log) return false;
  const { level, stream = process.stdout } = log;
  // Paths and messages come from outside.
  const printing = { write: (line: string) => void stream.write(printableJson(line)) };
  return { level, stream: printing, serializers: { req: requestLine, err: errorLine } };
}
