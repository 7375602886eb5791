import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NotTestable } from '../../../certify/findings.ts';
import { endpointsOf, knock } from '../../../certify/steps.ts';
import { watchWire } from '../../../certify/wire.ts';
import { freePort } from '../../../temporal/dev-server/free-port.ts';
import { createHttp } from '../../../vendors/http.ts';
import { vendors } from '../../../vendors/registry.ts';
import { withHarness } from '../contract-harness.ts';
import { eventFor, opened } from '../show.ts';

/** An ingest that does this with each connection. */
async function ingestThat(does: (socket: Socket) => void): Promise<string> {
  const server = createTcp(does);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/key`;
}

describe('a knock', () => {
  it('at a port where nothing listens is no refusal', async () => {
    await expect(knock(`rtmp://127.0.0.1:${await freePort()}/live/key`)).rejects.toThrow(NotTestable);
  });

  it.each<[string, Parameters<typeof ingestThat>[0]]>([
    ['closes at once', (socket) => socket.end()],
    ['breaks off', (socket) => socket.resetAndDestroy()],
    ['speaks another protocol', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('at something that %s is no refusal', async (_what, does) => {
    await expect(knock(await ingestThat(does))).rejects.toThrow(NotTestable);
  });

  it('is refused by an ingest that shook hands and closes', async () => {
    const url = await ingestThat((socket) => {
      let received = 0;
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        if (received === 0) socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]));
        received += bytes.length;
        // The handshake is 1 + 2 × 1,536 bytes; the first command follows.
        if (received > 1 + 2 * 1536) socket.end();
      });
    });
    expect(await knock(url)).toMatch(/^refused: .*the server closed the connection/);
  });
});

describe('an answer that is to be lost', () => {
  async function wireTo(answers: RequestListener) {
    const server = createServer(answers);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const http = createHttp();
    onTestFinished(() => {
      http.close();
      server.close();
    });
    const wire = watchWire(http, () => undefined);
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const get = (path: string) => wire.http.get(base + path, { timeoutMs: 10_000, trusted: [base] });
    return { wire, get };
  }

  it('is neither a token nor a refusal, and is noted when it was lost', async () => {
    const { wire, get } = await wireTo((request, response) => {
      response.writeHead(request.url === '/busy' ? 429 : 200).end('answer');
    });
    const lost: string[] = [];
    wire.loseNextAnswer(() => lost.push('lost'));
    expect((await get('/tenant/oauth2/v2.0/token')).status).toBe(200);
    expect((await get('/busy')).status).toBe(429);
    expect(lost).toEqual([]);
    await expect(get('/change')).rejects.toThrow();
    expect(lost).toEqual(['lost']);
    expect((await get('/change')).status).toBe(200);
    wire.loseNextAnswer(() => lost.push('again'));
    wire.keepAnswers();
    expect((await get('/read')).status).toBe(200);
    expect(lost).toEqual(['lost']);
  });
});

describe.concurrent.each(vendors)('$name', (manifest) => {
  it.concurrent('gives its addresses over a call that is throttled or fails', () =>
    withHarness(manifest, {}, async (harness) => {
      const { channel } = await opened(harness.driver, eventFor(harness, 'throttled'));
      for (const kind of ['throttle', 'unavailable'] as const)
        harness.kit.faults.add(manifest.name, { operation: '*', kind });
      expect(await endpointsOf(harness.driver, channel, { timeScale: 0.02, limitMs: 60_000 })).not.toEqual([]);
    }));
});
