import type { IncomingMessage } from 'node:http';
import { underWay } from './under-way.ts';

/** More than any answer of a vendor's API, and than a segment. Bytes. */
export const mostAnswerBytes = 80 * 1024 * 1024;

/** Fails the call that is under way when its answer is too long. SDKs read it whole before they give it: it is cut off here. */
export function boundAnswer(response: IncomingMessage): void {
  const { mostAnswerBytes: most } = underWay();
  if (most === undefined) return;
  const push = response.push.bind(response);
  let bytes = 0;
  response.push = (chunk: Buffer | null, encoding) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= most) return push(chunk, encoding);
    response.destroy(new Error(`the answer is longer than ${most} bytes`));
    return false;
  };
}
