import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultKind, SimRequest, SimResponse } from '../kit/types.ts';
import { requestId } from './errors.ts';

interface Message {
  id: string;
  body: string;
  /** Of the last time it was received; the only one that deletes it. */
  receipt?: string;
  /** Not given out again before this instant. */
  hiddenUntil: number;
}

const target = 'AmazonSQS.';
const contentType = 'application/x-amz-json-1.0';
const lookEveryMs = 20;
const mostAtOnce = 10;
const mostKept = 10_000;

export const isQueueCall = (req: SimRequest): boolean => String(req.headers['x-amz-target'] ?? '').startsWith(target);

export const queueOperationOf = (req: SimRequest): string =>
  `sqs:${String(req.headers['x-amz-target']).slice(target.length)}`;

/** A refusal of SQS. */
class QueueError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * One standard SQS queue, spoken to in JSON.
 * documented(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html). Not simulated: attributes, batches of deletions, dead letters.
 */
export class Queue {
  readonly url: () => string;
  readonly #visibilityMs: number;
  #messages: Message[] = [];

  constructor(url: () => string, visibilityMs: number) {
    this.url = url;
    this.#visibilityMs = visibilityMs;
  }

  add(body: string): string {
    const id = randomUUID();
    this.#messages.push({ id, body, hiddenUntil: 0 });
    // Without a reader a long rehearsal must not fill the memory.
    if (this.#messages.length > mostKept) this.#messages.shift();
    return id;
  }

  /** Those that are not deleted yet, hidden ones too. */
  get length(): number {
    return this.#messages.length;
  }

  async serve(req: SimRequest, operation: string): Promise<SimResponse> {
    try {
      const input = inputOf(req);
      if (input.QueueUrl !== this.url())
        throw new QueueError('QueueDoesNotExist', 'The specified queue does not exist.');
      if (operation === 'sqs:ReceiveMessage') return answer(await this.#receive(input));
      if (operation === 'sqs:DeleteMessage') return answer(this.#delete(input));
      if (operation === 'sqs:SendMessage') return answer(this.#send(input));
      throw new QueueError('UnsupportedOperation', `${operation} is not simulated.`);
    } catch (error) {
      if (error instanceof QueueError) return queueErrorResponse(400, error.code, error.message);
      throw error;
    }
  }

  async #receive({ MaxNumberOfMessages = 1, WaitTimeSeconds = 0 }: Record<string, unknown>): Promise<object> {
    const most = Number(MaxNumberOfMessages);
    if (!(most >= 1 && most <= mostAtOnce))
      throw new QueueError('InvalidParameterValue', 'MaxNumberOfMessages: 1 to 10');
    const until = Date.now() + Number(WaitTimeSeconds) * 1000;
    for (;;) {
      const given = this.#messages.filter(({ hiddenUntil }) => hiddenUntil <= Date.now()).slice(0, most);
      if (given.length > 0) return { Messages: given.map((message) => this.#give(message)) };
      if (Date.now() >= until) return {};
      await pause(lookEveryMs, undefined, { ref: false });
    }
  }

  #give(message: Message): object {
    message.hiddenUntil = Date.now() + this.#visibilityMs;
    message.receipt = randomUUID();
    return { MessageId: message.id, ReceiptHandle: message.receipt, Body: message.body, MD5OfBody: md5(message.body) };
  }

  #delete({ ReceiptHandle }: Record<string, unknown>): object {
    this.#messages = this.#messages.filter(({ receipt }) => receipt === undefined || receipt !== ReceiptHandle);
    return {};
  }

  #send({ MessageBody }: Record<string, unknown>): object {
    const body = String(MessageBody);
    return { MessageId: this.add(body), MD5OfMessageBody: md5(body) };
  }
}

function inputOf(req: SimRequest): Record<string, unknown> {
  try {
    return Object(JSON.parse(req.body.toString('utf8')));
  } catch {
    throw new QueueError('InvalidParameterValue', 'The body is not JSON.');
  }
}

/** documented(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html) */
export const queueErrorResponse = (status: number, code: string, message: string): SimResponse => ({
  status,
  headers: { 'content-type': contentType, 'x-amzn-requestid': requestId() },
  body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
});

/** documented(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html#API_ReceiveMessage_Errors); the statuses: assumed. */
export function queueFault(kind: FaultKind): SimResponse {
  if (kind === 'throttle') return queueErrorResponse(403, 'RequestThrottled', 'The request was denied: throttled.');
  return queueErrorResponse(kind === 'unauthorized' ? 403 : 503, 'ServiceUnavailable', kind);
}

const answer = (body: object): SimResponse => ({
  status: 200,
  headers: { 'content-type': contentType, 'x-amzn-requestid': requestId() },
  body: JSON.stringify(body),
});

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
