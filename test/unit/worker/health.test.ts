import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, type Readiness, readinessOf, startHealthServer } from '../../../worker/health.ts';
import { until } from '../../support/until.ts';

type Asked = Parameters<typeof readinessOf>[0];
type Poller = 'POLLING' | 'SHUTDOWN' | 'FAILED';

const worker = (state: string, workflow: Poller = 'POLLING', activity: Poller = 'POLLING'): Asked =>
  ({
    getState: () => state,
    getStatus: () => ({ workflowPollerState: workflow, activityPollerState: activity }),
  }) as Asked;
const answers = async () => {};
const silent = async () => {
  throw new Error('deadline exceeded');
};

describe('the readiness of a worker', () => {
  it('is there when it polls for both kinds of tasks and Temporal answers', async () => {
    expect(await readinessOf(worker('RUNNING'), answers)).toEqual({ ready: true, why: 'polling' });
  });

  it.each([
    ['has not begun', worker('INITIALIZED'), answers, 'the worker is INITIALIZED'],
    ['is stopping', worker('DRAINING'), answers, 'the worker is DRAINING'],
    ['asks for no workflow tasks', worker('RUNNING', 'FAILED'), answers, 'the workflow poller is FAILED, not POLLING'],
    [
      'asks for no activity tasks',
      worker('RUNNING', 'POLLING', 'SHUTDOWN'),
      answers,
      'the activity poller is SHUTDOWN, not POLLING',
    ],
    ['has lost its Temporal', worker('RUNNING'), silent, 'Temporal does not answer'],
  ])('is not there when it %s', async (_when, asked, temporal, why) => {
    expect(await readinessOf(asked, temporal)).toEqual({ ready: false, why });
  });
});

describe('the health port', () => {
  let server: HealthServer | undefined;
  afterEach(() => server?.close());

  async function ask(path: string, readiness: () => Promise<Readiness>) {
    server = await startHealthServer(0, readiness, '127.0.0.1');
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: answer.status, text: await answer.text() };
  }
  const notReady = async () => ({ ready: false, why: 'the worker is starting' });

  it('says that the process is alive, ready or not', async () => {
    expect(await ask('/healthz', notReady)).toEqual({ status: 200, text: 'alive\n' });
  });

  it('says why the worker is not ready', async () => {
    expect(await ask('/readyz', notReady)).toEqual({ status: 503, text: 'the worker is starting\n' });
  });

  it('says that the worker is ready', async () => {
    expect(await ask('/readyz', async () => ({ ready: true, why: 'polling' }))).toEqual({
      status: 200,
      text: 'polling\n',
    });
  });

  it('takes a readiness that cannot be found out for none', async () => {
    expect((await ask('/readyz', silent as never)).status).toBe(503);
  });

  it('asks Temporal once, however many ask it', async () => {
    let asked = 0;
    let answer = (_readiness: Readiness) => {};
    server = await startHealthServer(
      0,
      () => {
        asked += 1;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      '127.0.0.1',
    );
    const { port } = server;
    const flood = Array.from({ length: 200 }, () => fetch(`http://127.0.0.1:${port}/readyz`));
    await until(() => asked > 0);
    // What is answered beside them came after them.
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    answer({ ready: true, why: 'polling' });
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(asked).toBeLessThan(20);
  });

  it('is on this machine alone, where that is said', async () => {
    server = await startHealthServer(0, notReady, '127.0.0.1');
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of own)
      await expect(fetch(`http://${address}:${server.port}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('knows nothing else', async () => {
    expect((await ask('/', notReady)).status).toBe(404);
  });

  it('says what to do when its port is taken', async () => {
    server = await startHealthServer(0, notReady, '127.0.0.1');
    await expect(startHealthServer(server.port, notReady, '127.0.0.1')).rejects.toThrow(
      /the health port \d+ cannot be opened: .*EADDRINUSE.*choose another one/,
    );
  });
});
