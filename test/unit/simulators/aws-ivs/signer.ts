import { createHash, createHmac } from 'node:crypto';

export interface Signed {
  method: string;
  url: string;
  body?: string;
  service?: 'ivs' | 's3';
  accessKeyId?: string;
  secretAccessKey?: string;
  region?: string;
  sessionToken?: string;
  at?: Date;
  /** Sent instead of what was signed. */
  sentBody?: string;
}

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/**
 * Signature version 4 written from its description and not from the simulator's reading of it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export function sendSigned(request: Signed): Promise<Response> {
  const { method, url, body = '', service = 'ivs', region = 'us-west-2', at = new Date() } = request;
  const target = new URL(url);
  const amzDate = at.toISOString().replace(/[:-]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    host: target.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': amzDate,
    ...(request.sessionToken && { 'x-amz-security-token': request.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const path = service === 's3' ? target.pathname : target.pathname.split('/').map(encodeURIComponent).join('/');
  const canonical = [
    method,
    path,
    [...target.searchParams]
      .map((pair) => pair.map(encodeURIComponent).join('='))
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const scope = `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${amzDate}\n${scope}\n${sha256(canonical)}`;
  const key = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${request.secretAccessKey}`));
  const signature = hmac(key, toSign).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${request.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const { host, ...sent } = headers;
  const sentBody = request.sentBody ?? body;
  return fetch(url, { method, headers: { ...sent, authorization }, ...(sentBody && { body: sentBody }) });
}
