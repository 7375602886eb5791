import { describe, expect, it, onTestFinished } from 'vitest';
import { openAuth } from '../../../api/auth/auth.ts';
import { createApi } from '../../../api/server.ts';
import type { ShowcallerClient } from '../../../client/client.ts';

async function status(headers: Record<string, string>, loopbackOnly: boolean): Promise<number> {
  const within = (_ms: number, work: () => Promise<unknown>) => work();
  const unused = { settled: async () => {}, within } as unknown as ShowcallerClient;
  const app = await createApi({ client: unused, schedules: {} as never, auth: openAuth, loopbackOnly });
  onTestFinished(() => app.close());
  return (await app.inject({ method: 'GET', url: '/v1/me', headers })).statusCode;
}

/** A page of the web that has a name of its own lead to 127.0.0.1 reads and sends as if it were from here. */
describe('an API that lets everybody on this machine in', () => {
  it.each<[Record<string, string>, number]>([
    [{ host: 'localhost:8080' }, 200],
    [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, 200],
    [{ host: '[::1]:8080' }, 200],
    [{ host: 'rebound.example.com:8080' }, 403],
    [{ host: 'rebound.example.com', origin: 'http://rebound.example.com' }, 403],
    [{ host: 'localhost.example.com' }, 403],
    [{ host: '127.0.0.1:8080', origin: 'https://evil.example.com' }, 403],
    [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:3000' }, 403],
    [{ host: '127.0.0.1:8080', origin: 'null' }, 403],
    [{ host: 'a b' }, 403],
  ])('answers %j with %i', async (headers, answer) => {
    expect(await status(headers, true)).toBe(answer);
    expect(await status(headers, false)).toBe(200);
  });
});
