import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import type { ApiDeps } from '../../../../api/deps.ts';
import { createApi } from '../../../../api/server.ts';

/** An API that has begun to close while a list is asked of a Temporal that answers when the test asks it to. */
async function closingApi(limits: ApiDeps['limits']) {
  let answer = () => {};
  let asked = () => {};
  const isAsked = new Promise<void>((begun) => {
    asked = begun;
  });
  const client = {
    page: () => {
      asked();
      return new Promise((resolve) => {
        answer = () => resolve({ events: [] });
      });
    },
    within: <T>(_ms: number, work: () => Promise<T>) => work(),
    forTenant: () => client,
    settled: async () => answer(),
  };
  const schedules = { forTenant: () => undefined };
  const app = await createApi({ client, schedules, auth: openAuth, limits } as unknown as ApiDeps);
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(url.port), url.hostname);
  const request = (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`);
  const received = text(socket);
  request('/v1/events');
  await isAsked;
  const closed = app.close();
  return { server: app.server, answer: () => answer(), request, received, closed };
}

it('answers what is still asked when an API must close, and says that it may be asked again', async () => {
  const { received, closed } = await closingApi({ requestMs: 300, answerMs: 300 });
  const answer = await received;
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(answer).toMatch(/\r\nretry-after: 5\r\n/);
  expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json/);
  expect(answer).toContain('the API is stopping');
  await closed;
});

it('answers a request that comes while an API closes with a problem document, and begins nothing', async () => {
  const { server, answer, request, received, closed } = await closingApi({});
  const arrived = once(server, 'request');
  request('/v1/events?limit=7');
  await arrived;
  answer();
  const [first, second] = (await received).split(/(?=HTTP\/1.1 503)/);
  expect(first).toMatch(/^HTTP\/1.1 200 /);
  expect(second).toMatch(/\r\ncontent-type: application\/problem\+json/);
  expect(second).toContain('"detail":"the API is stopping: nothing was begun; ask again"');
  await closed;
});
