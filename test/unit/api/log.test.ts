import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { loggerOptions } from '../../../api/http/log.ts';

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
