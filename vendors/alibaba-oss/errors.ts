import { VendorError, type VendorErrorKind } from '../../domain/errors.ts';
import type { Classify } from '../call.ts';

/** `about`: what a refusal is about, where it is not what was asked for. */
interface Verdict {
  kind: VendorErrorKind;
  advice?: string;
  about?: 'credentials' | 'place';
}

const refused = (advice: string): Verdict => ({ kind: 'unauthorized', about: 'credentials', advice });

/** Codes: https://www.alibabacloud.com/help/en/oss/support/ and the exceptions of the vendor's Python SDK. */
const byCode: Readonly<Record<string, Verdict>> = {
  NoSuchLiveChannel: { kind: 'not-found', advice: 'someone may have deleted the channel; start the event again' },
  NoSuchKey: { kind: 'not-found' },
  NoSuchBucket: { kind: 'invalid-request', about: 'place', advice: 'check bucket, region and endpoint of the account' },
  InvalidBucketName: { kind: 'invalid-request', about: 'place', advice: 'check the bucket of the account' },
  InvalidArgument: { kind: 'invalid-request', advice: 'check vendorOptions against the limits of PutLiveChannel' },
  MalformedXML: { kind: 'invalid-request' },
  InvalidDigest: { kind: 'invalid-request', advice: 'something between us and OSS changed the request' },
  ChannelStillLive: { kind: 'conflict', advice: 'disable the channel and wait until its encoder is gone' },
  LiveChannelDisabled: { kind: 'conflict', advice: 'enable the channel first' },
  AccessDenied: {
    kind: 'unauthorized',
    advice: 'give the key oss:*LiveChannel* and oss:*Vod* on the bucket and check its endpoint',
  },
  InvalidAccessKeyId: refused('check accessKeyId; a temporary key also needs stsToken'),
  SignatureDoesNotMatch: refused('check accessKeySecret, region and signatureVersion'),
  RequestTimeTooSkewed: { kind: 'clock-skew', advice: 'set the clock of this machine; the call is tried again' },
  SecurityTokenExpired: refused('renew the STS credentials'),
  InvalidSecurityToken: refused('stsToken and accessKeyId must come from one STS session'),
  UserDisable: refused('check the balance and the state of the Alibaba Cloud account'),
  TooManyLiveChannels: { kind: 'quota-exceeded', advice: 'release channels or ask the vendor for more' },
  QuotaExceeded: { kind: 'quota-exceeded', advice: 'release channels or ask the vendor for more' },
  RequestTimeout: { kind: 'unavailable' },
  ServiceUnavailable: { kind: 'unavailable' },
  InternalError: { kind: 'unavailable' },
  RequestError: { kind: 'unavailable', advice: 'check that the endpoint can be reached from here' },
  ResponseError: { kind: 'unavailable' },
  ConnectionTimeoutError: { kind: 'unavailable', advice: 'check that the endpoint can be reached from here' },
};

/** https://www.alibabacloud.com/help/en/oss/support/0002-00000226 comes with the code of a wrong option. */
const wrongRegion: Verdict = {
  kind: 'unauthorized',
  about: 'place',
  advice: 'the region of the account must be that of the bucket, with signatureVersion v4',
};
const namesRegion = /signing region/i;

const throttling = /RateLimit|QpsLimit|Throttl|SlowDown|TooManyRequests/i;

/** What the SDK and our own client throw; every field may be missing. */
interface Thrown {
  name?: string;
  message?: string;
  code?: string;
  status?: number;
  requestId?: string;
}

/** The vendor's error in our words. The outcome of a call that got no answer is `unavailable`. */
export const classify: Classify = (error) => {
  const thrown = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Thrown;
  const status = thrown.status !== undefined && thrown.status > 0 ? thrown.status : undefined;
  const { kind, advice } = verdictOf(thrown, status);
  return {
    kind,
    ...(advice && { advice }),
    message: readable(thrown),
    ...(thrown.code && { code: String(thrown.code) }),
    ...(status !== undefined && { httpStatus: status }),
    ...(thrown.requestId && { requestId: thrown.requestId }),
  };
};

function verdictOf(
  { name, code, message }: Pick<Thrown, 'name' | 'code' | 'message'>,
  status: number | undefined,
): Verdict {
  if (inventedNotFound({ code, message })) {
    return { kind: 'unknown', advice: 'a 404 without a body is not from OSS; check the endpoint and proxies' };
  }
  if (code !== undefined && throttling.test(code)) return { kind: 'throttled' };
  if (code === 'InvalidArgument' && namesRegion.test(message ?? '')) return wrongRegion;
  const known = code === undefined ? undefined : byCode[code];
  if (known) return known;
  if (name !== undefined && /Timeout|Abort/.test(name)) {
    return { kind: 'unavailable', advice: 'raise timeoutMs if this lasts' };
  }
  if (name === 'ConnectionError')
    return { kind: 'unavailable', advice: 'check that the address can be reached from here' };
  if (status === 429) return { kind: 'throttled' };
  if (status !== undefined && status >= 500) return { kind: 'unavailable' };
  if (status === 401 || status === 403) return { kind: 'unauthorized' };
  if (status === 409) return { kind: 'conflict' };
  if (status !== undefined && status >= 400 && code !== undefined) return { kind: 'invalid-request' };
  return { kind: 'unknown' };
}

/** The SDK makes `NoSuchKey` of any 404 without a body; that is no word from OSS. */
const inventedNotFound = ({ code, message }: Pick<Thrown, 'code' | 'message'>): boolean =>
  code === 'NoSuchKey' && message === 'Object not exists';

/** Bodies that are not XML are put into the message whole by the SDK; only its first line is of use. */
const readable = ({ message, name }: Thrown): string => (message ?? name ?? 'no message').split('\nraw xml:')[0] ?? '';

const hasCode = (error: unknown, code: string): error is VendorError =>
  error instanceof VendorError && error.facts.code === code;

/** The one definite "does not exist" for a channel. */
export const isChannelAbsent = (error: unknown): boolean => hasCode(error, 'NoSuchLiveChannel');

export const isStillLive = (error: unknown): boolean => hasCode(error, 'ChannelStillLive');

/** Nothing was recorded in the span, or nothing has been uploaded yet. */
export const isNothingRecorded = (error: unknown): boolean =>
  hasCode(error, 'InvalidArgument') && /no ts file found/i.test(error.facts.message);

/** What a refusal is about, where it is not what was asked for. */
export const meaningOf = ({ facts }: VendorError): Verdict['about'] => verdictOf(facts, facts.httpStatus).about;
