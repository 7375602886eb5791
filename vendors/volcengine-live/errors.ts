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

/** `about`: what a refusal is about, where it is not what was asked for. */
interface Verdict {
  kind: VendorErrorKind;
  advice?: string;
  about?: 'credentials' | 'place';
}

const refused = (advice?: string): Verdict => ({
  kind: 'unauthorized',
  about: 'credentials',
  ...(advice && { advice }),
});

/** https://www.volcengine.com/docs/6448/76370 and the error tables of the operations. First match wins. */
const byCode: readonly (readonly [pattern: RegExp, verdict: Verdict])[] = [
  [
    /^(FlowLimitExceeded|RequestLimitExceeded)/,
    { kind: 'throttled', advice: 'the vendor allows 10 calls a second per operation; ask less often' },
  ],
  // Clock skew passes as often as not, and a wrong guess here would fail a show for good.
  [/^InvalidTimestamp/, { kind: 'clock-skew', advice: 'check the clock of this machine' }],
  [/^(InternalError|InternalService|FailToConnect|ServiceUnavailable)/, { kind: 'unavailable' }],
  [/^(Undefined|CommonErr)/, { kind: 'unavailable' }],
  [
    /^(MissingAuthenticationToken|InvalidClientTokenId|InvalidAccessKey)/,
    refused('check the accessKeyId of the account'),
  ],
  [/^(MissingSignature|SignatureDoesNotMatch)/, refused('check the secretKey and the region of the account')],
  [/^(InvalidCredential|InvalidSecurityToken)/, refused()],
  [
    /^(LackPolicy|LackProjectPolicy|AccessDenied)/,
    { kind: 'unauthorized', advice: 'grant the user of the access key the VeLive permissions' },
  ],
  [
    /^RequestForbidden/,
    {
      kind: 'unauthorized',
      about: 'place',
      advice: 'check that the vhost, domains and app of the account belong to this Volcengine account',
    },
  ],
  [/^ServiceNotFound/, { kind: 'invalid-request', about: 'place' }],
  [/(^|\.)(Quota|LimitExceeded|ExceedLimit|QuotaExceeded)/, { kind: 'quota-exceeded' }],
  [/(NotFound|NotExist)/, { kind: 'not-found' }],
  [/(Exist|Duplicate|Conflict)/, { kind: 'conflict' }],
  [/^(Missing|Invalid|MethodNotAllowed|UnsupportedOperation)/, { kind: 'invalid-request' }],
];

/** The codes that the numbers stand for. */
const codesByNumber: Readonly<Record<string, string>> = {
  100001: 'UndefinedError',
  100002: 'MissingParameter',
  100003: 'MissingAuthenticationToken',
  100004: 'MissingRequestInfo',
  100005: 'MissingSignature',
  100006: 'InvalidTimestamp',
  100007: 'ServiceNotFound',
  100008: 'InvalidActionOrVersion',
  100009: 'InvalidAccessKey',
  100010: 'SignatureDoesNotMatch',
  100012: 'LackPolicy',
  100013: 'AccessDenied',
  100018: 'FlowLimitExceeded',
};

/** `code` is a code or a number. */
function verdictOf(code: string): Verdict | undefined {
  const named = codesByNumber[code] ?? code;
  return byCode.find(([pattern]) => pattern.test(named))?.[1];
}

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
  const verdict = verdictOf(code ?? '') ?? verdictOf(String(codeN));
  const kind = verdict?.kind ?? kindWithoutVerdict(error);
  const advice = verdict?.advice ?? adviceByKind[kind];
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

/** What names no error was not sent by the vendor's own service. */
function kindWithoutVerdict({ code, codeN, httpStatus }: ApiFailure): VendorErrorKind {
  if (httpStatus === 429) return 'throttled';
  return code === undefined && codeN === undefined ? 'unavailable' : 'unknown';
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

/** What a refusal is about, where it is not what was asked for. */
export const meaningOf = ({ facts: { code = '' } }: VendorError): Verdict['about'] => verdictOf(code)?.about;
