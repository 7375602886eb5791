import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SimRequest } from '../kit/types.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary credentials; must then come with each request. */
  sessionToken?: string;
}

export interface SignatureRules {
  service: 'ivs' | 's3' | 'sqs' | 'sts' | 'iam';
  region: string;
  credentials: readonly Credentials[];
  now: number;
}

/** Why a signature is refused, in words that each service maps to its own error. */
export type Refusal =
  | { why: 'missing' | 'malformed' | 'unknown-key' | 'wrong-token' | 'mismatch' | 'body-changed' | 'expired' }
  | { why: 'skewed' | 'wrong-scope'; detail: string };

interface Authorization {
  /** Of a URL that was signed beforehand; seconds. */
  expiresIn?: number;
  /** `YYYYMMDDTHHMMSSZ` */
  signedAt: string;
  token: string;
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

const maxSkewMs = 15 * 60_000;
const authorizationForm =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;

/** The service a request is signed for, also when the signature is wrong; undefined for unsigned requests. */
export const signedService = (req: SimRequest): string | undefined => parseAuthorization(req)?.service;

/**
 * Undefined when the signature is right.
 * documented(https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html)
 */
export function checkSignature(req: SimRequest, rules: SignatureRules): Refusal | undefined {
  if (!req.headers.authorization && !isPresigned(req)) return { why: 'missing' };
  const given = parseAuthorization(req);
  if (!given || !/^\d{8}T\d{6}Z$/.test(given.signedAt)) return { why: 'malformed' };
  const known = rules.credentials.find((one) => one.accessKeyId === given.accessKeyId);
  if (!known) return { why: 'unknown-key' };
  if (given.token !== (known.sessionToken ?? '')) return { why: 'wrong-token' };
  if (given.service !== rules.service) return { why: 'wrong-scope', detail: `service: '${rules.service}'` };
  if (given.region !== rules.region) return { why: 'wrong-scope', detail: `region: '${rules.region}'` };
  if (!given.signedAt.startsWith(given.date)) return { why: 'wrong-scope', detail: 'date' };
  const late = lateness(given, rules.now);
  if (late) return late;
  const bodyHash = given.expiresIn === undefined ? bodyHashOf(req, rules.service) : 'UNSIGNED-PAYLOAD';
  if (bodyHash === undefined) return { why: 'body-changed' };
  const canonical = canonicalRequest(req, given, rules.service, bodyHash);
  const expected = sign(known.secretAccessKey, given, given.signedAt, canonical);
  return timingSafeEqual(Buffer.from(expected), Buffer.from(given.signature)) ? undefined : { why: 'mismatch' };
}

/** A signed URL has a life of its own. documented(https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html) */
function lateness({ signedAt, expiresIn }: Authorization, now: number): Refusal | undefined {
  const age = now - instantOf(signedAt);
  if (expiresIn !== undefined && age > expiresIn * 1000) return { why: 'expired' };
  const oldest = expiresIn === undefined ? maxSkewMs : Number.POSITIVE_INFINITY;
  return age > oldest || age < -maxSkewMs ? { why: 'skewed', detail: signedAt } : undefined;
}

const isPresigned = ({ query }: SimRequest): boolean => query.has('X-Amz-Signature');

function parseAuthorization(req: SimRequest): Authorization | undefined {
  if (!req.headers.authorization && isPresigned(req)) return parsePresigned(req);
  const match = authorizationForm.exec(req.headers.authorization ?? '');
  if (!match) return undefined;
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match;
  const [signedAt, token] = [header(req, 'x-amz-date'), header(req, 'x-amz-security-token')];
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature, signedAt, token };
}

const longestSeconds = 604_800;

/** documented(https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html) */
function parsePresigned({ query }: SimRequest): Authorization | undefined {
  const part = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  const [accessKeyId = '', date = '', region = '', service = '', ending] = part('Credential').split('/');
  const expiresIn = Number(part('Expires'));
  const isValid = ending === 'aws4_request' && part('Algorithm') === 'AWS4-HMAC-SHA256';
  const lives = Number.isInteger(expiresIn) && expiresIn >= 1 && expiresIn <= longestSeconds;
  if (!isValid || !lives || !/^[0-9a-f]{64}$/.test(part('Signature'))) return undefined;
  return {
    ...{ accessKeyId, date, region, service, expiresIn },
    signedHeaders: part('SignedHeaders').split(';'),
    signature: part('Signature'),
    signedAt: part('Date'),
    token: part('Security-Token'),
  };
}

const header = (req: SimRequest, name: string): string => String(req.headers[name] ?? '');

const instantOf = (amzDate: string): number =>
  Date.parse(amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** S3 demands the header and lets the body go unsigned; elsewhere the header is optional, but may not lie. */
function bodyHashOf(req: SimRequest, service: string): string | undefined {
  const actual = sha256(req.body);
  const claimed = header(req, 'x-amz-content-sha256');
  if (service === 's3' && claimed === 'UNSIGNED-PAYLOAD') return claimed;
  if (claimed === '') return service === 's3' ? undefined : actual;
  return claimed === actual ? actual : undefined;
}

function canonicalRequest(req: SimRequest, given: Authorization, service: string, bodyHash: string): string {
  // Every service but S3 encodes the path once more. recorded(https://github.com/aws/aws-sdk-js-v3#client-ivs) on /tags/{arn}
  const path = service === 's3' ? req.path : req.path.split('/').map(encode).join('/');
  const headers = given.signedHeaders.map((name) => `${name}:${header(req, name).trim().replace(/\s+/g, ' ')}\n`);
  return [req.method, path, canonicalQuery(req), headers.join(''), given.signedHeaders.join(';'), bodyHash].join('\n');
}

const canonicalQuery = (req: SimRequest): string =>
  [...req.query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

function sign(secret: string, { date, region, service }: Authorization, amzDate: string, canonical: string): string {
  const scope = [date, region, service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<Buffer>((previous, part) => hmac(previous, part), Buffer.from(`AWS4${secret}`));
  return hmac(key, toSign).toString('hex');
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
