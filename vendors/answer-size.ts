import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** More than any answer of a vendor's API, and than a segment. Bytes. */
export const mostAnswerBytes = 80 * 1024 * 1024;

const calls = new AsyncLocalStorage<{ most: number }>();

let isListening = false;
/** SDKs read an answer whole before they give it: it is cut off where it comes in. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  subscribe('http.client.response.finish', (message) => {
    const call = calls.getStore();
    const { response } = message as { response?: IncomingMessage };
    if (call && response) bound(response, call.most);
  });
}

function bound(response: IncomingMessage, most: number): void {
  const push = response.push.bind(response);
  let bytes = 0;
  response.push = (chunk: Buffer | null, encoding) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= most) return push(chunk, encoding);
    response.destroy(new Error(`the answer is longer than ${most} bytes`));
    return false;
  };
}

/** Runs a call to a vendor; an answer that is longer fails it. */
export function withBoundedAnswers<T>(call: () => Promise<T>, most = mostAnswerBytes): Promise<T> {
  listen();
  return calls.run({ most }, call);
}
