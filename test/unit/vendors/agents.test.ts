import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { agentsOf } from '../../../vendors/agents.ts';
import { directNetwork } from '../../../vendors/network.ts';

const lookup = () => {
  throw new Error('no name is looked up here');
};
const { agent } = agentsOf(directNetwork, lookup);

afterEach(() => vi.restoreAllMocks());

/** Where requests are sent, by the protocol of the agent that connects. */
function connections(count: number): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve) => {
    for (const [protocol, { prototype }] of Object.entries({ 'http:': http.Agent, 'https:': https.Agent }))
      vi.spyOn(prototype, 'createConnection').mockImplementation((options: http.ClientRequestArgs) => {
        seen.push(`${protocol}//${options.host}:${options.port}`);
        if (seen.length === count) resolve(seen.sort());
        return new Socket();
      });
  });
}

const ends = (request: http.ClientRequest) => request.on('error', () => undefined).end();

describe('the one agent of all requests', () => {
  it('sends each by the protocol of the function that was called, to its usual port where none is named', async () => {
    const seen = connections(2);
    const requests = [
      ends(http.request({ host: 'a.example', agent })),
      ends(https.request({ host: 'b.example', agent })),
    ];
    expect(await seen).toEqual(['http://a.example:80', 'https://b.example:443']);
    for (const request of requests) request.destroy();
  });

  it('keeps connections open for the next request', async () => {
    const server = http.createServer((_, response) => response.end('heard'));
    let connected = 0;
    server.on('connection', () => {
      connected += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const agents = agentsOf(directNetwork, lookup);
    for (let i = 0; i < 3; i += 1) {
      const request = http.get(url, { agent: agents.agent });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      await once(response.resume(), 'end');
      // Node gives the connection back behind the end.
      await nextTurn();
    }
    expect(connected).toBe(1);
    agents.close();
    server.close();
  });

  it('closes a connection that is idle before its server does', async () => {
    const server = http.createServer((_, response) => response.end('heard'));
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const agents = agentsOf(directNetwork, lookup);
    const request = http.get(url, { agent: agents.agent });
    const socket = await new Promise<Socket>((resolve) => request.once('socket', resolve));
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(response.resume(), 'end');
    await nextTurn();
    expect([socket.destroyed, socket.timeout]).toEqual([false, 4_000]);
    // As after that time, in an answer that takes longer, and then without a request.
    const slow = http.get(url, { agent: agents.agent });
    expect(await new Promise((resolve) => slow.once('socket', resolve))).toBe(socket);
    socket.emit('timeout');
    const [answer] = (await once(slow, 'response')) as [http.IncomingMessage];
    await once(answer.resume(), 'end');
    await nextTurn();
    expect(socket.destroyed).toBe(false);
    socket.emit('timeout');
    expect(socket.destroyed).toBe(true);
    agents.close();
    server.close();
  });

  it('closes it sooner where its server says so, and keeps none that would be closed at once', async () => {
    const server = http.createServer(({ url }, response) => response.setHeader('keep-alive', `${url?.slice(1)}`).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const agents = agentsOf(directNetwork, lookup);
    const seen: unknown[] = [];
    for (const said of ['timeout=60', 'timeout=3', 'max=9,timeout=2', 'timeout=1']) {
      const request = http.get(`${base}/${said}`, { agent: agents.agent });
      const socket = await new Promise<Socket>((resolve) => request.once('socket', resolve));
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      await once(response.resume(), 'end');
      await nextTurn();
      seen.push(socket.destroyed || socket.timeout);
    }
    expect(seen).toEqual([4_000, 2_000, 1_000, true]);
    agents.close();
    server.close();
  });

  it('leaves it to Node to refuse an address of another protocol', () => {
    const wrong = () => http.request(new URL('https://a.example/'), { agent });
    expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_PROTOCOL' }));
  });

  it('looks at one stack for a request, and at no other', async () => {
    const seen = connections(3);
    const { prepareStackTrace: usual } = Error;
    let stacks = 0;
    Error.prepareStackTrace = (error, frames) => {
      if (frames[0]?.getFunctionName() === 'isSecureEndpoint') stacks += 1;
      return usual?.(error, frames) ?? String(error);
    };
    const requests = [
      ends(http.request(new URL('http://c.example/'), { agent })),
      ends(https.request({ host: 'd.example', agent })),
      ends(http.request({ host: 'e.example', agent })),
    ];
    await seen;
    Error.prepareStackTrace = usual;
    for (const request of requests) request.destroy();
    expect(stacks).toBe(3);
  });
});
