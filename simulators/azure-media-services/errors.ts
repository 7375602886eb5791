import type { FaultKind, SimResponse } from '../kit/types.ts';

/**
 * Every error this simulator gives. Shape: documented(https://learn.microsoft.com/azure/azure-resource-manager/management/common-deployment-errors);
 * `NotFound` and its words: recorded(Azure/azure-cli, ams test recordings). Codes of illegal transitions and quotas are
 * published nowhere: assumed.
 */
const catalogue = {
  InvalidAuthenticationToken: [401, 'The access token is invalid.'],
  AuthenticationFailed: [401, "Authentication failed. The 'Authorization' header is missing."],
  ExpiredAuthenticationToken: [401, 'The access token expiry is earlier than the current time.'],
  MissingApiVersionParameter: [400, 'The api-version query parameter (?api-version=) is required for all requests.'],
  InvalidApiVersionParameter: [400, 'The api-version is not known to this operation.'],
  InvalidRequestContent: [400, 'The request content was invalid and could not be deserialized.'],
  BadRequest: [400, 'The request is not valid.'],
  QuotaExceeded: [403, 'The maximum number of resources of this kind is reached: quota exceeded.'],
  SubscriptionNotFound: [404, 'The subscription could not be found.'],
  ResourceGroupNotFound: [404, 'The resource group could not be found.'],
  ResourceNotFound: [404, 'The resource was not found.'],
  NotFound: [404, 'The requested resource was not found.'],
  InvalidResourceType: [404, 'The resource type could not be found, or this simulator does not have it.'],
  MethodNotAllowed: [405, 'The resource does not support this method.'],
  Conflict: [409, 'Another operation is in progress on the resource.'],
  TooManyRequests: [429, 'The request is being throttled.'],
  ServiceUnavailable: [503, 'The service is unavailable now.'],
} as const satisfies Record<string, readonly [number, string]>;
export type ArmCode = keyof typeof catalogue;

/** recorded(Azure/azure-cli, ams test recordings) */
export const jsonType = 'application/json; odata.metadata=minimal';

/** Thrown by handlers; becomes the vendor's answer. */
export class ArmError extends Error {
  readonly code: ArmCode;

  constructor(code: ArmCode, message?: string) {
    super(message ?? catalogue[code][1]);
    this.code = code;
  }
}

export function errorResponse(code: ArmCode, message: string = catalogue[code][1]): SimResponse {
  const headers: Record<string, string> = { 'content-type': jsonType, 'x-ms-failure-cause': 'gateway' };
  if (catalogue[code][0] === 401)
    headers['www-authenticate'] = `Bearer error="invalid_token", error_description="${message}"`;
  // documented(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling)
  if (code === 'TooManyRequests') headers['retry-after'] = '1';
  return { status: catalogue[code][0], headers, body: JSON.stringify({ error: { code, message } }) };
}

/** The origin's own answers to players. documented(https://learn.microsoft.com/azure/media-services/latest/streaming-endpoint-error-codes) */
export function originError(status: 403 | 404 | 412 | 503, code: string): SimResponse {
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
