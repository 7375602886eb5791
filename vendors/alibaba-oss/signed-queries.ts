import { createHash, createHmac } from 'node:crypto';
import type { Settings } from './options.ts';

/**
 * The query that lets a player read an object until `seconds` after `now`. The host is not part of what is signed. Our own, because the
 * SDK dates it by the clock of this machine, and makes none in V1 for an endpoint that is an IP address. A secret.
 *
 * @param now epoch milliseconds
 */
export function signRead(settings: Settings, object: string, now: number, seconds: number): string {
  const query = settings.signatureVersion === 'v4' ? readV4 : readV1;
  return `?${new URLSearchParams(query(settings, object, now, seconds))}`;
}

/** https://www.alibabacloud.com/help/en/oss/developer-reference/ddd-signatures-to-urls */
function readV1(
  { accessKeyId, accessKeySecret, stsToken, bucket }: Settings,
  object: string,
  now: number,
  seconds: number,
) {
  const expires = String(Math.floor(now / 1000) + seconds);
  const token = stsToken ? `?security-token=${stsToken}` : '';
  const signature = createHmac('sha1', accessKeySecret)
    .update(`GET\n\n\n${expires}\n/${bucket}/${object}${token}`)
    .digest('base64');
  const query = { OSSAccessKeyId: accessKeyId, Expires: expires, Signature: signature };
  return { ...query, ...(stsToken && { 'security-token': stsToken }) };
}

/** https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls */
function readV4(settings: Settings, object: string, now: number, seconds: number) {
  const { accessKeyId, accessKeySecret, stsToken, bucket } = settings;
  const date = new Date(now).toISOString().replace(/\.\d+|[-:]/g, '');
  const [day = ''] = date.split('T');
  const scope = [day, settings.region.replace(/^oss-/, ''), 'oss', 'aliyun_v4_request'];
  const query = {
    'x-oss-credential': [accessKeyId, ...scope].join('/'),
    'x-oss-date': date,
    'x-oss-expires': String(seconds),
    ...(stsToken && { 'x-oss-security-token': stsToken }),
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
  };
  const path = `/${bucket}/${object}`.split('/').map(encoded).join('/');
  const names = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const canonical = ['GET', path, names.join('&'), '', '', 'UNSIGNED-PAYLOAD'].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce<Buffer | string>((by, part) => hmac(by, part), `aliyun_v4${accessKeySecret}`);
  const signature = hmac(key, ['OSS4-HMAC-SHA256', date, scope.join('/'), hash].join('\n')).toString('hex');
  return { ...query, 'x-oss-signature': signature };
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** As RFC 3986 has it: what JavaScript leaves is encoded too. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Publish URLs know signature V1 only. The SDK leaves the security token out of them, which makes them useless with
 * temporary keys, so this is our own. A secret.
 * https://www.alibabacloud.com/help/en/oss/developer-reference/rtmp-ingest-urls-and-signatures
 *
 * @param expires epoch seconds
 */
export function signPublish(settings: Settings, name: string, playlistName: string, expires: number): string {
  const signed: [string, string][] = [['playlistName', playlistName]];
  if (settings.stsToken) signed.push(['security-token', settings.stsToken]);
  const lines = signed.map(([key, value]) => `${key}:${value}\n`).join('');
  const signature = createHmac('sha1', settings.accessKeySecret)
    .update(`${expires}\n${lines}/${settings.bucket}/${name}`)
    .digest('base64');
  const query = { OSSAccessKeyId: settings.accessKeyId, Expires: String(expires), Signature: signature };
  return [...signed, ...Object.entries(query)].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
}
