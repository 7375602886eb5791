import { VendorError, type VendorErrorKind } from '../../domain/errors.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import type { Classify } from '../call.ts';
import { failureOf } from '../http.ts';

type Facts = ReturnType<Classify>;

/** `about`: what a refusal is about, where it is not what was asked for. */
interface Verdict {
  kind: VendorErrorKind;
  advice?: string;
  about?: 'credentials' | 'bucket';
}

const refused = (advice: string): Verdict => ({ kind: 'unauthorized', about: 'credentials', advice });
const wrongKeys = refused('Check the access key, its secret, the session token and the clock of this machine.');
const expired = refused('The temporary credentials have expired; renew them.');
const notAllowed: Verdict = {
  kind: 'unauthorized',
  advice:
    'Allow the account’s key the ivs: or s3: action that was refused; `showcaller check PLAN` names those that are missing.',
};
// The clocks differ; the SDK corrects itself by the answer's Date on its next try.
const skew: Verdict = {
  kind: 'clock-skew',
  advice: 'The clock of this machine differs from the vendor’s; set it. The call is tried again.',
};
const tooSlow: Verdict = { kind: 'unavailable', advice: 'The call took longer than timeoutMs.' };
const throttled: Verdict = { kind: 'throttled' };

/**
 * IVS: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/CommonErrors.html; the rest is of S3, IAM, STS and SQS,
 * and of the SDK, whose lists of throttling and transient codes are in `@smithy/core/retry`.
 */
const known: Readonly<Record<string, Verdict>> = {
  ValidationException: { kind: 'invalid-request' },
  ResourceNotFoundException: { kind: 'not-found' },
  ChannelNotBroadcasting: { kind: 'not-found' },
  NoSuchKey: { kind: 'not-found' },
  NoSuchEntity: { kind: 'not-found' },
  ConflictException: { kind: 'conflict', advice: 'A channel that is live cannot be changed; stop its stream first.' },
  ServiceQuotaExceededException: {
    kind: 'quota-exceeded',
    advice: 'Delete what is not needed or ask AWS to raise the quota.',
  },
  AccessDeniedException: notAllowed,
  AccessDenied: notAllowed,
  PendingVerification: refused('AWS is still verifying this account; ask AWS Support.'),
  UnrecognizedClientException: wrongKeys,
  InvalidClientTokenId: wrongKeys,
  InvalidAccessKeyId: wrongKeys,
  InvalidSignatureException: wrongKeys,
  SignatureDoesNotMatch: wrongKeys,
  IncompleteSignatureException: wrongKeys,
  IncompleteSignature: wrongKeys,
  MissingAuthenticationTokenException: wrongKeys,
  MissingAuthenticationToken: wrongKeys,
  ExpiredTokenException: expired,
  ExpiredToken: expired,
  CredentialsProviderError: refused('The AWS SDK found no credentials; configure some.'),
  NoSuchBucket: { kind: 'not-found', about: 'bucket', advice: 'Create the bucket, or correct recordingBucket.' },
  PermanentRedirect: {
    kind: 'invalid-request',
    about: 'bucket',
    advice: 'The bucket is in another region than the account.',
  },
  AuthorizationHeaderMalformed: {
    kind: 'invalid-request',
    about: 'bucket',
    advice: 'Check that region is the bucket’s.',
  },
  RequestTimeTooSkewed: skew,
  RequestInTheFuture: skew,
  RequestExpired: skew,
  BandwidthLimitExceeded: throttled,
  EC2ThrottledException: throttled,
  LimitExceededException: throttled,
  PriorRequestNotComplete: throttled,
  ProvisionedThroughputExceededException: throttled,
  RequestLimitExceeded: throttled,
  RequestThrottled: throttled,
  RequestThrottledException: throttled,
  SlowDown: throttled,
  ThrottledException: throttled,
  Throttling: throttled,
  ThrottlingException: throttled,
  TooManyRequestsException: throttled,
  TransactionInProgressException: throttled,
  InternalServerException: { kind: 'unavailable' },
  ServiceUnavailable: { kind: 'unavailable' },
  StreamUnavailable: { kind: 'unavailable' },
  RequestTimeout: { kind: 'unavailable' },
  RequestTimeoutException: { kind: 'unavailable' },
  TimeoutError: tooSlow,
  AbortError: tooSlow,
};

/** What the SDK throws, as far as we read it. */
interface Thrown {
  name?: string;
  message?: string;
  /** IVS puts its words here; `message` is then `UnknownError`. */
  exceptionMessage?: string;
  /** Of the socket or the system. */
  code?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
}

export const classify: Classify = (error) => {
  const thrown = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Thrown;
  const httpStatus = thrown.$metadata?.httpStatusCode;
  const code = codeOf(thrown);
  const entry = code === undefined ? undefined : isSkew(code, thrown) ? skew : known[code];
  const waitMs = retryAfterMs(thrown.$response?.headers ?? {});
  const facts: Facts = {
    kind: entry?.kind ?? kindOfStatus(httpStatus, thrown),
    message: withoutSecrets(wordsOf(thrown, error)),
    ...(code && { code }),
    ...(httpStatus && { httpStatus }),
    ...(thrown.$metadata?.requestId && { requestId: thrown.$metadata.requestId }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    ...(entry?.advice && { advice: entry.advice }),
  };
  return facts;
};

const generic = new Set(['Error', 'UnknownError', 'IvsServiceException', 'S3ServiceException']);

const codeOf = (thrown: Thrown): string | undefined =>
  thrown.name && !generic.has(thrown.name) ? thrown.name : thrown.code;

/** A 404 without one of IVS's own codes may come from a proxy: it is not taken for absence. */
function kindOfStatus(status: number | undefined, thrown: Thrown): VendorErrorKind {
  if (status === undefined || status < 300) return thrown.code ? 'unavailable' : 'unknown';
  if (status === 400) return 'invalid-request';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 402) return 'quota-exceeded';
  if (status === 408) return 'unavailable';
  if (status === 409) return 'conflict';
  if (status === 429) return 'throttled';
  return status >= 500 ? 'unavailable' : 'unknown';
}

/** Of what never got an answer, the innermost words: wrappers have none, or hide them. */
function wordsOf(thrown: Thrown, error: unknown): string {
  if (thrown.$metadata?.httpStatusCode === undefined && error instanceof Error) return failureOf(error).message;
  const said = [thrown.exceptionMessage, thrown.message].find((text) => text && text !== 'UnknownError');
  return said ?? thrown.name ?? 'no reason was given';
}

const withoutSecrets = (text: string): string =>
  text.replace(/\bsk_[A-Za-z0-9-]+_\w+/g, 'sk_***').replace(/(x-amz-security-token[:=]\s*)\S+/gi, '$1***');

/** Whether IVS answered with this code of its own. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof VendorError && error.facts.code === code;

/** What `work` gives, or undefined when IVS definitely says that the thing does not exist. */
export const unlessAbsent = <T>(work: Promise<T>): Promise<T | undefined> =>
  unlessCode(work, 'ResourceNotFoundException');

export async function unlessCode<T>(work: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.some((code) => isCode(error, code))) return undefined;
    throw error;
  }
}

/** Neither IVS nor STS has a code of its own for it: `Signature not yet current`, `Signature expired`. */
const isSkew = (code: string, { message = '', exceptionMessage = '' }: Thrown): boolean =>
  ['InvalidSignatureException', 'SignatureDoesNotMatch'].includes(code) &&
  /not yet current|expired/i.test(`${message} ${exceptionMessage}`);

/** What a refusal is about, where it is not what was asked for. */
export const meaningOf = ({ facts: { code = '' } }: VendorError): Verdict['about'] => known[code]?.about;
