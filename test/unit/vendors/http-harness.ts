import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { createHttp, type HttpClient, type Resolve } from '../../../vendors/http.ts';
import { directNetwork, type Network } from '../../../vendors/network.ts';

export const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export const timeoutMs = 20_000;

export async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A server on this machine, and the addresses that were asked of it. */
export async function origin(answer: RequestListener) {
  const asked: string[] = [];
  const port = await listening(
    createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request, response);
    }),
  );
  return { base: `http://127.0.0.1:${port}`, port, asked };
}

export function client(network: Partial<Network> = {}, resolve?: Resolve): HttpClient {
  const http = createHttp({ ...directNetwork, ...network }, resolve);
  closing.push(() => http.close());
  return http;
}

export const text = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString();
export const ipv4 = (address: string) => ({ address, family: 4 });
