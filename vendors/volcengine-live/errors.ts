import { VendorError, type VendorErrorFacts, type VendorErrorKind } from '../../domain/errors.ts';
import { failureOf } from '../http.ts';
import { vendor } from './names.ts';

/** An answer that is no success, with what could be read of it. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly code: string | undefined;
  readonly codeN: number | undefined;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, facts: { code?: string; codeN?: number; httpStatus?: number; requestId?: string }) {
    super(message);
    this.code = facts.code;
    this.codeN = facts.codeN;
    this.httpStatus = facts.httpStatus;
    this.requestId = facts.requestId;
  }
}

/** https://www.volcengine.com/docs/6448/76370 and the error tables of the operations. First match wins. */
const kindsByCode: readonly (readonly [pattern: RegExp, kind: VendorErrorKind])[] = [
  [/^(FlowLimitExceeded|RequestLimitExceeded)/, 'throttled'],
  // Clock skew passes as often as not, and a wrong guess here would fail a show for good.
  [/^InvalidTimestamp/, 'clock-skew'],
  [/^(InternalError|InternalService|FailToConnect|ServiceUnavailable)/, 'unavailable'],
  [/^(Undefined|CommonErr)/, 'unavailable'],
  [
    /^(MissingAuthenticationToken|MissingSignature|InvalidClientTokenId|InvalidAccessKey|SignatureDoesNotMatch|InvalidCredential|InvalidSecurityToken)/,
    'unauthorized',
  ],
  [/^(LackPolicy|LackProjectPolicy|AccessDenied|RequestForbidden)/, 'unauthorized'],
  [/^ServiceNotFound/, 'invalid-request'],
  [/(^|\.)(Quota|LimitExceeded|ExceedLimit|QuotaExceeded)/, 'quota-exceeded'],
  [/(NotFound|NotExist)/, 'not-found'],
  [/(Exist|Duplicate|Conflict)/, 'conflict'],
  [/^(Missing|Invalid|MethodNotAllowed|UnsupportedOperation)/, 'invalid-request'],
];

const kindsByNumber: Readonly<Record<number, VendorErrorKind>> = {
  100001: 'unavailable',
  100002: 'invalid-request',
  100003: 'unauthorized',
  100004: 'invalid-request',
  100005: 'unauthorized',
  100006: 'clock-skew',
  100007: 'invalid-request',
  100008: 'invalid-request',
  100009: 'unauthorized',
  100010: 'unauthorized',
  100012: 'unauthorized',
  100013: 'unauthorized',
  100018: 'throttled',
};

const adviceByCode: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^InvalidTimestamp/, 'check the clock of this machine'],
  [/^(InvalidClientTokenId|InvalidAccessKey|MissingAuthenticationToken)/, 'check the accessKeyId of the account'],
  [/^(SignatureDoesNotMatch|MissingSignature)/, 'check the secretKey and the region of the account'],
  [/^(LackPolicy|LackProjectPolicy|AccessDenied)/, 'grant the user of the access key the VeLive permissions'],
  [/^RequestForbidden/, 'check that the vhost, domains and app of the account belong to this Volcengine account'],
  [/^(FlowLimitExceeded|RequestLimitExceeded)/, 'the vendor allows 10 calls a second per operation; ask less often'],
];

/** Where the code says no more than the kind. */
const adviceByKind: Partial<Record<VendorErrorKind, string>> = {
  'quota-exceeded': 'release what is not used any more, or ask Volcengine support for a higher quota',
  unauthorized: 'check the accessKeyId, the secretKey and the sessionToken of the account',
};

/** Says what a failed call means. The SDK throws away HTTP statuses, so the code in the body decides. */
export function classify(error: unknown): Omit<VendorErrorFacts, 'vendor' | 'operation' | 'resource'> {
  if (!(error instanceof ApiFailure)) {
    const { code, message } = failureOf(error);
    return { kind: 'unavailable', message, ...(code !== undefined && { code }), ...networkAdvice };
  }
  const { code, codeN, httpStatus, requestId } = error;
  const kind = kindOf(error);
  const advice = adviceByCode.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? adviceByKind[kind];
  return {
    kind,
    message: error.message,
    ...(code !== undefined && { code }),
    ...(code === undefined && codeN !== undefined && { code: String(codeN) }),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(requestId && { requestId }),
    ...(advice && { advice }),
  };
}

const networkAdvice = { advice: 'check the host of the account and the network' };

function kindOf({ code, codeN, httpStatus }: ApiFailure): VendorErrorKind {
  if (code === undefined && codeN === undefined) return httpStatus === 429 ? 'throttled' : 'unavailable';
  const byCode = kindsByCode.find(([pattern]) => pattern.test(code ?? ''))?.[1];
  return byCode ?? kindsByNumber[codeN ?? 0] ?? 'unknown';
}

/** No record preset would record the stream. `reason` says what was looked at. */
export const noRecording = (operation: string, stream: string, reason: string): VendorError =>
  new VendorError({
    kind: 'invalid-request',
    vendor,
    operation,
    resource: stream,
    message: `the output would not be recorded: ${reason}`,
    advice:
      'run showcaller setup (a new preset applies to pushes that start 3 to 5 minutes later), or set the option record to "off"',
  });

const ofCredentials =
  /^(MissingAuthenticationToken|MissingSignature|InvalidClientTokenId|InvalidAccessKey|SignatureDoesNotMatch|InvalidCredential|InvalidSecurityToken)/;

/** What a refusal is about, where it is not what was asked for. */
export function meaningOf({ facts: { code = '' } }: VendorError): 'credentials' | 'place' | undefined {
  if (ofCredentials.test(code)) return 'credentials';
  return /^(RequestForbidden|ServiceNotFound)/.test(code) ? 'place' : undefined;
}
