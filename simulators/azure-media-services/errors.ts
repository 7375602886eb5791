import type { FaultKind, SimResponse } from '../kit/types.ts';

interface CatalogueEntry {
  status: number;
  message: string;
  /** Answered by the resource manager, before the request comes to the media service. */
  gateway?: true;
}

/**
 * Every error this simulator gives. The shape and the gateway's codes:
 * documented(https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors).
 * `NotFound` and `ResourceNotFound` with their words: recorded(https://github.com/Azure/azure-sdk-for-net#LiveOutputBasicTests).
 * The codes of illegal transitions and of quotas are published nowhere: assumed.
 */
const catalogue = {
  InvalidAuthenticationToken: { status: 401, message: 'The access token is invalid.', gateway: true },
  AuthenticationFailed: {
    status: 401,
    message: "Authentication failed. The 'Authorization' header is missing.",
    gateway: true,
  },
  ExpiredAuthenticationToken: {
    status: 401,
    message: 'The access token expiry is earlier than the current time.',
    gateway: true,
  },
  MissingApiVersionParameter: {
    status: 400,
    message: 'The api-version query parameter (?api-version=) is required for all requests.',
    gateway: true,
  },
  InvalidApiVersionParameter: {
    status: 400,
    message: 'The api-version is not known to this operation.',
    gateway: true,
  },
  InvalidRequestContent: {
    status: 400,
    message: 'The request content was invalid and could not be deserialized.',
    gateway: true,
  },
  BadRequest: { status: 400, message: 'The request is not valid.' },
  QuotaExceeded: { status: 403, message: 'The maximum number of resources of this kind is reached: quota exceeded.' },
  AuthorizationFailed: { status: 403, message: 'The client does not have authorization.', gateway: true },
  SubscriptionNotFound: { status: 404, message: 'The subscription could not be found.', gateway: true },
  ResourceGroupNotFound: { status: 404, message: 'The resource group could not be found.', gateway: true },
  AccountNotFound: { status: 404, message: 'The Resource was not found.', gateway: true },
  ResourceNotFound: { status: 404, message: 'The Channel was not found.' },
  NotFound: { status: 404, message: 'The requested resource was not found.' },
  InvalidResourceType: {
    status: 404,
    message: 'The resource type could not be found, or this simulator does not have it.',
    gateway: true,
  },
  Conflict: { status: 409, message: 'Another operation is in progress on the resource.' },
  TooManyRequests: { status: 429, message: 'The request is being throttled.', gateway: true },
  ServiceUnavailable: { status: 503, message: 'The service is unavailable now.' },
} as const satisfies Record<string, CatalogueEntry>;
export type ArmCode = keyof typeof catalogue;

/** Thrown by handlers; becomes the vendor's answer. */
export class ArmError extends Error {
  readonly code: ArmCode;

  constructor(code: ArmCode, message?: string) {
    super(message ?? catalogue[code].message);
    this.code = code;
  }
}

/** A media account that is not there has the same code as a live event that is not; only the words differ. */
const wireCode = (code: ArmCode): string => (code === 'AccountNotFound' ? 'ResourceNotFound' : code);

export function errorResponse(code: ArmCode, message?: string): SimResponse {
  const entry: CatalogueEntry = catalogue[code];
  const words = message ?? entry.message;
  // recorded(https://github.com/Azure/azure-cli#test_ams_streaming_locator)
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if (entry.gateway) headers['x-ms-failure-cause'] = 'gateway';
  else headers['content-language'] = 'en-US';
  if (entry.status === 401) headers['www-authenticate'] = `Bearer error="invalid_token", error_description="${words}"`;
  // documented(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling)
  if (code === 'TooManyRequests') headers['retry-after'] = '1';
  return {
    status: entry.status,
    headers,
    body: JSON.stringify({ error: { code: wireCode(code), message: words } }),
  };
}

/** The origin's own answers to players. documented(https://learn.microsoft.com/azure/media-services/latest/streaming-endpoint-error-codes) */
export function originError(status: 403 | 404 | 412 | 501 | 503, code: string): SimResponse {
  return { status, headers: { 'content-type': 'text/plain', 'x-ms-origin-error': code }, body: `${code}\n` };
}

/** The vendor's own answer for a fault; the kinds that cut or delay never come here. */
export function faultResponse(kind: FaultKind): SimResponse {
  switch (kind) {
    case 'throttle':
      return errorResponse('TooManyRequests');
    case 'quota':
      return errorResponse('QuotaExceeded');
    case 'unauthorized':
      return errorResponse('InvalidAuthenticationToken');
    case 'invalid':
      return errorResponse('BadRequest');
    default:
      return errorResponse('ServiceUnavailable');
  }
}
