import { isIP } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { JsonObject } from '../../domain/json.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import { shortened } from '../../domain/text.ts';
import { bareHost } from '../../vendors/addresses.ts';
import { failureOf, type HttpClient, HttpError } from '../../vendors/http.ts';
import type { CloudEventJson } from './cloud-event.ts';
import type { Subscriber } from './subscriber.ts';

const longestQuote = 200;
/** Of UTF-8, in bytes. */
const longestCharacter = 4;

/** What the subscriber answered, or why it did not. Quotes at most 200 characters of it. `partly`: what it took not for all. */
export type Answer =
  | { kind: 'answered'; status: number; text: string; retryAfterMs?: number; partly?: string }
  | { kind: 'unanswered'; why: string };

export interface PostOptions {
  http: HttpClient;
  /** For the whole answer. */
  withinMs: number;
  /** The subscriber compares it with its own clock, epoch milliseconds. */
  now: number;
  cancelled: AbortSignal;
}

/** Sends one signed CloudEvent once. */
export function post({ url, secrets }: Subscriber, event: CloudEventJson, options: PostOptions): Promise<Answer> {
  const body = JSON.stringify(event);
  const type = 'application/cloudevents+json; charset=utf-8';
  return send(
    url,
    { body, headers: { 'content-type': type, ...signed(secrets, event.id, body, new Date(options.now)) } },
    options,
  );
}

/** Sends a JSON body once, as services of people take it. */
export const postJson = ({ url }: Pick<Subscriber, 'url'>, body: JsonObject, options: PostOptions): Promise<Answer> =>
  send(url, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }, options);

/** Redirects are an answer like others: what is sent is for one address only. */
async function send(
  url: string,
  { body, headers }: { body: string; headers: Record<string, string> },
  { http, withinMs, cancelled }: PostOptions,
): Promise<Answer> {
  try {
    const answer = await http.send(url, {
      method: 'POST',
      headers,
      body,
      timeoutMs: withinMs,
      maxBytes: longestQuote * longestCharacter,
      cancelled,
      fromOutside: !namesItsAddress(new URL(url).hostname),
    });
    return {
      kind: 'answered',
      status: answer.status,
      text: quoteOf(answer.body),
      retryAfterMs: retryAfterMs(answer.headers),
    };
  } catch (error) {
    return { kind: 'unanswered', why: whyNot(error, withinMs) };
  }
}

/** What a proxy answers for a subscriber that is not there, and 410. Others may only mean that it takes no OPTIONS. */
const absent = [410, 502, 503, 504];

/** Why webhooks would not reach the subscriber, which is no mailbox; undefined when it answers. Nothing is delivered. */
export async function reach(
  { url }: Pick<Subscriber, 'url'>,
  { http, withinMs }: Pick<PostOptions, 'http' | 'withinMs'>,
): Promise<string | undefined> {
  try {
    const { status } = await http.send(url, {
      method: 'OPTIONS',
      timeoutMs: withinMs,
      maxBytes: longestQuote,
      fromOutside: !namesItsAddress(new URL(url).hostname),
    });
    return absent.includes(status) ? `answers with HTTP ${status}` : undefined;
  } catch (error) {
    return whyNot(error, withinMs);
  }
}

/** An address that stands in the configuration itself was meant; what a name leads to, only its DNS decides. */
export const namesItsAddress = (hostname: string): boolean => isIP(bareHost(hostname)) !== 0 || isLoopback(hostname);

/** The headers of Standard Webhooks; with several secrets several signatures, so that they can be rotated. */
function signed(secrets: readonly string[], id: string, body: string, at: Date): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

const quoteOf = (body: Buffer): string => shortened(body.toString('utf8').replace(/\s+/g, ' ').trim(), longestQuote);

/** The code alone: the text of a network error may quote the address, and an address may hold a secret. */
export function whyNot(error: unknown, withinMs: number): string {
  if (error instanceof HttpError && error.name === 'TimeoutError') return `did not answer within ${withinMs / 1000} s`;
  const { code, refused } = failureOf(error);
  if (refused) return 'leads to a private network: allow it in SHOWCALLER_PRIVATE_NETWORKS if it is meant';
  return `could not be reached (${code ?? (error instanceof Error ? error.name : 'unknown reason')})`;
}
