import { VendorError, type VendorErrorFacts, type VendorErrorKind } from '../../domain/errors.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import { failureOf } from '../http.ts';
import { vendor } from './names.ts';

type Classified = Omit<VendorErrorFacts, 'vendor' | 'operation' | 'resource'>;

/** The parts of the SDK's `RestError`, of `@azure/identity` errors and of network errors that matter here. */
interface ErrorShape {
  name?: string;
  message?: string;
  code?: string;
  statusCode?: number;
  details?: { error?: { code?: string; message?: string } };
  response?: { headers?: { get(name: string): string | undefined | null } };
}

/** `about`: what a refusal is about, where it is not what was asked for. */
interface Verdict {
  kind: VendorErrorKind;
  advice?: string;
  about?: 'credentials' | 'place';
}

const signInRefused: Verdict = { kind: 'unauthorized', about: 'credentials' };
const wrongPlace = (advice: string): Verdict => ({ kind: 'invalid-request', about: 'place', advice });

const byCode: Readonly<Record<string, Verdict>> = {
  AuthenticationFailed: signInRefused,
  InvalidAuthenticationToken: signInRefused,
  InvalidAuthenticationTokenTenant: signInRefused,
  ExpiredAuthenticationToken: signInRefused,
  AuthorizationFailed: { kind: 'unauthorized' },
  LinkedAuthorizationFailed: { kind: 'unauthorized' },
  InvalidSubscriptionId: wrongPlace('check subscriptionId'),
  SubscriptionNotFound: wrongPlace('check subscriptionId'),
  ResourceGroupNotFound: wrongPlace('check resourceGroup'),
  MissingSubscriptionRegistration: wrongPlace('register the resource provider Microsoft.Media in the subscription'),
  NotFound: { kind: 'not-found' },
  ResourceNotFound: { kind: 'not-found' },
  Conflict: { kind: 'conflict' },
  TooManyRequests: { kind: 'throttled' },
  SubscriptionRequestsThrottled: { kind: 'throttled' },
  ServerBusy: { kind: 'unavailable' },
  ServiceUnavailable: { kind: 'unavailable' },
};

const byStatus: Record<number, VendorErrorKind> = {
  400: 'invalid-request',
  401: 'unauthorized',
  403: 'unauthorized',
  408: 'unavailable',
  409: 'conflict',
  412: 'conflict',
  429: 'throttled',
};

const advice: Partial<Record<VendorErrorKind, string>> = {
  unauthorized: 'check the credentials of the account and its role on the media account',
  'quota-exceeded': 'delete unused live events (5 per account by default) or ask for a higher quota',
  conflict: 'only one operation may run on a live event at a time; look at its state',
  throttled: 'wait as long as the vendor asks; fewer calls per subscription help',
};

/** A missing media account is a wrong setting; taking it for a missing live event would make clean-up a lie. */
const accountItself = /'Microsoft\.Media\/mediaservices\/[^'/]+'/i;

/** Any failure of a call, in our words. Absence is only what the service itself says of the resource. */
export function classify(error: unknown): Classified {
  const shape = (typeof error === 'object' && error !== null ? error : {}) as ErrorShape;
  const status = shape.statusCode;
  if (shape.name === 'AbortError' || shape.name === 'TimeoutError') {
    return { kind: 'unavailable', message: 'no answer in time', advice: 'raise timeoutMs if the vendor is that slow' };
  }
  if (status === undefined) return withoutAnswer(shape, error);
  const body = shape.details?.error;
  const code = body?.code ?? shape.code;
  const message = body?.message ?? `HTTP ${status} without an error body`;
  const kind = kindOf(status, body?.code, message);
  const suggested = byCode[code ?? '']?.advice ?? advice[kind];
  const waitMs = retryAfterOf(shape);
  const requestId = shape.response?.headers?.get('x-ms-request-id') ?? undefined;
  return {
    kind,
    message,
    httpStatus: status,
    ...(code && { code }),
    ...(requestId && { requestId }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    ...(suggested && { advice: suggested }),
  };
}

function kindOf(status: number, code: string | undefined, message: string): VendorErrorKind {
  if (status >= 500) return 'unavailable';
  if (status === 429) return 'throttled';
  if (isQuota(status, code, message)) return 'quota-exceeded';
  if (status === 404) return absence(code, message);
  const named = byCode[code ?? '']?.kind;
  return (named === 'not-found' ? undefined : named) ?? byStatus[status] ?? 'unknown';
}

function absence(code: string | undefined, message: string): VendorErrorKind {
  if (code === 'ResourceNotFound' && accountItself.test(message)) return 'invalid-request';
  return byCode[code ?? '']?.kind ?? 'unknown';
}

/** The code of a sixth live event is published nowhere; the words of the answer decide. */
const isQuota = (status: number, code: string | undefined, message: string): boolean =>
  [400, 403, 409].includes(status) &&
  (/quota|limit(exceeded|reached)/i.test(code ?? '') || /\bquota\b|maximum number of/i.test(message));

/** Errors of a sign-in host that fails itself; all its other errors are about the credentials. */
const signInTrouble = /^(temporarily_unavailable|server_error|network_error|request_timeout)\b/;

/** `@azure/identity` gives neither status nor code: only the name and the first word of the message identify the error. */
function signInFailure({ name, message = '' }: ErrorShape): Classified | undefined {
  const unreachable = name === 'CredentialUnavailableError';
  if (!unreachable && name !== 'AuthenticationRequiredError') return undefined;
  return unreachable || signInTrouble.test(message)
    ? {
        kind: 'unavailable',
        message: 'the sign-in service gave no token',
        advice: 'check authorityHost and the network',
      }
    : { kind: 'unauthorized', message: 'sign-in was refused', advice: advice.unauthorized };
}

function withoutAnswer(shape: ErrorShape, error: unknown): Classified {
  const signIn = signInFailure(shape);
  if (signIn) return signIn;
  const { code = shape.code, message, ofSystem } = failureOf(error);
  const network = code !== undefined || shape.name === 'RestError' || shape.name === 'ConnectionError';
  if (!network) return { kind: 'unknown', message: shape.message ?? String(error) };
  return {
    kind: 'unavailable',
    // Other words may quote an address, and an address may hold a secret.
    message: ofSystem ? `the connection failed: ${message}` : 'the connection failed',
    ...(code && { code }),
    advice: 'check the endpoint of the account and the network',
  };
}

function retryAfterOf(shape: ErrorShape): number | undefined {
  const header = (name: string) => shape.response?.headers?.get(name) ?? undefined;
  const ms = header('retry-after-ms') ?? header('x-ms-retry-after-ms');
  if (ms !== undefined && Number.isFinite(Number(ms))) return Number(ms);
  return retryAfterMs({ 'retry-after': header('retry-after'), date: header('date') });
}

/** An accepted operation that ended as failed, or was cancelled. */
export function operationFailure(
  operation: string,
  resource: string,
  status: string,
  code?: string,
  words?: string,
): VendorError {
  const message = words || 'the vendor gives no reason';
  const named = byCode[code ?? ''];
  const kind = isQuota(409, code, message) ? 'quota-exceeded' : (named?.kind ?? 'unknown');
  const suggested = named?.advice ?? advice[kind] ?? 'look at the activity log of the media account';
  return refusal({
    kind,
    operation,
    resource,
    message: `accepted, and then ${status === 'Canceled' ? 'cancelled' : 'failed'}: ${message}`,
    ...(code && { code }),
    advice: suggested,
  });
}

/** A failure that we, not the vendor, found: a foreign ownership tag, a vanished channel, an account half configured. */
export const refusal = (facts: Omit<VendorErrorFacts, 'vendor'>): VendorError => new VendorError({ vendor, ...facts });

/** Azure publishes no codes for an illegal transition: after one of these the state of the resource decides. */
export const mayMeanWrongState = (error: unknown): error is VendorError =>
  error instanceof VendorError &&
  [400, 403, 409, 412].includes(error.facts.httpStatus ?? 0) &&
  error.kind !== 'quota-exceeded';

/** What a refusal is about, where it is not what was asked for. */
export function meaningOf({ facts }: VendorError): Verdict['about'] {
  const { code = '', kind, httpStatus, message } = facts;
  if (accountItself.test(message)) return 'place';
  // Without a status it is the sign-in that was refused, or that something is missing for.
  const isRefusedSignIn = kind === 'unauthorized' && (httpStatus === undefined || httpStatus === 401);
  return byCode[code]?.about ?? (isRefusedSignIn ? 'credentials' : undefined);
}
