import { callRate } from '../kit/call-rate.ts';
import type { FaultKind, SimRequest, SimResponse } from '../kit/types.ts';
import {
  IvsError,
  ivsErrorResponse,
  ivsFault,
  mediaFault,
  requestId,
  S3Error,
  s3ErrorResponse,
  s3Fault,
} from './errors.ts';
import type { ApiDestination, EventBridge } from './event-bridge.ts';
import { readBody, tags } from './fields.ts';
import { type Playback, playbackOperationOf } from './media.ts';
import { isQueueCall, type Queue, queueErrorResponse, queueFault, queueOperationOf } from './queue.ts';
import { channelOperations, type Handler, streamKeyOperations } from './routes-channels.ts';
import { handleIam, iamFault, iamOperationOf, iamRefusal } from './routes-iam.ts';
import { playbackOperations } from './routes-playback.ts';
import { recordingOperations } from './routes-recordings.ts';
import { handleS3, type S3Account, s3OperationOf } from './routes-s3.ts';
import { streamOperations } from './routes-streams.ts';
import { type Credentials, checkSignature, type Refusal, signedService } from './signature.ts';
import type { IvsAccount } from './state.ts';

export interface Routes {
  identify(req: SimRequest): string;
  handle(req: SimRequest, operation: string): Promise<SimResponse>;
  fail(kind: FaultKind, req: SimRequest, operation: string): SimResponse;
}

export interface RoutesOptions {
  account: IvsAccount;
  s3: S3Account;
  playback: Playback;
  credentials: readonly Credentials[];
  queue: Queue;
  bridge: EventBridge;
  /** Calls a second of one operation; undefined for no limit. */
  callsPerSecond: number | undefined;
}

const operations: Record<string, Handler> = {
  ...channelOperations,
  ...streamKeyOperations,
  ...streamOperations,
  ...recordingOperations,
  ...playbackOperations,
};

/** One server for the IVS API, the S3 API, the queue of events, and players. */
export function createRoutes(options: RoutesOptions): Routes {
  const { account, s3, playback, credentials } = options;
  // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html): a rate for each operation.
  const mayCall = callRate(options.callsPerSecond);
  return {
    identify,
    async handle(req, operation) {
      if (operation.startsWith('media:')) return playback.serve(req);
      if (operation === destinationsOperation) return setDestinations(options.bridge, req);
      try {
        const rules = { region: account.options.region, credentials, now: Date.now() };
        if (isQueueCall(req)) {
          const refusal = checkSignature(req, { ...rules, service: 'sqs' });
          if (refusal) return queueErrorResponse(403, 'InvalidSecurity', `The signature is refused: ${refusal.why}.`);
          return await options.queue.serve(req, operation);
        }
        const service = identityService(req);
        if (service) {
          const refusal = checkSignature(req, { ...rules, service });
          return refusal ? iamRefusal(refusal) : handleIam(account, req, operation);
        }
        if (isS3(req)) {
          refuseS3(checkSignature(req, { ...rules, service: 's3' }));
          refuseDenied(account, operation);
          return await handleS3(s3, req, operation);
        }
        refuseIvs(checkSignature(req, { ...rules, service: 'ivs' }));
        if (account.options.denied.has(`ivs:${operation}`))
          throw new IvsError('AccessDeniedException', `User is not authorized to perform: ivs:${operation}`);
        if (!mayCall(operation)) throw new IvsError('ThrottlingException', 'Rate exceeded');
        return answer(callIvs(account, req, operation));
      } catch (error) {
        if (error instanceof IvsError) return ivsErrorResponse(error);
        if (error instanceof S3Error) return s3ErrorResponse(error);
        throw error;
      }
    },
    fail(kind, req, operation) {
      if (operation.startsWith('media:')) return mediaFault(kind);
      if (isQueueCall(req)) return queueFault(kind);
      if (identityService(req)) return iamFault(kind);
      return isS3(req) ? s3Fault(kind) : ivsFault(kind, operation);
    },
  };
}

/** Ours: where EventBridge posts the events, `[{ url, headers }]`. Loopback only, so without a signature. */
const destinationsPath = '/simulator/api-destinations';
const destinationsOperation = 'events:SetApiDestinations';

function setDestinations(bridge: EventBridge, req: SimRequest): SimResponse {
  bridge.setDestinations(JSON.parse(req.body.toString('utf8')) as ApiDestination[]);
  return { status: 204 };
}

/** Who asks, and what that one may do: two services of their own. */
function identityService(req: SimRequest): 'sts' | 'iam' | undefined {
  const service = signedService(req);
  return service === 'sts' || service === 'iam' ? service : undefined;
}

const s3Actions: Record<string, string> = { ListObjectsV2: 's3:ListBucket', GetObject: 's3:GetObject' };

function refuseDenied({ options }: IvsAccount, operation: string): void {
  if (options.denied.has(s3Actions[operation] ?? '')) throw new S3Error('AccessDenied', 'Access Denied');
}

function identify(req: SimRequest): string {
  if (identityService(req)) return iamOperationOf(req);
  if (req.path === destinationsPath) return destinationsOperation;
  if (isQueueCall(req)) return queueOperationOf(req);
  return playbackOperationOf(req) ?? (isS3(req) ? s3OperationOf(req) : ivsOperationOf(req));
}

/** The API only takes POST, and what is below /tags/; everything else that is read is meant for S3. */
function isS3(req: SimRequest): boolean {
  const service = signedService(req);
  if (service) return service === 's3';
  return (req.method === 'GET' || req.method === 'HEAD') && !req.path.startsWith('/tags/');
}

const tagMethods: Record<string, string> = { GET: 'ListTagsForResource', POST: 'TagResource', DELETE: 'UntagResource' };

function ivsOperationOf(req: SimRequest): string {
  if (req.path.startsWith('/tags/')) return tagMethods[req.method] ?? 'UnknownOperation';
  const name = req.path.slice(1);
  return req.method === 'POST' && Object.hasOwn(operations, name) ? name : 'UnknownOperation';
}

function callIvs(account: IvsAccount, req: SimRequest, operation: string): object | undefined {
  if (req.path.startsWith('/tags/')) return callTags(account, req, operation);
  const handler = operations[operation];
  if (!handler) throw new IvsError('UnknownOperationException', `${req.method} ${req.path} is not simulated`);
  return handler(account, readBody(req));
}

function callTags(account: IvsAccount, req: SimRequest, operation: string): object {
  const resource = account.tagged(decodeURIComponent(req.path.slice('/tags/'.length)));
  if (operation === 'ListTagsForResource') return { tags: resource.tags };
  if (operation === 'TagResource') {
    const merged = { ...resource.tags, ...tags(readBody(req)) };
    if (Object.keys(merged).length > 50) throw new IvsError('ValidationException', 'A resource has at most 50 tags.');
    resource.tags = merged;
  }
  if (operation === 'UntagResource') {
    const gone = new Set(req.query.getAll('tagKeys'));
    resource.tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !gone.has(key)));
  }
  return {};
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteChannel.html):
 * what gives nothing back is a 204.
 */
const answer = (body: object | undefined): SimResponse => ({
  status: body ? 200 : 204,
  headers: { 'x-amzn-requestid': requestId(), ...(body && { 'content-type': 'application/json' }) },
  ...(body && { body: JSON.stringify(body) }),
});

/** What AWS answers before the service sees a request. documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/CommonErrors.html) */
function refuseIvs(refusal: Refusal | undefined): void {
  switch (refusal?.why) {
    case undefined:
      return;
    case 'missing':
      throw new IvsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    case 'malformed':
      throw new IvsError('IncompleteSignatureException', 'The Authorization or X-Amz-Date header is malformed.');
    case 'unknown-key':
    case 'wrong-token':
      throw new IvsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
    case 'wrong-scope':
      throw new IvsError('InvalidSignatureException', `Credential should be scoped to a valid ${refusal.detail}.`);
    case 'skewed':
      throw new IvsError('InvalidSignatureException', `Signature expired or not yet current: ${refusal.detail}`);
    default:
      throw new IvsError(
        'InvalidSignatureException',
        'The request signature we calculated does not match the signature you provided.',
      );
  }
}

/** documented(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) */
function refuseS3(refusal: Refusal | undefined): void {
  switch (refusal?.why) {
    case undefined:
      return;
    case 'missing':
      throw new S3Error('AccessDenied', 'Access Denied');
    case 'malformed':
      throw new S3Error('AuthorizationHeaderMalformed', 'The authorization header is malformed.');
    case 'unknown-key':
    case 'wrong-token':
      throw new S3Error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
    case 'wrong-scope':
      throw new S3Error(
        'AuthorizationHeaderMalformed',
        `The authorization header is malformed; expecting ${refusal.detail}`,
      );
    case 'expired':
      throw new S3Error('AccessDenied', 'Request has expired');
    case 'skewed':
      throw new S3Error('RequestTimeTooSkewed', 'The difference between the request time and ours is too large.');
    case 'body-changed':
      throw new S3Error('XAmzContentSHA256Mismatch', 'The provided x-amz-content-sha256 does not match the body.');
    default:
      throw new S3Error('SignatureDoesNotMatch', 'The request signature we calculated does not match yours.');
  }
}
