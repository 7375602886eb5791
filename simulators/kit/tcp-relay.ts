import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpRelay {
  port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Hands each connection on to the port that its first bytes ask for: in the simulators' protocols the client speaks first. */
export function openTcpRelay(
  { host, port, upstreamHost = host }: { host: string; port: number; upstreamHost?: string },
  portFor: (first: Buffer) => number,
): Promise<TcpRelay> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    client.once('data', (first: Buffer) => {
      client.pause();
      const upstream = connect({ port: portFor(first), host: upstreamHost, allowHalfOpen: true });
      upstream.setNoDelay(true);
      client.setNoDelay(true);
      upstream.write(first);
      join(client, upstream);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          for (const socket of open) socket.destroy();
        });
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}

/** What happens to one side happens to the other: an end, a loss, a reset. */
function join(client: Socket, inner: Socket): void {
  client.pipe(inner).pipe(client);
  inner.on('error', () => client.resetAndDestroy());
  inner.once('close', () => client.destroySoon());
  client.once('close', () => inner.destroy());
}
