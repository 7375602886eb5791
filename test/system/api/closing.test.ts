import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { testEnvironment } from '../../support/environment.ts';
import { runningApi } from './api-harness.ts';

it('is closed only when nothing is asked of Temporal any more, also what its caller no longer waits for', async () => {
  const environment = await testEnvironment();
  const { client, showcaller } = environment;
  const api = await runningApi({ client: showcaller, schedules: new ShowcallerSchedules(client) });
  const events: string[] = [];
  let answer = () => {};
  const asked = new Promise<void>((begun) => {
    showcaller.summary = async () => {
      begun();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      events.push('answered');
      throw new Error('Temporal has nothing to say');
    };
  });
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${api.token('viewer')}` };
  const left = fetch(`${api.url}/v1/events/somebody/stream`, { headers, signal: leaving.signal }).catch(() => 'left');
  await asked;
  leaving.abort();
  expect(await left).toBe('left');
  const settled = showcaller.settled.bind(showcaller);
  showcaller.settled = () => {
    answer();
    return settled();
  };
  await api.close();
  events.push('closed');
  expect(events).toEqual(['answered', 'closed']);
  await environment.close();
});

it('is closed at once also when a connection is open that has sent nothing', async () => {
  const environment = await testEnvironment();
  const { client, showcaller } = environment;
  const api = await runningApi({ client: showcaller, schedules: new ShowcallerSchedules(client) });
  const { port } = new URL(api.url);
  const silent = connect(Number(port), '127.0.0.1');
  await once(silent, 'connect');
  // The server has seen it, too.
  expect((await api.ask('/healthz')).status).toBe(200);
  const cut = once(silent, 'close');
  silent.resume();
  await api.close();
  await cut;
  await environment.close();
});
