import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { runWith, underWay } from './under-way.ts';

/** More than any answer of a vendor's API, and than a segment. Bytes. */
export const mostAnswerBytes = 80 * 1024 * 1024;

let isListening = false;
/** SDKs read an answer whole before they give it: it is cut off where it comes in. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  subscribe('http.client.response.finish', (message) => {
    const { mostAnswerBytes: most } = underWay();
    const { response } = message as { response?: IncomingMessage };
    if (most !== undefined && response) bound(response, most);
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
  return runWith({ mostAnswerBytes: most }, call);
}
