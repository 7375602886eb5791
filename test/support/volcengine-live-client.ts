import { createHash, createHmac } from 'node:crypto';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export interface Answer {
  status: number;
  requestId: string;
  result: Record<string, unknown>;
  /** The error's code, as on the wire. */
  code?: string;
  codeN?: number;
  message?: string;
}

/** What a test changes to make a request wrong. */
export interface Tampering {
  accessKeyId?: string;
  secretKey?: string;
  region?: string;
  service?: string;
  version?: string;
  date?: Date;
  query?: Record<string, string>;
  /** Signs these beside the usual, as other SDKs do. */
  alsoSigned?: string[];
  headers?: Record<string, string | undefined>;
  /** Sent instead of what was signed. */
  body?: string;
}

export type Call = (
  action: string,
  params?: Record<string, unknown>,
  method?: 'GET' | 'POST',
  tampering?: Tampering,
) => Promise<Answer>;

/** A client of our own, so that signatures are checked against a second reading of the rules. */
export function clientOf(client: Record<string, string>): Call {
  return async (action, params = {}, method = 'POST', tampering = {}) => {
    const version = tampering.version ?? '2023-01-01';
    const inQuery = method === 'GET' ? Object.entries(params).map(([name, value]) => [name, String(value)]) : [];
    const query = [...inQuery, ...Object.entries(tampering.query ?? {}), ['Action', action], ['Version', version]]
      .map(([name = '', value = '']) => `${strict(name)}=${strict(value)}`)
      .sort()
      .join('&');
    const body = method === 'POST' ? JSON.stringify(params) : '';
    const headers = sign(client, { method, query, body }, tampering);
    const init = { method, headers, ...(method === 'POST' && { body: tampering.body ?? body }) };
    return answerOf(await fetch(`${client.endpoint}/?${query}`, init));
  };
}

function sign(
  client: Record<string, string>,
  { method, query, body }: { method: string; query: string; body: string },
  tampering: Tampering,
): Record<string, string> {
  const { region = client.region, service = 'live', date = new Date() } = tampering;
  const sentAt = date.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const all: Record<string, string> = {
    host: client.host ?? '',
    'content-type': 'application/json',
    'x-content-sha256': sha256(body),
    'x-date': sentAt,
  };
  const names = ['x-content-sha256', 'x-date', ...(tampering.alsoSigned ?? [])].sort();
  const canonicalHeaders = names.map((name) => `${name}:${all[name]}\n`).join('');
  const canonical = [method, '/', query, canonicalHeaders, names.join(';'), sha256(body)].join('\n');
  const scope = [sentAt.slice(0, 8), region, service, 'request'].join('/');
  const toSign = ['HMAC-SHA256', sentAt, scope, sha256(canonical)].join('\n');
  const secret = tampering.secretKey ?? client.secretKey ?? '';
  const key = [region ?? '', service, 'request'].reduce(hmac, hmac(secret, sentAt.slice(0, 8)));
  const credential = `${tampering.accessKeyId ?? client.accessKeyId}/${scope}`;
  const signature = hmac(key, toSign).toString('hex');
  const { host: _, ...sent } = all;
  const authorization = `HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const headers = { ...sent, authorization, ...tampering.headers };
  return Object.fromEntries(Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

async function answerOf(response: Response): Promise<Answer> {
  const { ResponseMetadata: metadata, Result: result = {} } = (await response.json()) as {
    ResponseMetadata: { RequestId: string; Error?: { Code: string; CodeN?: number; Message: string } };
    Result?: Record<string, unknown>;
  };
  const error = metadata.Error;
  return {
    status: response.status,
    requestId: metadata.RequestId,
    result,
    ...(error && { code: error.Code, message: error.Message }),
    ...(error?.CodeN !== undefined && { codeN: error.CodeN }),
  };
}
