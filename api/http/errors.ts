import { status } from '@grpc/grpc-js';
import {
  BookedError,
  InvalidCursorError,
  InvalidPlanError,
  NoAddressError,
  NoSuchEventError,
  NoSuchScheduleError,
  NotSetUpError,
  NoWorkerError,
  OverBudgetError,
  RefusedError,
  UnreadBudgetError,
} from '../../client/errors.ts';
import { PayloadUnreadableError, VendorError } from '../../domain/errors.ts';
import { grpcCodeOf } from '../../temporal/connection-error.ts';
import { booked, conflict, HttpProblem, invalid, notFound, overBudget, unavailable } from './problem.ts';

const retryable: readonly number[] = [
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.UNAVAILABLE,
];

/** The problem document of any error. An unknown error gives the caller no detail; the log has it. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  return ofClient(error) ?? ofFramework(error) ?? ofTemporal(error) ?? unexpected(error);
}

function ofClient(error: unknown): HttpProblem | undefined {
  const options = { cause: error };
  if (error instanceof InvalidPlanError) {
    return invalid(422, 'invalid-plan', error.summary, error.problems);
  }
  if (error instanceof InvalidCursorError) return invalid(400, 'invalid-request', error.message);
  if (error instanceof NoSuchEventError || error instanceof NoSuchScheduleError)
    return notFound(error.message, options);
  if (error instanceof BookedError) return booked(error.message, error.conflicts, options);
  if (error instanceof OverBudgetError) return overBudget(error.message, error.shortages, options);
  if (error instanceof RefusedError) return conflict('refused', error.message, options);
  if (error instanceof NoAddressError) return conflict('no-channel', error.message, options);
  if (error instanceof PayloadUnreadableError)
    return unavailable(`Temporal’s answer cannot be read: ${error.message}`, options);
  if (error instanceof NoWorkerError || error instanceof NotSetUpError || error instanceof UnreadBudgetError)
    return unavailable(error.message, options);
  if (error instanceof VendorError) {
    const { kind, message } = error;
    if (kind === 'unavailable' || kind === 'throttled') return unavailable(message, options);
    return new HttpProblem({ status: 502, kind: 'vendor', title: 'The vendor refuses', detail: message }, options);
  }
  return undefined;
}

/** https://fastify.dev/docs/latest/Reference/Errors/ */
const inOurWords: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the body must be JSON, sent with `content-type: application/json`',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not valid JSON, or has a key `__proto__` or `constructor.prototype`',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty: send a JSON object',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is too large: it may have 64 KiB, what a vendor sends 2 MiB',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH:
    'the body is not as long as its `content-length` says: it was cut on its way, send it again',
};

/** Fastify's own refusals: a body too large, not JSON, of an unknown type. */
function ofFramework(error: unknown): HttpProblem | undefined {
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_') || typeof statusCode !== 'number') return undefined;
  return statusCode < 500 ? invalid(statusCode, 'invalid-request', inOurWords[code] ?? String(message)) : undefined;
}

function ofTemporal(error: unknown): HttpProblem | undefined {
  const code = grpcCodeOf(error);
  if (code === undefined || !retryable.includes(code)) return undefined;
  return unavailable('Temporal does not answer; nothing is lost, try again', { cause: error });
}

const unexpected = (error: unknown): HttpProblem =>
  new HttpProblem(
    {
      status: 500,
      kind: 'internal',
      title: 'Internal error',
      detail: 'the server failed; its log has the reason',
    },
    { cause: error },
  );
