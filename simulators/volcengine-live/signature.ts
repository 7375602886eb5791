import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SimRequest } from '../kit/types.ts';
import { Refusal } from './errors.ts';

export interface Credentials {
  accessKeyId: string;
  secretKey: string;
  region: string;
}

/** How long a signature is valid when `X-Expires` is not given. documented(https://www.volcengine.com/docs/6469/1126803) */
const usualExpiresSeconds = 900;
/** How far ahead a signature may be dated, as far as behind, as elsewhere; no page says it: assumed. */
const maxAheadMs = usualExpiresSeconds * 1000;

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const authorizationPattern =
  /^HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * recorded(https://github.com/volcengine/volc-openapi-nodejs#sign), recorded(https://github.com/volcengine/volc-sdk-python#SignerV4),
 * recorded(https://github.com/volcengine/volc-sdk-golang#sign.go) Which headers are signed is the client's
 * choice: the Node SDK signs its X-headers alone, those of Go and Python sign Host and Content-Type too.
 */
export function verifySignature(req: SimRequest, credentials: Credentials): void {
  const authorization = header(req, 'authorization');
  if (!authorization) throw new Refusal('MissingAuthenticationToken');
  const match = authorizationPattern.exec(authorization);
  if (!match) throw new Refusal('MissingSignature');
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match;
  if (accessKeyId !== credentials.accessKeyId) throw new Refusal('InvalidAccessKey');
  const sentAt = header(req, 'x-date');
  if (!sentAt) throw new Refusal('MissingRequestInfo');
  checkFreshness(sentAt, Number(req.query.get('X-Expires') ?? usualExpiresSeconds) * 1000);
  const bodyHash = sha256(req.body);
  const claimedHash = header(req, 'x-content-sha256') ?? bodyHash;
  const canonical = canonicalRequest(req, signedHeaders.split(';'), claimedHash);
  const scope = `${date}/${region}/${service}/request`;
  const toSign = ['HMAC-SHA256', sentAt, scope, sha256(canonical)].join('\n');
  const key = [region, service, 'request'].reduce(hmac, hmac(credentials.secretKey, date));
  const right =
    claimedHash === bodyHash &&
    sentAt.startsWith(date) &&
    region === credentials.region &&
    service === 'live' &&
    timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
  if (!right) throw new Refusal('SignatureDoesNotMatch');
}

function header(req: SimRequest, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function checkFreshness(sentAt: string, maxAgeMs: number): void {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(sentAt);
  if (!parts) throw new Refusal('MissingRequestInfo', 'X-Date must be YYYYMMDDTHHMMSSZ.');
  const [, year, month, day, hour, minute, second] = parts;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const age = Date.now() - at;
  if (!(age <= maxAgeMs && age >= -maxAheadMs)) throw new Refusal('InvalidTimestamp');
}

function canonicalRequest(req: SimRequest, names: readonly string[], bodyHash: string): string {
  const headers = names.map((name) => `${name}:${(header(req, name) ?? '').trim().replace(/\s+/g, ' ')}\n`);
  return [req.method, req.path, canonicalQuery(req.query), headers.join(''), names.join(';'), bodyHash].join('\n');
}

/** Clients differ in what they escape on the wire; what is signed is escaped strictly. */
function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => [strict(name), strict(value)] as const);
  pairs.sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)));
  return pairs.map((pair) => pair.join('=')).join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** documented(https://www.volcengine.com/docs/6469/107759): the secret of a push or play URL, over path and expiry. */
export const urlSecret = (app: string, stream: string, key: string, expiresAt: number): string =>
  createHash('md5').update(`/${app}/${stream}${key}${expiresAt}`).digest('hex');

/** Says why a push or play URL is not valid; the expiry is checked for new requests only. */
export function urlProblem(
  { app, stream }: { app: string; stream: string },
  query: Readonly<Record<string, string>>,
  key: string,
): string | undefined {
  const expiresAt = Number(query.volcTime);
  if (!Number.isInteger(expiresAt) || !query.volcSecret) return 'the URL is not signed';
  if (urlSecret(app, stream, key, expiresAt) !== query.volcSecret) return 'the signature of the URL is wrong';
  return expiresAt * 1000 < Date.now() ? 'the URL is expired' : undefined;
}
