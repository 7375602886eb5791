import type { SimRequest, SimResponse } from '../kit/types.ts';
import { Refused, refusalResponse, requestId } from './errors.ts';
import type { Operation, OperationContext } from './operation.ts';
import { channelOperations } from './routes-channels.ts';
import { objectOperations } from './routes-objects.ts';
import { decode, type Target, verify } from './signature.ts';

const operations: Readonly<Record<string, Operation>> = { ...channelOperations, ...objectOperations };

/** Reads that a bucket open to the public answers to anyone. */
const publicReads = new Set(['media:GetObject', 'media:HeadObject', 'ListObjects', 'ListObjectsV2']);

/** The vendor's name of the call, also of one that will be refused. */
export function identify(req: SimRequest, bucket: string): string {
  try {
    const { key } = locate(req, bucket);
    const has = (name: string) => req.query.has(name);
    if (has('vod')) return req.method === 'POST' ? 'PostVodPlaylist' : 'GetVodPlaylist';
    if (has('live')) return key === '' ? 'ListLiveChannel' : liveOperation(req);
    if (key === '') return bucketOperation(req);
    const byMethod: Record<string, string> = {
      GET: 'media:GetObject',
      HEAD: 'media:HeadObject',
      DELETE: 'DeleteObject',
    };
    return byMethod[req.method] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function liveOperation({ method, query }: SimRequest): string {
  if (method === 'PUT') return query.has('status') ? 'PutLiveChannelStatus' : 'PutLiveChannel';
  if (method === 'DELETE') return 'DeleteLiveChannel';
  if (method !== 'GET') return 'unknown';
  const byComp: Record<string, string> = { stat: 'GetLiveChannelStat', history: 'GetLiveChannelHistory' };
  return byComp[query.get('comp') ?? ''] ?? 'GetLiveChannelInfo';
}

function bucketOperation({ method, query }: SimRequest): string {
  if (query.has('acl')) return method === 'PUT' ? 'PutBucketAcl' : 'GetBucketAcl';
  return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
}

/** documented(https://www.alibabacloud.com/help/en/oss/user-guide/ram-policy) */
const actionOf = (operation: string): string =>
  operation === 'GetLiveChannelInfo' ? 'oss:GetLiveChannel' : `oss:${operation.replace(/^media:/, '')}`;

/** documented(https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions) */
const maxNameBytes = 1023;

/** Checks the caller's signature and rights, then does the operation; every refusal has the vendor's message. */
export async function handle(
  req: SimRequest,
  operation: string,
  context: Omit<OperationContext, 'req' | 'key'>,
): Promise<SimResponse> {
  const { state } = context;
  try {
    const target = locate(req, state.bucket);
    if (target.bucket !== state.bucket) throw new Refused('NoSuchBucket');
    if (Buffer.byteLength(target.key) > maxNameBytes) throw new Refused('InvalidObjectName');
    const signer = verify(req, target, state);
    if (!signer && !(publicReads.has(operation) && state.acl !== 'private')) throw new Refused('AccessDenied');
    // Before the request is read: assumed
    if (signer && state.denied.has(actionOf(operation))) throw new Refused('AccessDenied');
    const run = operations[operation];
    if (!run) throw new Refused(req.method === 'PATCH' ? 'MethodNotAllowed' : 'NotImplemented');
    const answer = await run({ ...context, req, key: target.key });
    return { ...answer, headers: { 'x-oss-request-id': requestId(), server: 'AliyunOSS', ...answer.headers } };
  } catch (error) {
    if (error instanceof Refused) return refusalResponse(error, req.headers.host ?? '', req.method);
    throw error;
  }
}

/**
 * documented(https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints) — the bucket is in
 * the host, or with an IP address in the path. The SDK sends the bucket's public host
 * even to an address. recorded(https://github.com/ali-sdk/ali-oss#createRequest)
 */
function locate({ path, headers }: SimRequest, bucket: string): Target {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  const plain = decode(path.slice(1));
  if (host.startsWith(`${bucket}.`)) return { bucket, key: plain };
  const foreign = /^([^.]+)\.oss-[^.]+\.aliyuncs\.com$/.exec(host)?.[1];
  if (foreign !== undefined) return { bucket: foreign, key: plain };
  const slash = plain.indexOf('/');
  const first = slash < 0 ? plain : plain.slice(0, slash);
  const isAddress = /^[\d.]+$|^\[/.test(host);
  if (first === bucket || isAddress) return { bucket: first, key: slash < 0 ? '' : plain.slice(slash + 1) };
  return { bucket, key: plain };
}
