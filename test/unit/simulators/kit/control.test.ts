import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startControl } from '../../../../simulators/kit/control.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator } from '../../../../simulators/kit/types.ts';
import { until } from '../../../support/until.ts';
import { closing, startIngest } from './kit-harness.ts';

const simulator: RunningSimulator = {
  vendor: 'v',
  env: { V_KEY: 'key' },
  client: { endpoint: 'http://127.0.0.1:1' },
  resources: () => [{ vendor: 'v', kind: 'channel', name: 'c', billed: true }],
  billed: () => [],
  made: () => ({ channel: 1 }),
  close: () => Promise.resolve(),
};

async function start() {
  const kit = createKit();
  const control = closing(await startControl({ kit, simulators: [simulator] }));
  const ask = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(control.url + path, { method, body: text, headers });
    const answer = await response.text();
    return { status: response.status, json: answer === '' ? undefined : JSON.parse(answer) };
  };
  return { kit, ask, url: control.url };
}

/** `fetch` lets no caller choose the Host header. */
const statusOf = (url: string, host: string) =>
  new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

describe('the control interface', () => {
  it('shows the log, filtered, and empties it', async () => {
    const { kit, ask } = await start();
    for (const operation of ['Put', 'Get'])
      kit.log.add({ at: 1, vendor: 'v', operation, method: 'GET', url: '/', status: 200 });
    expect((await ask('GET', '/log')).json).toHaveLength(2);
    expect((await ask('GET', '/log?vendor=v&operation=Put')).json).toMatchObject([{ operation: 'Put' }]);
    expect((await ask('GET', '/log?vendor=other')).json).toEqual([]);
    expect((await ask('DELETE', '/log')).status).toBe(204);
    expect(kit.log.entries()).toEqual([]);
  });

  it('adds faults and takes them back', async () => {
    const { kit, ask } = await start();
    const fault = { vendor: 'v', operation: 'Put', kind: 'delay', skip: 1, times: 2, delayMs: 5 };
    expect((await ask('POST', '/faults', fault)).status).toBe(201);
    expect([1, 2].map(() => kit.faults.take('v', 'Put'))).toMatchObject([undefined, { kind: 'delay', delayMs: 5 }]);
    expect((await ask('DELETE', '/faults')).status).toBe(204);
    expect(kit.faults.take('v', 'Put')).toBeUndefined();
  });

  it('says everything that is wrong with a fault at once', async () => {
    const { ask } = await start();
    const wrong = { vendor: 'w', operation: '', kind: 'explode', skip: -1, times: 0, delayMs: 'long', more: 1 };
    const { status, json } = await ask('POST', '/faults', wrong);
    expect(status).toBe(400);
    const paths = json.problems.map((problem: { path: string }) => problem.path);
    expect(paths.sort()).toEqual(['', 'delayMs', 'kind', 'operation', 'skip', 'times', 'vendor']);
    expect(JSON.stringify(json)).toContain('lose-response');
    expect((await ask('POST', '/faults', '{')).json.problems).toEqual([{ path: '', message: 'the body is not JSON' }]);
  });

  it.each([
    ['rebound.example.com', 403],
    ['localhost.example.com:80', 403],
    ['localhost:1', 200],
    ['[::1]:1', 200],
  ])('asked by the name %s answers %i', async (host, status) => {
    const { url } = await start();
    for (const path of ['/env', '/log', '/simulators', '/resources'])
      expect(await statusOf(url + path, host)).toBe(status);
  });

  it('shows what exists and how clients reach it', async () => {
    const { ask } = await start();
    expect((await ask('GET', '/resources')).json).toEqual(simulator.resources());
    expect((await ask('GET', '/simulators')).json).toEqual([
      { vendor: 'v', env: simulator.env, client: simulator.client },
    ]);
  });

  it.each([
    ['', 'stopped', 'unpublished'],
    ['?drop=1', 'dropped', 'closed by the encoder'],
  ])('starts an encoder and ends it (%s)', async (query, reason, seen) => {
    const { ask } = await start();
    const { ingest, url } = await startIngest();
    let endReason: string | undefined;
    ingest.on('unpublish', (_session, why) => {
      endReason = why;
    });
    const started = await ask('POST', '/encoders', { url: url('secret-key?sign=s3cret'), source: 'fixture' });
    expect(started.status).toBe(201);
    expect(ingest.publishing('secret-key')).toBe(true);
    const listed = await ask('GET', '/encoders');
    expect(listed.json).toEqual([started.json]);
    expect(JSON.stringify(listed.json)).not.toMatch(/secret-key|s3cret/);
    const ended = await ask('DELETE', `/encoders/${started.json.id}${query}`);
    expect(ended.json).toMatchObject({ id: started.json.id, ended: { reason } });
    expect(await until(() => endReason)).toBe(seen);
  });

  it('says why an encoder could not start', async () => {
    const { ask } = await start();
    const { url } = await startIngest();
    const { status, json } = await ask('POST', '/encoders', { url: url('bad') });
    expect([status, json.error]).toEqual([409, expect.stringContaining('no such key')]);
    const wrong = await ask('POST', '/encoders', { url: 'http://x/y/z', source: 'camera', seconds: -1 });
    expect(wrong.status).toBe(400);
    expect(wrong.json.problems).toHaveLength(3);
  });

  it('knows which encoders and paths there are', async () => {
    const { ask } = await start();
    expect((await ask('DELETE', '/encoders/none')).status).toBe(404);
    const { status, json } = await ask('GET', '/nowhere');
    expect([status, json.error]).toEqual([404, expect.stringContaining('POST /faults')]);
    expect((await ask('GET', '/constructor')).status).toBe(404);
  });

  it('takes nothing from web pages', async () => {
    const { kit, ask } = await start();
    const { status } = await ask(
      'POST',
      '/faults',
      { vendor: 'v', operation: '*', kind: 'hang' },
      { origin: 'http://evil.invalid' },
    );
    expect(status).toBe(403);
    expect(kit.faults.take('v', 'Put')).toBeUndefined();
  });
});
