import type { VendorEvent } from './vendor-event.ts';

/** One HTTP request, or one message of a queue, that a vendor sent us. Nothing in it can be trusted. */
export interface VendorEventRequest {
  method: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined when it is not JSON. */
  body: unknown;
  raw: string;
  /** Epoch milliseconds. */
  receivedAt: number;
  /** The vendor's accounts that are configured here, and of a queue those that may be in its messages. */
  accounts: readonly VendorEventAccount[];
}

/** The part of an account that identifies whose a message is. */
export interface VendorEventAccount {
  name: string;
  settings: Readonly<Record<string, string>>;
}

/** A vendor event and the channel it is about. */
export interface VendorEventMessage {
  /** The account that the message is about, where the vendor names it: only runs of that account get the message. */
  account?: string;
  /** `keyOf` the channel's ref. */
  channel: string;
  vendorEvent: VendorEvent;
  /** Set on periodic reports: one is delivered only when `says` differs from the last one with the same `of`. */
  report?: { of: string; says: string };
}

export type VendorEventResult =
  /** The vendor asks whether we want its events. */
  | { kind: 'handshake'; status: number; headers: Record<string, string>; body?: Record<string, string> }
  /**
   * `ignored`: how many are about no channel or one of no account, or could not be read. `foreign`: where the vendor has the
   * account of one that is about a channel of no account, for people.
   */
  | { kind: 'messages'; messages: VendorEventMessage[]; ignored: number; foreign?: string }
  /** The request is never valid, however often it is sent. */
  | { kind: 'refused'; status: 400 | 403 | 405; why: string };

/** Reads what one vendor sends. Never throws. */
export interface VendorEventReader {
  read(request: VendorEventRequest): VendorEventResult;
}

/** A queue to which a vendor sends its events instead of our HTTP route. */
export interface VendorEventQueue {
  /** For people: which queue it is. */
  name: string;
  /** The same for all accounts that have this queue, however each names it. */
  id: string;
  /** Waits some seconds at most for messages. Rejects when the queue cannot be reached. */
  receive(stopping: AbortSignal): Promise<QueuedMessage[]>;
  /** Deletes a message from the queue; one that is not deleted is received again. */
  remove(message: QueuedMessage): Promise<void>;
}

export interface QueuedMessage {
  id: string;
  body: string;
  /** The queue's handle of this delivery, needed to delete the message. */
  receipt: string;
}
