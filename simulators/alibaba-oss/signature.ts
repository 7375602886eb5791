import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SimRequest } from '../kit/types.ts';
import { Refused } from './errors.ts';

export interface Credential {
  accessKeyId: string;
  accessKeySecret: string;
  /** A temporary key: requests must carry this. */
  securityToken?: string;
}

export interface Target {
  bucket: string;
  /** Decoded; empty for the bucket itself. */
  key: string;
}

/** documented(https://www.alibabacloud.com/help/en/oss/support/0002-00000504) */
const maxSkewMs = 15 * 60_000;

/** What takes part in a V1 signature: https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header */
const subresources = new Set(
  (
    'acl bucketInfo callback callback-var cname comp continuation-token cors delete encryption endTime inventory ' +
    'inventoryId lifecycle live location logging objectMeta partNumber policy position qos referer regionList ' +
    'replication replicationLocation replicationProgress requestPayment resourceGroup response-cache-control ' +
    'response-content-disposition response-content-encoding response-content-language response-content-type ' +
    'response-expires restore security-token startTime stat status style styleName symlink tagging ' +
    'transferAcceleration uploadId uploads versionId versioning versions vod website worm wormExtend wormId append ' +
    'x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-process ' +
    'x-oss-request-payer x-oss-traffic-limit asyncFetch sequential metaQuery'
  ).split(' '),
);

/** Who signed the request; undefined for an anonymous one. Throws the vendor's refusal when a signature is wrong. */
export function verify(
  req: SimRequest,
  target: Target,
  account: { credentials: readonly Credential[]; signRegion: string },
): Credential | undefined {
  const authorization = req.headers.authorization ?? '';
  if (authorization.startsWith('OSS4-HMAC-SHA256 ')) return verifyV4Header(req, target, account, authorization);
  if (authorization.startsWith('OSS ')) return verifyV1Header(req, target, account.credentials, authorization);
  if (authorization !== '') throw new Refused('InvalidArgument', 'Authorization header is invalid.');
  if (req.query.has('x-oss-signature')) return verifyV4Query(req, target, account);
  if (req.query.has('Signature')) return verifyV1Query(req, target, account.credentials);
  return undefined;
}

function verifyV1Header(
  req: SimRequest,
  target: Target,
  all: readonly Credential[],
  authorization: string,
): Credential {
  const [id = '', signature = ''] = authorization.slice('OSS '.length).split(':');
  const credential = credentialOf(all, id, header(req, 'x-oss-security-token'));
  const date = header(req, 'x-oss-date') || header(req, 'date');
  requireFresh(Date.parse(date));
  requireEqual(signature, hmacBase64(credential.accessKeySecret, v1Text(req, target, date)));
  return credential;
}

/** documented(https://www.alibabacloud.com/help/doc-detail/31952.html) */
function verifyV1Query(req: SimRequest, target: Target, all: readonly Credential[]): Credential {
  const credential = credentialOf(all, req.query.get('OSSAccessKeyId') ?? '', req.query.get('security-token') ?? '');
  const expires = req.query.get('Expires') ?? '';
  if (!(Number(expires) * 1000 > Date.now())) throw new Refused('Expired');
  requireEqual(req.query.get('Signature') ?? '', hmacBase64(credential.accessKeySecret, v1Text(req, target, expires)));
  return credential;
}

function v1Text(req: SimRequest, { bucket, key }: Target, date: string): string {
  const signed = pairsOf(req.url).filter(([name]) => subresources.has(name));
  const query = signed.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join('&');
  const ossHeaders = headerNames(req)
    .filter((name) => name.startsWith('x-oss-'))
    .map((name) => `${name}:${header(req, name)}\n`)
    .join('');
  const resource = `/${bucket}/${key}${query === '' ? '' : `?${query}`}`;
  return [req.method, header(req, 'content-md5'), header(req, 'content-type'), date, ossHeaders + resource].join('\n');
}

interface V4Parts {
  date: string;
  region: string;
  /** ISO basic: `20261121T064700Z`. */
  time: string;
  additional: string[];
  signature: string;
}

/** documented(https://help.aliyun.com/en/oss/developer-reference/include-signature-in-header/) */
function verifyV4Header(
  req: SimRequest,
  target: Target,
  { credentials, signRegion }: { credentials: readonly Credential[]; signRegion: string },
  authorization: string,
): Credential {
  const part = (name: string) => new RegExp(`[ ,]\\s*${name}=([^,\\s]+)`).exec(authorization)?.[1] ?? '';
  const { id, date, region } = scopeOf(part('Credential'));
  const credential = credentialOf(credentials, id, header(req, 'x-oss-security-token'));
  const { time, instant } = signingTime(req);
  requireFresh(instant);
  requireRegion(region, signRegion);
  const additional = part('AdditionalHeaders').split(';').filter(Boolean);
  const signature = part('Signature');
  requireEqual(signature, v4Signature(req, target, credential, { date, region, time, additional, signature }));
  return credential;
}

/** documented(https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls) */
function verifyV4Query(
  req: SimRequest,
  target: Target,
  { credentials, signRegion }: { credentials: readonly Credential[]; signRegion: string },
): Credential {
  const part = (name: string) => req.query.get(`x-oss-${name}`) ?? '';
  const { id, date, region } = scopeOf(part('credential'));
  const credential = credentialOf(credentials, id, part('security-token'));
  const time = part('date');
  if (!(instantOfBasic(time) + Number(part('expires')) * 1000 > Date.now())) throw new Refused('Expired');
  requireRegion(region, signRegion);
  const additional = part('additional-headers').split(';').filter(Boolean);
  const signature = part('signature');
  requireEqual(signature, v4Signature(req, target, credential, { date, region, time, additional, signature }));
  return credential;
}

function v4Signature(req: SimRequest, target: Target, credential: Credential, parts: V4Parts): string {
  const scope = `${parts.date}/${parts.region}/oss/aliyun_v4_request`;
  const hashed = createHash('sha256')
    .update(canonicalRequest(req, target, parts.additional))
    .digest('hex');
  const key = ['oss', 'aliyun_v4_request'].reduce(
    hmac256,
    hmac256(hmac256(`aliyun_v4${credential.accessKeySecret}`, parts.date), parts.region),
  );
  return hmac256(key, ['OSS4-HMAC-SHA256', parts.time, scope, hashed].join('\n')).toString('hex');
}

function canonicalRequest(req: SimRequest, { bucket, key }: Target, additional: readonly string[]): string {
  const query = pairsOf(req.url)
    .filter(([name]) => name !== 'x-oss-signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(byName)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  const headers = headerNames(req)
    .filter(
      (name) =>
        name === 'content-type' || name === 'content-md5' || name.startsWith('x-oss-') || additional.includes(name),
    )
    .map((name) => `${name}:${header(req, name)}\n`)
    .join('');
  const path = encode(`/${bucket}/${key}`).replaceAll('%2F', '/');
  const payload = header(req, 'x-oss-content-sha256') || 'UNSIGNED-PAYLOAD';
  return [req.method, path, query, headers, additional.join(';'), payload].join('\n');
}

export interface PublishTarget {
  bucket: string;
  channel: string;
}

/**
 * Says what is wrong with a publish URL's query, or nothing.
 * documented(https://www.alibabacloud.com/help/en/oss/developer-reference/rtmp-ingest-urls-and-signatures)
 */
export function publishProblem(
  query: Readonly<Record<string, string>>,
  { bucket, channel }: PublishTarget,
  credentials: readonly Credential[],
  now: number,
): string | undefined {
  const { OSSAccessKeyId = '', Expires = '', Signature = '', ...params } = query;
  if (OSSAccessKeyId === '' || Signature === '') return 'AccessDenied: the publish URL is not signed';
  const credential = credentials.find(({ accessKeyId }) => accessKeyId === OSSAccessKeyId);
  if (!credential) return 'InvalidAccessKeyId';
  if ((credential.securityToken ?? '') !== (params['security-token'] ?? '')) return 'InvalidSecurityToken';
  const lines = Object.entries(params)
    .filter(([name]) => name !== 'SecurityToken')
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  const expected = hmacBase64(credential.accessKeySecret, `${Expires}\n${lines}/${bucket}/${channel}`);
  if (!equal(Signature, expected)) return 'SignatureDoesNotMatch';
  return Number(Expires) * 1000 > now ? undefined : 'AccessDenied: the publish URL has expired';
}

function credentialOf(all: readonly Credential[], id: string, token: string): Credential {
  const credential = all.find(({ accessKeyId }) => accessKeyId === id);
  // The service does not know a temporary key that comes without its token.
  // documented(https://www.alibabacloud.com/help/en/oss/the-the-oss-access-key-id-you-provided-does-not-exist-in-our-records-error-message-is-returned-1)
  if (!credential || (credential.securityToken !== undefined && token === '')) throw new Refused('InvalidAccessKeyId');
  if ((credential.securityToken ?? '') !== token) throw new Refused('InvalidSecurityToken');
  return credential;
}

function scopeOf(text: string): { id: string; date: string; region: string } {
  const [id = '', date = '', region = '', product, ending] = text.split('/');
  if (product === 'oss' && ending === 'aliyun_v4_request') return { id, date, region };
  throw new Refused('InvalidArgument', 'The credential scope is not valid.');
}

function requireFresh(instant: number): void {
  if (Number.isNaN(instant)) throw new Refused('BadDate');
  if (Math.abs(Date.now() - instant) > maxSkewMs) throw new Refused('RequestTimeTooSkewed');
}

function requireRegion(given: string, expected: string): void {
  if (given !== expected) throw new Refused('WrongRegion');
}

function requireEqual(given: string, expected: string): void {
  if (!equal(given, expected)) throw new Refused('SignatureDoesNotMatch');
}

const equal = (a: string, b: string): boolean =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const hmac256 = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const hmacBase64 = (secret: string, text: string): string => createHmac('sha1', secret).update(text).digest('base64');

/** `20261121T064700Z` */
const instantOfBasic = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** The Go SDK signs over its `Date` as it stands. recorded(https://github.com/aliyun/aliyun-oss-go-sdk#auth.go) */
function signingTime(req: SimRequest): { time: string; instant: number } {
  const basic = header(req, 'x-oss-date');
  if (basic !== '') return { time: basic, instant: instantOfBasic(basic) };
  const date = header(req, 'date');
  return { time: date, instant: Date.parse(date) };
}

const header = (req: SimRequest, name: string): string => {
  const value = req.headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim();
};

const headerNames = (req: SimRequest): string[] => Object.keys(req.headers).sort();

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0);

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Decoded, sorted by name. A plus sign is a plus sign, unlike in forms. */
function pairsOf(url: string): [string, string][] {
  const [, query = ''] = url.split('?', 2);
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const [name = '', ...value] = pair.split('=');
      return [decode(name), decode(value.join('='))];
    })
    .sort(byName);
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refused('InvalidArgument', 'The URL is not encoded correctly.');
  }
}
