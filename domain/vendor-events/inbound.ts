import type { Hint } from './vendor-event.ts';

/** One HTTP request, or one message of a queue, that a vendor sent us. Nothing in it can be trusted. */
export interface PushRequest {
  method: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined when it is none. */
  body: unknown;
  raw: string;
  /** Epoch milliseconds. */
  receivedAt: number;
  /** The settings of the vendor's accounts that are configured here. */
  settings: readonly Readonly<Record<string, string>>[];
}

/** A hint and whom it is for. */
export interface PushMessage {
  /** `keyOf` the channel's ref. */
  channel: string;
  hint: Hint;
  /** Of reports that come again and again: passed on only when what they say differs from the last one of their kind. */
  report?: { of: string; says: string };
}

export type PushAnswer =
  /** The vendor asks whether we want its messages. */
  | { kind: 'handshake'; status: number; headers: Record<string, string>; body?: Record<string, string> }
  /** `ignored`: how many say nothing of a channel, or could not be read. */
  | { kind: 'messages'; messages: PushMessage[]; ignored: number }
  /** It can never be valid, however often it is sent. */
  | { kind: 'refused'; status: 400 | 403 | 405; why: string };

/** What `vendors/<vendor>/push.ts` exports. Never throws. */
export interface PushReader {
  read(request: PushRequest): PushAnswer;
}

/** A queue that receives a vendor's events, instead of our HTTP route. */
export interface PushQueue {
  /** For people: which queue it is. */
  name: string;
  /** Waits for messages, some seconds at most; none when there are none. Rejects when the queue cannot be reached. */
  receive(stopping: AbortSignal): Promise<QueuedMessage[]>;
  /** Takes a message off the queue; one that is not taken off comes again. */
  remove(message: QueuedMessage): Promise<void>;
}

export interface QueuedMessage {
  id: string;
  body: string;
  /** What the queue knows this delivery by. */
  receipt: string;
}
