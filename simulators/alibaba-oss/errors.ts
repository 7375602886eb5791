import { randomBytes } from 'node:crypto';
import type { FaultKind, SimResponse } from '../kit/types.ts';
import { element, xmlDocument } from './xml.ts';

/**
 * Everything this simulator can answer with instead of success. Codes and statuses of channels:
 * documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel) and its sibling pages, recorded(https://github.com/aliyun/aliyun-oss-python-sdk#exceptions.py).
 * General codes: documented(https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses). The wording of messages, except where a page quotes it: assumed.
 */
const catalogue = {
  AccessDenied: { status: 403, message: 'You have no right to access this object because of bucket acl.' },
  BadDate: { status: 403, code: 'AccessDenied', message: 'The request carries no valid Date or x-oss-date.' },
  Expired: { status: 403, code: 'AccessDenied', message: 'Request has expired.' },
  ChannelStillLive: { status: 409, message: 'The live channel is still live.', ec: '0044-00000201' },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
  InvalidAccessKeyId: { status: 403, message: 'The OSS Access Key Id you provided does not exist in our records.' },
  InvalidArgument: { status: 400, message: 'An argument of the request is not valid.' },
  InvalidDigest: { status: 400, message: 'The Content-MD5 you specified does not match the content.' },
  InvalidSecurityToken: { status: 403, message: 'The security token you provided is invalid.' },
  MalformedXML: { status: 400, message: 'The XML you provided was not well-formed.' },
  MethodNotAllowed: { status: 405, message: 'The specified method is not allowed against this resource.' },
  // documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000308), the message documented(https://www.alibabacloud.com/help/en/oss/developer-reference/manage-livechannels-by-using-oss-sdk-for-python)
  NoTsFile: {
    status: 400,
    code: 'InvalidArgument',
    message: 'No ts file found in specified time span.',
    ec: '0044-00000308',
  },
  // documented(https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions)
  InvalidObjectName: { status: 400, message: 'The specified object is not valid.' },
  // documented(https://www.alibabacloud.com/help/en/oss/user-guide/0044-00000302)
  VodChannelName: {
    status: 400,
    code: 'InvalidArgument',
    message: 'The live channel name is not valid.',
    ec: '0044-00000302',
  },
  // documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000403)
  VodPlaylistSuffix: {
    status: 400,
    code: 'InvalidArgument',
    message: 'The playlist name must end with .m3u8.',
    ec: '0044-00000403',
  },
  NoSuchBucket: { status: 404, message: 'The specified bucket does not exist.' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.' },
  NoSuchLiveChannel: { status: 404, message: 'The specified live channel does not exist.' },
  NotImplemented: { status: 501, message: 'This simulator does not know the operation.' },
  // The limit on operations of channels. documented(https://www.alibabacloud.com/help/en/oss/support/http-status-code-503)
  MetaOperationQpsLimitExceeded: { status: 503, message: 'Qps limit for the meta operation is exceeded' },
  RequestTimeTooSkewed: {
    status: 403,
    message: 'The difference between the request time and the current time is too large.',
  },
  // recorded(https://github.com/aliyun/alibabacloud-oss-go-sdk-v2/issues/29), documented(https://www.alibabacloud.com/help/en/oss/support/0002-00000226)
  WrongRegion: {
    status: 400,
    code: 'InvalidArgument',
    message: 'Invalid signing region in Authorization header.',
    ec: '0002-00000226',
  },
  ServiceUnavailable: { status: 503, message: 'Please try again later.' },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  },
  // No page names the answer to too many channels: assumed
  TooManyLiveChannels: { status: 400, message: 'The bucket holds as many live channels as it may.' },
  // documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000014) and the pages next to it
  BadFragDuration: {
    status: 400,
    code: 'InvalidArgument',
    message: 'FragDuration must be 1 to 100.',
    ec: '0044-00000014',
  },
  BadFragCount: { status: 400, code: 'InvalidArgument', message: 'FragCount must be 1 to 100.', ec: '0044-00000015' },
  PlaylistNameSlash: {
    status: 400,
    code: 'InvalidArgument',
    message: 'PlaylistName must hold no slash.',
    ec: '0044-00000016',
  },
  PlaylistNameLength: {
    status: 400,
    code: 'InvalidArgument',
    message: 'PlaylistName must have 6 to 128 characters.',
    ec: '0044-00000017',
  },
  PlaylistNameSuffix: {
    status: 400,
    code: 'InvalidArgument',
    message: 'PlaylistName must end with .m3u8.',
    ec: '0044-00000018',
  },
  // documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000002)
  BadStatus: {
    status: 400,
    code: 'InvalidArgument',
    message: 'Status must be enabled or disabled.',
    ec: '0044-00000002',
  },
  // documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000304)
  BadStartTime: {
    status: 400,
    code: 'InvalidArgument',
    message: 'startTime is missing or not a timestamp.',
    ec: '0044-00000304',
  },
  // documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000306)
  SpanTooLong: {
    status: 400,
    code: 'InvalidArgument',
    message: 'The time span must not exceed one day.',
    ec: '0044-00000306',
  },
} as const satisfies Record<string, { status: number; message: string; code?: string; ec?: string }>;

export type Refusal = keyof typeof catalogue;

/** Thrown anywhere in the simulator, becomes the vendor's answer in `routes.ts`. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;
  /** Replaces the message of the catalogue. */
  readonly detail: string | undefined;

  constructor(refusal: Refusal, detail?: string) {
    super(detail ?? catalogue[refusal].message);
    this.refusal = refusal;
    this.detail = detail;
  }
}

export const requestId = (): string => randomBytes(12).toString('hex').toUpperCase();

/** documented(https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses); EC is its own element and header. */
export function refusalResponse({ refusal, detail }: Refused, host: string, method: string): SimResponse {
  const { status, message, ...more }: { status: number; message: string; code?: string; ec?: string } =
    catalogue[refusal];
  const id = requestId();
  const body = xmlDocument(
    'Error',
    element('Code', more.code ?? refusal),
    element('Message', detail ?? message),
    element('RequestId', id),
    element('HostId', host),
    more.ec ? element('EC', more.ec) : '',
  );
  const headers = {
    'content-type': 'application/xml',
    'x-oss-request-id': id,
    server: 'AliyunOSS',
    ...(more.ec && { 'x-oss-ec': more.ec }),
  };
  // An answer to HEAD has no body and carries the error in a header. recorded(https://github.com/ali-sdk/ali-oss#requestError)
  if (method === 'HEAD') return { status, headers: { ...headers, 'x-oss-err': Buffer.from(body).toString('base64') } };
  return { status, headers, body };
}

const byFault: Readonly<Partial<Record<FaultKind, Refusal>>> = {
  throttle: 'MetaOperationQpsLimitExceeded',
  unavailable: 'ServiceUnavailable',
  quota: 'TooManyLiveChannels',
  unauthorized: 'AccessDenied',
  invalid: 'InvalidArgument',
};

export const refusalOf = (fault: FaultKind): Refused => new Refused(byFault[fault] ?? 'InternalError');
