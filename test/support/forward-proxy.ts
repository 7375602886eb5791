import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy as networks have them that let nothing else out. */
export interface ForwardProxy {
  url: string;
  /** What was asked of it: `CONNECT host:port` or `GET http://…`, oldest first. */
  asked: string[];
  /** Of the last request; undefined when it named no user. */
  authorization?: string;
  /** What it answers to CONNECT instead of letting through. */
  refusesWith?: number;
  close(): Promise<void>;
}

/** `resolve` is the proxy's own DNS. */
export async function startForwardProxy(resolve = (host: string): string => host): Promise<ForwardProxy> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming, response) => {
    noted(incoming, `${incoming.method} ${incoming.url}`);
    const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = incoming.headers;
    const outgoing = request(incoming.url ?? '', { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    noted(incoming, `CONNECT ${incoming.url}`);
    if (proxy.refusesWith !== undefined) {
      client.end(`HTTP/1.1 ${proxy.refusesWith} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const target = connect(Number(port), resolve(hostname.replace(/^\[|\]$/g, '')), () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const [one, other] of [
      [target, client],
      [client, target],
    ] as const) {
      sockets.add(one);
      one.once('error', () => other.destroy());
      one.once('close', () => other.destroy());
    }
  });
  const noted = ({ headers }: IncomingMessage, what: string) => {
    proxy.asked.push(what);
    proxy.authorization = headers['proxy-authorization'];
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const proxy: ForwardProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return proxy;
}
