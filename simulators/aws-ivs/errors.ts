import type { FaultKind, SimResponse } from '../kit/types.ts';

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/CommonErrors.html): names and statuses.
 * The last five are answered before the service itself.
 */
const statuses = {
  ValidationException: 400,
  ServiceQuotaExceededException: 402,
  AccessDeniedException: 403,
  PendingVerification: 403,
  ChannelNotBroadcasting: 404,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  ThrottlingException: 429,
  InternalServerException: 500,
  ServiceUnavailable: 503,
  StreamUnavailable: 503,
  UnknownOperationException: 404,
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 400,
  UnrecognizedClientException: 403,
  InvalidSignatureException: 403,
} as const;
export type IvsErrorCode = keyof typeof statuses;

/** Before the service: that these carry `message`, where the service's own carry `exceptionMessage`: assumed. */
const answeredInFront: ReadonlySet<IvsErrorCode> = new Set([
  'UnknownOperationException',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
]);

/** A refusal of the IVS API. */
export class IvsError extends Error {
  override readonly name = 'IvsError';
  readonly code: IvsErrorCode;

  constructor(code: IvsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** documented(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) */
const s3Statuses = {
  PermanentRedirect: 301,
  InvalidArgument: 400,
  AuthorizationHeaderMalformed: 400,
  XAmzContentSHA256Mismatch: 400,
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  MethodNotAllowed: 405,
  InvalidRange: 416,
  InternalError: 500,
  NotImplemented: 501,
  ServiceUnavailable: 503,
  SlowDown: 503,
} as const;
export type S3ErrorCode = keyof typeof s3Statuses;

/** A refusal of S3. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: S3ErrorCode;

  constructor(code: S3ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

let requests = 0;
/** Unique within the process, shaped like AWS's. */
export const requestId = (): string => {
  requests += 1;
  return `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`;
};

/** The type goes into a header and the words into the body. recorded(https://github.com/aws/aws-sdk-js-v3#client-ivs) */
export const ivsErrorResponse = ({ code, message }: IvsError): SimResponse => ({
  status: statuses[code],
  headers: {
    'content-type': 'application/json',
    'x-amzn-errortype': `${code}:http://internal.amazon.com/coral/com.amazonaws.ivs/`,
    'x-amzn-requestid': requestId(),
  },
  body: JSON.stringify(answeredInFront.has(code) ? { message } : { exceptionMessage: message }),
});

export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n';

export const s3ErrorResponse = ({ code, message }: S3Error): SimResponse => ({
  status: s3Statuses[code],
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId() },
  body: `${xmlHead}<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`,
});

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The vendor's own answer to each fault kind that has one. */
export function ivsFault(kind: FaultKind, operation: string): SimResponse {
  switch (kind) {
    case 'throttle':
      return ivsErrorResponse(new IvsError('ThrottlingException', 'Rate exceeded'));
    case 'quota':
      return ivsErrorResponse(new IvsError('ServiceQuotaExceededException', 'Request would exceed a service quota.'));
    case 'unauthorized':
      return ivsErrorResponse(
        new IvsError('UnrecognizedClientException', 'The security token included in the request is invalid.'),
      );
    case 'invalid':
      return ivsErrorResponse(new IvsError('ValidationException', 'The request is not valid.'));
    default:
      return ivsErrorResponse(new IvsError(unavailableCode(operation), 'Try again later.'));
  }
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Operations.html):
 * which of the 5xx errors an operation declares.
 */
function unavailableCode(operation: string): IvsErrorCode {
  if (operation === 'StopStream') return 'StreamUnavailable';
  return operation.startsWith('BatchGet') ? 'ServiceUnavailable' : 'InternalServerException';
}

export function s3Fault(kind: FaultKind): SimResponse {
  switch (kind) {
    case 'throttle':
    case 'quota':
      return s3ErrorResponse(new S3Error('SlowDown', 'Please reduce your request rate.'));
    case 'unauthorized':
      return s3ErrorResponse(new S3Error('InvalidAccessKeyId', 'The access key id does not exist in our records.'));
    case 'invalid':
      return s3ErrorResponse(new S3Error('InvalidArgument', 'Invalid argument.'));
    default:
      return s3ErrorResponse(new S3Error('ServiceUnavailable', 'Please try again.'));
  }
}

const mediaStatuses: Partial<Record<FaultKind, number>> = {
  throttle: 429,
  quota: 429,
  unauthorized: 403,
  invalid: 400,
};

export const mediaFault = (kind: FaultKind): SimResponse => ({ status: mediaStatuses[kind] ?? 503 });
