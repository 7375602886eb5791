import type { Payload } from '@temporalio/common';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PayloadUnreadableError } from '../../domain/errors.ts';
import { bearerOf, holderOf } from '../hashed-tokens.ts';
import { whyNotLocal } from '../loopback-only.ts';
import { networkOf, RateLimit } from '../rate-limit.ts';
import { securityHeaders } from '../security-headers.ts';
import { aesGcmCodec } from './aes-gcm.ts';
import type { KeyRing } from './keys.ts';
import { type CodecRight, type CodecToken, mayDo } from './tokens.ts';

export interface CodecServerOptions {
  keys: KeyRing;
  /** Web pages that may ask, as browsers name them: `https://temporal.example.com`. */
  origins: readonly string[];
  /** Who may ask, as of now. Absent: every caller on this machine. */
  tokens?: () => readonly CodecToken[];
  /** Whether the tokens can be known. Default: they can. */
  isReady?: () => boolean;
  /** Of one token, or of one address without. Default 1,200: a page of the UI asks some dozen times. */
  requestsPerMinute?: number;
  /** One JSON line for each request that was answered or refused. */
  log?: (line: string) => void;
}

/** Who asks, for which namespace. */
interface Admitted {
  name: string;
  namespace: string;
}

const bodyBytes = 8 * 1024 * 1024;
const requestMs = 15_000;

/** What the Temporal UI sends: https://github.com/temporalio/ui/blob/main/src/lib/services/data-encoder.ts */
const allowedHeaders = 'authorization, authorization-extras, content-type, x-namespace';

const base64 = z.string().regex(/^[A-Za-z0-9+/\-_]*={0,2}$/, 'must be base64');
const bodySchema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), base64).nullish(), data: base64.nullish() })),
});

/** A request that is answered with this status and reason. */
class Refusal extends Error {
  readonly statusCode: number;
  readonly retryAfterSeconds: number | undefined;
  constructor(statusCode: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.statusCode = statusCode;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Temporal's remote codec, for its UI and its command: `POST /decode` and `/encode` with `X-Namespace`.
 * https://docs.temporal.io/production-deployment/data-encryption
 */
export async function createCodecServer(options: CodecServerOptions) {
  const { keys, tokens, isReady = () => true, log = () => {} } = options;
  const app = Fastify({ bodyLimit: bodyBytes, requestTimeout: requestMs });
  const callers = new WeakMap<FastifyRequest, Admitted>();
  const holderOfToken = ({ headers }: FastifyRequest) =>
    tokens && holderOf(bearerOf(headers.authorization) ?? '', tokens(), Date.now());
  const limit = new RateLimit(options.requestsPerMinute ?? 1_200);
  // All of it before a byte of the body is read.
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const why = tokens ? undefined : whyNotLocal({ host: request.headers.host });
    if (why !== undefined) throw new Refusal(403, why);
    admitPage(request, reply, options.origins);
    // Behind a proxy all callers have the same address.
    const caller = holderOfToken(request)?.name ?? networkOf(request.ip);
    const seconds = isUncounted(request) ? undefined : await limit.count(caller);
    if (seconds !== undefined) throw new Refusal(429, `more than ${limit.perMinute} requests in a minute`, seconds);
    if (request.is404) throw new Refusal(404, 'there is nothing at this address: POST /decode and /encode are');
  });
  app.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof PayloadUnreadableError ? 400 : (error.statusCode ?? 500);
    log(entry(request, { status, refused: error.message }));
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    // A body that is still coming is not waited for.
    if (error instanceof Refusal) reply.header('connection', 'close');
    if (error instanceof Refusal && error.retryAfterSeconds) reply.header('retry-after', error.retryAfterSeconds);
    return reply.code(status).send({ message: status < 500 ? error.message : 'the codec server failed' });
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    if (!isReady()) throw new Refusal(503, 'the token file cannot be read, and no token of it counts any more');
    return { status: 'ready' };
  });
  const allow = async (_request: FastifyRequest, reply: FastifyReply) => reply.code(204).send();
  app.options('*', { onRequest: allow }, allow);
  for (const right of ['decode', 'encode'] as const) {
    const onRequest = async (request: FastifyRequest) => {
      callers.set(request, admitted(request, right, tokens ? (holderOfToken(request) ?? 'unknown') : undefined));
    };
    app.post(`/${right}`, { onRequest }, async (request) => {
      const { name = 'unknown', namespace = '' } = callers.get(request) ?? {};
      const given = payloadsOf(request.body);
      const payloads = await aesGcmCodec(keys, namespace, { everyWorkflow: true })[right](given);
      log(entry(request, { name, namespace, payloads: payloads.length }));
      return { payloads: payloads.map(toJson) };
    });
  }
  return app;
}

/** Probes and preflight requests carry no token, and their answers cost no more than a refusal. */
const isUncounted = ({ method, routeOptions: { url = '' } }: FastifyRequest): boolean =>
  method === 'OPTIONS' || url === '/healthz' || url === '/readyz';

/** Browsers send the origin of every page, also of one whose DNS name points at this machine. */
function admitPage({ headers: { origin } }: FastifyRequest, reply: FastifyReply, origins: readonly string[]): void {
  if (origin === undefined) return;
  reply.header('vary', 'origin');
  if (!origins.includes(origin)) throw new Refusal(403, `pages of ${origin} may not ask here: name it as an origin`);
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': '600',
  });
}

function namespaceOf({ headers }: FastifyRequest): string {
  const namespace = headers['x-namespace'];
  if (typeof namespace === 'string' && namespace !== '') return namespace;
  throw new Refusal(400, 'the header X-Namespace is missing: payloads are bound to their namespace');
}

/** Refuses a request without the right. Without tokens (`undefined`) every caller on this machine has it. */
function admitted(request: FastifyRequest, right: CodecRight, holder: CodecToken | 'unknown' | undefined): Admitted {
  if (holder === 'unknown') {
    const problem = bearerOf(request.headers.authorization)
      ? 'the token is not known here: it may be mistyped, expired or withdrawn'
      : 'no token was sent: send `Authorization: Bearer <token>`';
    throw new Refusal(401, problem);
  }
  const namespace = namespaceOf(request);
  if (!holder) return { name: 'anonymous', namespace };
  if (mayDo(holder, right, namespace)) return { name: holder.name, namespace };
  throw new Refusal(403, `${holder.name} may not ${right} in the namespace ${namespace}`);
}

function payloadsOf(body: unknown): Payload[] {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success)
    throw new Refusal(400, 'the body is not { payloads: [{ metadata, data }] } with bytes in base64');
  return parsed.data.payloads.map(({ metadata, data }) => ({
    ...(metadata && { metadata: mapped(metadata, (text) => Buffer.from(text, 'base64')) }),
    ...(data && { data: Buffer.from(data, 'base64') }),
  }));
}

const toJson = ({ metadata, data }: Payload) => ({
  metadata: mapped(metadata ?? {}, base64Of),
  ...(data && { data: base64Of(data) }),
});

const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const mapped = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

const entry = ({ method, url, ip }: FastifyRequest, more: object): string =>
  JSON.stringify({ at: new Date().toISOString(), request: `${method} ${url.split('?')[0]}`, ip, ...more });
