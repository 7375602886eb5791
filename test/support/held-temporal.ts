import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A Temporal of which some calls are kept until they are let through. */
export interface HeldTemporal {
  address: string;
  /** Keeps the calls of these methods from now on. */
  hold(...methods: string[]): void;
  /** The methods of the calls that are kept. */
  readonly held: readonly string[];
  release(): void;
  close(): Promise<void>;
}

/** Stands between a worker and the Temporal at `address`. */
export async function holdTemporal(address: string): Promise<HeldTemporal> {
  const upstream: ClientHttp2Session = connect(`http://${address}`);
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  let holding: readonly string[] = [];
  let kept: { method: string; go: () => void }[] = [];
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const go = () => pass(upstream, stream, headers);
    const method = headers[':path']?.split('/').at(-1) ?? '';
    if (holding.includes(method)) kept.push({ method, go });
    else go();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (...methods) => {
      holding = methods;
    },
    get held() {
      return kept.map(({ method }) => method);
    },
    release() {
      holding = [];
      for (const { go } of kept) go();
      kept = [];
    },
    async close() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function pass(upstream: ClientHttp2Session, stream: ServerHttp2Stream, headers: Record<string, unknown>): void {
  const call = upstream.request(headers as Parameters<ClientHttp2Session['request']>[0]);
  let trailers = {};
  stream.on('error', () => call.close());
  call.on('error', () => stream.close());
  stream.on('close', () => call.close());
  stream.pipe(call);
  call.on('trailers', (sent) => {
    trailers = sent;
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  call.on('response', ({ ':status': status, ...rest }, flags) => {
    const isOver = (flags & 1) !== 0;
    stream.respond({ ':status': status, ...rest }, { endStream: isOver, waitForTrailers: !isOver });
    if (!isOver) call.pipe(stream);
  });
}
