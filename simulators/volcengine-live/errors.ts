import type { FaultKind, SimResponse } from '../kit/types.ts';

interface WireError {
  status: number;
  codeN: number;
  message: string;
}

/** documented(https://www.volcengine.com/docs/6448/76370), the live ones documented(https://www.volcengine.com/docs/6469/1126844). */
const catalogue = {
  MissingParameter: { status: 400, codeN: 100002, message: 'The request is missing a required parameter.' },
  MissingAuthenticationToken: { status: 401, codeN: 100003, message: 'The request carries no credential.' },
  MissingRequestInfo: { status: 400, codeN: 100004, message: 'The request is missing X-Date.' },
  MissingSignature: { status: 401, codeN: 100005, message: 'The Authorization header is not complete.' },
  InvalidTimestamp: { status: 403, codeN: 100006, message: 'The request is expired or from the future.' },
  ServiceNotFound: { status: 404, codeN: 100007, message: 'The service is not found.' },
  InvalidActionOrVersion: { status: 404, codeN: 100008, message: 'Could not find operation for the version.' },
  InvalidAccessKey: { status: 401, codeN: 100009, message: 'The access key does not exist.' },
  SignatureDoesNotMatch: { status: 401, codeN: 100010, message: 'The request signature does not match.' },
  AccessDenied: { status: 403, codeN: 100013, message: 'The user has no permission for this action.' },
  // The page names the code and gives no number, so none is sent. documented(https://www.volcengine.com/docs/6448/76370)
  FlowLimitExceeded: { status: 429, codeN: 0, message: 'Request was rejected because of the flow limit.' },
  InternalServiceError: { status: 502, codeN: 100015, message: 'The service behind the gateway failed.' },
  // It comes with HTTP 200. documented(https://www.volcengine.com/docs/6469/1126844)
  CommonErr: { status: 200, codeN: 0, message: 'Uncategorised error, please retry.' },
  InvalidParam: { status: 400, codeN: 0, message: 'Invalid parameter.' },
  'InvalidParam.BindError': {
    status: 400,
    codeN: 0,
    message: 'Request parameter error, please check input data',
  },
  'InvalidParam.Format': { status: 400, codeN: 0, message: 'format error' },
  'InvalidParam.OutOfRange': { status: 400, codeN: 0, message: 'out of range' },
  RequestForbidden: { status: 403, codeN: 0, message: 'The account has no such vhost, domain or app.' },
  // No page names the answer to a quota: assumed.
  QuotaExceeded: { status: 400, codeN: 0, message: 'The quota of the account is used up.' },
} as const satisfies Record<string, WireError>;

export type ErrorCode = keyof typeof catalogue;

/** A refusal on its way to the wire. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail?: string) {
    super(detail ?? catalogue[code].message);
    this.code = code;
  }
}

/** What is there already, or is not there. No page names the answer: assumed. */
export const conflict = (detail: string): Refusal => new Refusal('InvalidParam', detail);

export interface CallFacts {
  requestId: string;
  action: string;
  version: string;
  region: string;
}

/** documented(https://www.volcengine.com/docs/6469/1126844): one envelope for success and error. */
const metadata = ({ requestId, action, version, region }: CallFacts) => ({
  RequestId: requestId,
  Action: action,
  Version: version,
  Service: 'live',
  Region: region,
});

const json = { 'content-type': 'application/json; charset=utf-8' };

export const success = (call: CallFacts, result?: object): SimResponse => ({
  status: 200,
  headers: { ...json, 'x-tt-logid': call.requestId },
  body: JSON.stringify({ ResponseMetadata: metadata(call), ...(result && { Result: result }) }),
});

export function failure(call: CallFacts, refusal: Refusal): SimResponse {
  const { status, codeN } = catalogue[refusal.code];
  const error = { Code: refusal.code, ...(codeN && { CodeN: codeN }), Message: refusal.message };
  return {
    status,
    headers: { ...json, 'x-tt-logid': call.requestId },
    body: JSON.stringify({ ResponseMetadata: { ...metadata(call), Error: error } }),
  };
}

/** An outage shows both its faces: an error with HTTP 200 on changes, a gateway's page on reads. documented(https://www.volcengine.com/docs/6448/76370) */
export function faultResponse(kind: FaultKind, call: CallFacts, reads: boolean): SimResponse {
  if (kind === 'throttle') return failure(call, new Refusal('FlowLimitExceeded'));
  if (kind === 'quota') return failure(call, new Refusal('QuotaExceeded'));
  if (kind === 'unauthorized') return failure(call, new Refusal('SignatureDoesNotMatch'));
  if (kind === 'invalid') return failure(call, new Refusal('InvalidParam'));
  if (!reads) return failure(call, new Refusal('CommonErr'));
  const body = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';
  return { status: 502, headers: { 'content-type': 'text/html' }, body };
}
