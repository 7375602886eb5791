import { EventEmitter } from 'node:events';
import type { IngestRequest, IngestSession } from './ingest-session.ts';

export type { IngestRequest, IngestSession, IngestStats } from './ingest-session.ts';

export type IngestVerdict = { ok: true; key: string } | { ok: false; reason: string };

export interface RtmpIngestOptions {
  /** Says whether this push may be, and under which key of ours. One key has one publisher at a time. */
  authorize(req: IngestRequest): Promise<IngestVerdict>;
  /** A connection silent for this long is cut. Default 10 s. */
  idleMs?: number;
}

export interface RtmpIngestEvents {
  publish: [session: IngestSession];
  unpublish: [session: IngestSession, reason: string];
  /** Never accepted; the reason is ours or `authorize`'s. */
  refused: [req: IngestRequest, reason: string];
}

/** An RTMP server that only takes pictures: every push is asked for, every disconnect noticed at once. */
export class RtmpIngest extends EventEmitter<RtmpIngestEvents> {
  constructor(_options: RtmpIngestOptions) {
    super();
  }

  /** Listens and says on which port. Default: any free one of 127.0.0.1. */
  listen(_port = 0, _host = '127.0.0.1'): Promise<number> {
    return Promise.reject(new Error('not written yet'));
  }

  /** Cuts the publisher of this key; false when there is none. It is gone when this returns. */
  kick(_key: string, _reason: string): boolean {
    return false;
  }

  publishing(_key: string): boolean {
    return false;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
