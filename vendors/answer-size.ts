import type { IncomingMessage } from 'node:http';
import { underWay } from './under-way.ts';

/** More than any answer of a vendor's API, and than a segment. Bytes. */
export const mostAnswerBytes = 80 * 1024 * 1024;

/** A longer name of an encoding says nothing. */
const mostEncoding = 40;

/**
 * Fails the call that is under way when its answer is too long. SDKs read it whole before they give it: it is cut off here. Some
 * unpack whatever is compressed, to a thousand times its length. No call asks for that, and one that is answered so fails.
 */
export function boundAnswer(response: IncomingMessage): void {
  const { mostAnswerBytes: most } = underWay();
  if (most === undefined) return;
  const encoding = response.headers['content-encoding']?.trim() ?? '';
  if (!/^(identity)?$/i.test(encoding)) {
    const named = encoding.slice(0, mostEncoding);
    refuseBody(response, new Error(`the answer is compressed (${named}), which was not asked for`));
    return;
  }
  const push = response.push.bind(response);
  let bytes = 0;
  response.push = (chunk: Buffer | null, charset) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= most) return push(chunk, charset);
    response.destroy(new Error(`the answer is longer than ${most} bytes`));
    return false;
  };
}

/**
 * Fails the SDK that reads a body, of which no byte is passed on. The first bytes come with the head, before the SDK listens for a
 * failure: this one waits until it reads, because the SDK would never hear of it otherwise, and wait without end.
 */
function refuseBody(response: IncomingMessage, failure: Error): void {
  const push = response.push.bind(response);
  const read = response._read.bind(response);
  let [hasBody, isRead] = [false, false];
  response.push = (chunk: Buffer | null, charset) => {
    hasBody ||= chunk !== null && chunk.length > 0;
    if (!hasBody) return push(chunk, charset);
    if (isRead) response.destroy(failure);
    return false;
  };
  response._read = (size) => {
    isRead = true;
    if (hasBody) response.destroy(failure);
    else read(size);
  };
}
