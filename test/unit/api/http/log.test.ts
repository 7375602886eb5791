import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { loggerOptions } from '../../../../api/http/log.ts';
import { warnOfProxy } from '../../../../api/http/proxy-warning.ts';

it('the log of the API steers no terminal, and says the same', async () => {
  const attack = '\x1b[2J\x9b31m\u202e\u200b\u2028\n{"level":60}';
  const stream = new PassThrough();
  const app = Fastify({ logger: loggerOptions({ level: 'info', stream }) });
  app.get('/:eventId', async () => {
    throw new Error(attack);
  });
  await app.inject(`/${encodeURIComponent(attack)}`);
  app.log.warn(attack);
  await app.close();
  stream.end();
  const logged = await text(stream);
  expect(logged).toMatch(/^[ -~\n]+$/);
  const lines = logged
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ level }) => level === 60)).toEqual([]);
  expect(lines.at(-1)).toMatchObject({ msg: attack });
  expect(lines.find(({ err }) => err)).toMatchObject({ err: { message: attack } });
});

it('the log of the API says once that a proxy hides the addresses of callers', async () => {
  const stream = new PassThrough();
  const app = Fastify({ logger: loggerOptions({ level: 'warn', stream }) });
  warnOfProxy(app);
  app.get('/', async () => 'ok');
  await app.inject('/');
  for (let times = 0; times < 3; times += 1)
    await app.inject({ url: '/', headers: { 'x-forwarded-for': '192.0.2.1' } });
  await app.close();
  stream.end();
  const lines = (await text(stream)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([expect.stringContaining('--trust-proxy')]);
});
