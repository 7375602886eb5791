import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SharedPort {
  port: number;
  close(): Promise<void>;
}

/** The first byte of an RTMP handshake is its version; HTTP begins with a letter. */
const rtmpVersion = 0x03;

/**
 * One port for both protocols. With an address as endpoint the vendor's SDKs make publish URLs that name the port of
 * the API, since the service itself answers both at one host; behind the shared port such a URL works as it is.
 */
export function openSharedPort(
  servers: { host: string; httpPort: number; rtmpPort: number },
  port: number,
): Promise<SharedPort> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    client.once('data', (first: Buffer) => {
      client.pause();
      const upstream = connect(first[0] === rtmpVersion ? servers.rtmpPort : servers.httpPort, servers.host);
      upstream.setNoDelay(true);
      client.setNoDelay(true);
      upstream.write(first);
      join(client, upstream);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, servers.host, () => {
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
