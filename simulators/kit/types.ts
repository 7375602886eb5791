import type { IncomingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';

/** One HTTP request as a simulator sees it. */
export interface SimRequest {
  method: string;
  /** Path and query as sent, undecoded: signatures are made over this. */
  url: string;
  /** Undecoded path. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface SimResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Instead of a body, one without an end: it writes until the reader closes. */
  stream?: (out: Writable) => void;
}

/** What goes wrong, as data. */
export type FaultKind =
  /** The vendor's own throttling answer (429 or its code). Not applied. */
  | 'throttle'
  /** The vendor's own 5xx answer. Not applied. */
  | 'unavailable'
  /** The vendor's own quota answer. Not applied. */
  | 'quota'
  /** The vendor's own answer to wrong credentials. Not applied. */
  | 'unauthorized'
  /** The vendor's own answer to a bad request. Not applied. */
  | 'invalid'
  /** The connection is cut before anything is done. */
  | 'reset'
  /** Nothing is done, nothing is ever answered. */
  | 'hang'
  /** It is done, then the connection is cut: applied, but the response is lost. */
  | 'lose-response'
  /** It is done and answered after `delayMs`. */
  | 'delay'
  /** Not done; `answer` goes out, as from a proxy or a maintenance page. */
  | 'answer'
  /** It is done; half of the body is answered, as if it were the whole. */
  | 'truncate'
  /** It is done and answered as `text/plain`. */
  | 'mislabel'
  /** It is accepted; the operation that it began ends as failed. Where a call begins none, it is done. */
  | 'fail-later'
  /** It is done; the answer is dated by a clock that is `skewMs` ahead. */
  | 'skewed'
  | PlaybackFaultKind;

/** What goes wrong for viewers. With `*` it hits every live playlist, and it stays until it is cleared. */
export type PlaybackFaultKind =
  /** Live playlists stay as they are at the first hit. */
  | 'freeze'
  /** Every other answer is an old playlist, as from an edge that is behind. */
  | 'stale'
  /** Live playlists are not there. */
  | 'gone'
  /** Live playlists are not there until the first segment is late enough: for `times` requests. */
  | 'late-first-segment'
  /** A list of variants has one more, in which nothing new comes. A stream without a list has no variants. */
  | 'one-variant-dead';

export interface Fault {
  /** The vendor's own name of the call, or `*`. */
  operation: string;
  kind: FaultKind;
  /** Skip this many matching calls first. Default 0. */
  skip?: number;
  /** Hit this many, then no more. Default 1; on playback: all. */
  times?: number;
  delayMs?: number;
  /** For `skewed`; negative for a clock that is behind. */
  skewMs?: number;
  /** For `answer`. Default: 200, an HTML page. */
  answer?: { status: number; contentType?: string; body?: string };
}

/** Notes in the log what a simulator sent by itself: an event, a message to a subscriber. */
export type LogDelivery = (operation: string, status: number, note: string) => void;

export interface LogEntry {
  at: number;
  vendor: string;
  operation: string;
  method: string;
  url: string;
  status: number;
  /** The fault that hit this call. */
  fault?: FaultKind;
  /** Short, secret-free note: a refused push's reason, a bucket's name. */
  note?: string;
}

/** A thing that exists now in a simulated account, for tests that count leaks and doubles. */
export interface SimResource {
  vendor: string;
  kind: string;
  name: string;
  /** Whether a real account would be paying for it now. */
  billed: boolean;
  /** The vendor's state word. */
  state?: string;
}

/** A span in which a real account would have paid. Epoch milliseconds; `to` is absent while it goes on. */
export interface BilledSpan {
  vendor: string;
  kind: string;
  name: string;
  state?: string;
  from: number;
  to?: number;
}

/** A simulator that runs. */
export interface RunningSimulator {
  vendor: string;
  /** Exactly what our worker needs in its environment for the account `default`. */
  env: Record<string, string>;
  /** What a client of any language needs: endpoint, region, keys or token, subscription, bucket, domain … */
  client: Record<string, string>;
  resources(): SimResource[];
  /** When what would have cost, since it runs. */
  billed(): BilledSpan[];
  /** All resources ever made, for "at most one": counted by kind. */
  made(): Record<string, number>;
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** Loopback only. Default 127.0.0.1. */
  host?: string;
  /** Fixed port of the API; default: any free one. */
  port?: number;
  rtmpPort?: number;
  /** How long this vendor's transitions take, relative to its usual simulated ones. Default 1; 0 = at once. */
  slowness?: number;
  /** Permissions that the account lacks, by the vendor's own names of the actions. Default: it has all. */
  denied?: readonly string[];
  /** Where recordings are kept; default: a new temporary folder, removed on close. */
  storeDir?: string;
}

/** What every `simulators/<vendor>/index.ts` exports, and `simulators/registry.ts` lists. */
export interface SimulatorModule {
  vendor: string;
  start(kit: SimulatorKit, options: SimulatorOptions): Promise<RunningSimulator>;
}

/** One request and what the vendor's simulator answered. */
export interface Exchange {
  vendor: string;
  operation: string;
  request: SimRequest;
  response: SimResponse;
}

/** Shared by all simulators of one process: the request log, the faults. */
export interface SimulatorKit {
  /** Sees every answer before it goes out, also those of faults. */
  watch?: (exchange: Exchange) => void;
  /** Answers instead of the simulator, which `serve` asks: for a vendor that does otherwise. */
  replace?: (call: Omit<Exchange, 'response'>, serve: () => Promise<SimResponse>) => Promise<SimResponse>;
  log: { add(entry: LogEntry): void; entries(filter?: Partial<LogEntry>): LogEntry[]; clear(): void };
  faults: {
    add(vendor: string, fault: Fault): void;
    clear(vendor?: string): void;
    /** The fault for this call, if one is due; counts it. */
    take(vendor: string, operation: string): Fault | undefined;
  };
}
