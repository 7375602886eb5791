import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ServerCertificate } from './certificates.ts';

/** Another address of a server on this machine. */
export interface TcpFront {
  port: number;
  close(): Promise<void>;
}

/** Passes connections on to a port of 127.0.0.1; with a certificate it takes TLS off first. */
export async function tcpFront(
  target: number,
  { host = '127.0.0.1', port = 0, certificate }: { host?: string; port?: number; certificate?: ServerCertificate } = {},
): Promise<TcpFront> {
  const sockets = new Set<Socket>();
  const passOn = (client: Socket) => {
    const behind = connect(target, '127.0.0.1');
    client.pipe(behind).pipe(client);
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one);
      one.once('error', () => other.destroy());
      one.once('close', () => other.destroy());
    }
  };
  const server: Server = certificate ? createTlsServer(certificate, passOn) : createServer(passOn);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
