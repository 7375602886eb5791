import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { type AmfValue, encodeAmf } from '../../../../simulators/kit/amf.ts';
import { ChunkWriter, messageTypes } from '../../../../simulators/kit/rtmp-chunks.ts';
import { type IngestSession, RtmpIngest, type RtmpIngestOptions } from '../../../../simulators/kit/rtmp-ingest.ts';

interface Closeable {
  close(): Promise<unknown> | unknown;
}

const opened: Closeable[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

/** Closed after the test, however it ends. */
export function closing<T extends Closeable>(one: T): T {
  opened.push(one);
  return one;
}

export interface TestIngest {
  ingest: RtmpIngest;
  port: number;
  /** A push URL for this name, with whatever query. */
  url(name: string): string;
}

/** An ingest that takes any name but those that begin with `bad`, unless the options say otherwise. */
export async function startIngest(options: Partial<RtmpIngestOptions> = {}): Promise<TestIngest> {
  const authorize: RtmpIngestOptions['authorize'] = async ({ name }) =>
    name.startsWith('bad') ? { ok: false, reason: 'no such key' } : { ok: true, key: name };
  const ingest = closing(new RtmpIngest({ authorize, ...options }));
  const port = await ingest.listen();
  return { ingest, port, url: (name) => `rtmp://127.0.0.1:${port}/live/${name}` };
}

export async function nextSession(ingest: RtmpIngest): Promise<IngestSession> {
  const [session] = (await once(ingest, 'publish')) as [IngestSession];
  return session;
}

/** A hand-driven RTMP client, for what no well-behaved encoder would send. */
export class RawClient {
  readonly socket: Socket;
  readonly #writer = new ChunkWriter();
  readonly closed: Promise<unknown>;
  readonly #received: Buffer[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes) => this.#received.push(bytes));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    closing({ close: () => this.socket.destroy() });
  }

  /** All that came, as text: enough to look for a code or a reason. */
  get received(): string {
    return Buffer.concat(this.#received).toString('latin1');
  }

  shakeHands(): void {
    this.socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536), Buffer.alloc(1536)]));
  }

  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  command(...values: AmfValue[]): void {
    const message = { type: messageTypes.command, streamId: 1, timestamp: 0, data: encodeAmf(...values) };
    this.socket.write(this.#writer.encode(3, message));
  }
}
