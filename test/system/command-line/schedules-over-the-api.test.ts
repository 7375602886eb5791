import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, showcaller } from '../../support/processes.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, apiHarness } from '../api/api-harness.ts';

const daily = ['--time-zone', 'UTC', '--cron', '0 20 * * *', '--overlap', 'skip'];
let api: ApiHarness;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'showcaller-api-'));
  file = join(folder, 'plan.json');
  api = await apiHarness(fakeVendor().activities, {}, { server: 'own' });
  const { eventId: _, startsAfter: __, ...plan } = { startsAfter: '', ...planFor({ duration: '1h' }) };
  await writeFile(file, JSON.stringify({ ...plan, title: 'Daily' }));
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const asCaller = (token: string, ...args: string[]): Promise<Finished> =>
  showcaller(args, { env: { SHOWCALLER_API: api.url, SHOWCALLER_API_TOKEN: api.token(token) } });
const directly = (...args: string[]): Promise<Finished> => {
  const { address, namespace, taskQueue } = api.environment;
  return showcaller([...args, '--address', address, '--namespace', namespace, '--task-queue', taskQueue]);
};

describe('recurring shows through the API', () => {
  it('are made, shown, paused, begun and deleted in the name of the token', async () => {
    const denied = await asCaller('operator', 'schedule', 'create', 'daily', file, ...daily);
    expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('admin')]);
    const made = await asCaller('admin', 'schedule', 'create', 'daily', file, ...daily);
    expect([made.code, made.stderr]).toEqual([0, '']);
    const again = await asCaller('admin', 'schedule', 'create', 'daily', file, ...daily);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('there is a schedule daily already')]);

    const described = await asCaller('viewer', 'schedule', 'describe', 'daily');
    expect(described.stdout).toBe((await directly('schedule', 'describe', 'daily')).stdout);
    await until(async () => (await asCaller('viewer', 'schedule', 'list')).stdout.startsWith('daily '));

    const later = ['--time-zone', 'UTC', '--cron', '0 21 * * *', '--overlap', 'skip'];
    const moved = await asCaller('admin', 'schedule', 'update', 'daily', file, ...later);
    expect(moved.stdout).toContain('T21:00:00Z');
    const pause = ['schedule', 'pause', 'daily', '--note', 'holidays', '--by', 'ann'];
    expect((await asCaller('operator', ...pause)).stdout).toContain('paused');
    const paused = await asCaller('viewer', 'schedule', 'describe', 'daily', '--json');
    expect(JSON.parse(paused.stdout)).toMatchObject({
      key: 'daily',
      paused: true,
      note: 'operator on behalf of ann: holidays',
    });
    expect((await asCaller('operator', 'schedule', 'resume', 'daily')).code).toBe(0);

    const triggered = await asCaller('operator', 'schedule', 'trigger', 'daily', '--json');
    const { outcome, key } = JSON.parse(triggered.stdout) as { outcome: string; key: string };
    expect([triggered.code, outcome]).toEqual([0, 'started']);
    await api.environment.showcaller.cancel(key);

    expect((await asCaller('admin', 'schedule', 'delete', 'daily')).stdout).toContain('deleted');
    const gone = await asCaller('viewer', 'schedule', 'describe', 'daily');
    expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('there is no schedule daily')]);
  });

  it('belong to the tenant that the key names', async () => {
    const key = `${api.otherTenant}/weekly`;
    expect((await asCaller('admin', 'schedule', 'create', key, file, ...daily)).stderr).toBe('');
    expect((await asCaller('admin@bolt', 'schedule', 'describe', 'weekly')).code).toBe(0);
    expect((await asCaller('admin', 'schedule', 'describe', key, '--json')).stdout).toContain(`"key": "${key}"`);
    const foreign = await asCaller('operator@acme', 'schedule', 'describe', 'weekly');
    expect([foreign.code, foreign.stderr]).toEqual([2, expect.stringContaining('there is no schedule weekly')]);
    expect((await asCaller('admin', 'schedule', 'delete', key)).code).toBe(0);
  });
});

describe('usage through the API', () => {
  it('is what Temporal itself gives, with the prices of the API', async () => {
    const span = ['--from', '2026-01-01T00:00:00Z', '--to', '2031-01-01T00:00:00Z', '--csv'];
    const there = await asCaller('viewer', 'usage', ...span);
    expect([there.code, there.stdout]).toEqual([0, (await directly('usage', ...span)).stdout]);
    const priced = await asCaller('viewer', 'usage', ...span, '--prices', file);
    expect([priced.code, priced.stderr]).toEqual([2, expect.stringContaining('its own price list')]);
  });
});
