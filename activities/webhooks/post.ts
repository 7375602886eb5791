import { Webhook } from 'standardwebhooks';
import type { CloudEventJson } from './cloud-event.ts';
import type { Subscriber } from './subscriber.ts';

const longestQuote = 200;

/** What the subscriber answered, or why it did not. Quotes at most 200 characters of it. */
export type Answer =
  | { kind: 'answered'; status: number; text: string; retryAfterMs?: number }
  | { kind: 'unanswered'; why: string };

export interface PostOptions {
  /** For the whole answer. */
  withinMs: number;
  cancelled: AbortSignal;
}

/** Sends one signed CloudEvent once. Redirects are an answer like others: a signature is for one address only. */
export async function post(
  subscriber: Subscriber,
  event: CloudEventJson,
  { withinMs, cancelled }: PostOptions,
): Promise<Answer> {
  const body = JSON.stringify(event);
  const timeout = AbortSignal.timeout(withinMs);
  try {
    const response = await fetch(subscriber.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([timeout, cancelled]),
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'showcaller',
        ...signed(subscriber.secrets, event.id, body),
      },
      body,
    });
    return {
      kind: 'answered',
      status: response.status,
      text: await beginningOf(response),
      retryAfterMs: retryAfter(response.headers.get('retry-after')),
    };
  } catch (error) {
    if (timeout.aborted) return { kind: 'unanswered', why: `did not answer within ${withinMs / 1000} s` };
    return { kind: 'unanswered', why: whyNot(error) };
  }
}

/** The headers of Standard Webhooks; with several secrets several signatures, so that they can be rotated. */
function signed(secrets: readonly string[], id: string, body: string, at = new Date()): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

/** The rest of a long answer is not waited for. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  while (text.length < longestQuote) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, longestQuote).replace(/\s+/g, ' ').trim();
}

/** Seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** The code alone: the text of a network error may quote the address, and an address may hold a secret. */
function whyNot(error: unknown): string {
  const named = error instanceof Error ? error.name : 'unknown reason';
  const code = codeOf(error instanceof Error ? error.cause : undefined) ?? codeOf(error) ?? named;
  return `could not be reached (${code})`;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
