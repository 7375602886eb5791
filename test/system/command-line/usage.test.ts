import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { showcaller } from '../../support/processes.ts';
import { scratchDir } from '../../support/scratch.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
const plan = planFor({ duration: '30s', waits: { firstConnect: '30s', encoderLost: '20s' } });
const from = new Date(Date.now() - 60_000).toISOString();

beforeAll(async () => {
  env = await testEnvironment({ server: 'own' });
  const { vendor, activities } = fakeVendor();
  await env.work(activities);
  await env.showcaller.start(plan);
  await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'waiting-for-encoder');
  vendor.connect(`sc-${plan.eventId}`);
  await until(async () => (await env.showcaller.status(plan.eventId)).phase === 'live');
  await env.showcaller.stopNow(plan.eventId, { by: 'ann', reason: 'seen enough' });
  await env.showcaller.result(plan.eventId);
  await until(async () => (await usage('--json')).stdout.includes(plan.eventId));
});
afterAll(() => env?.close());

const usage = (...more: string[]) =>
  showcaller([
    'usage',
    ...['--address', env.address, '--namespace', env.namespace, '--task-queue', env.taskQueue],
    ...['--from', from, '--to', new Date(Date.now() + 60_000).toISOString(), ...more],
  ]);

it('prints a table by vendor, with the prices of a list', async () => {
  const file = join(await scratchDir(), 'prices.json');
  const price = { vendor: 'alibaba-oss', resource: 'live channel', state: 'input', perHour: 3_600 };
  await writeFile(file, JSON.stringify({ currency: 'EUR', asOf: '2026-11-01', prices: [price] }));
  const { code, stdout, stderr } = await usage('--prices', file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^key +vendor +billed +events +minutes\n/);
  expect(stdout).toMatch(/^alibaba-oss +alibaba-oss +live channel, input +1 +\d+\.\d +\d+\.\d\d EUR$/m);
  expect(stdout).toContain('prices as of 2026-11-01');
});

it('prints CSV for a spreadsheet, and JSON with every event', async () => {
  const csv = await usage('--by', 'account', '--csv');
  expect(csv.stdout.split('\n')[0]).toBe('key,vendor,resource,state,class,events,minutes,money,currency');
  expect(csv.stdout).toMatch(/^alibaba-oss\/default,alibaba-oss,live channel,input,,1,[\d.]+,,$/m);
  expect(csv.stderr).toContain('unknown: ');
  const { byEvent, rows } = JSON.parse((await usage('--json')).stdout);
  expect(byEvent.map(({ eventId }: { eventId: string }) => eventId)).toEqual([plan.eventId]);
  expect(rows).toHaveLength(1);
  const ever = await usage('--json', '--from', '0000-01-01T00:00:00Z', '--to', '9999-12-31T23:59:59Z');
  expect({ code: ever.code, stderr: ever.stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(ever.stdout).rows).toEqual(rows);
});

it('refuses what cannot be, and says how it is written', async () => {
  for (const [flags, why] of [
    [['--csv', '--json'], 'give one of them'],
    [['--by', 'colour'], 'tenant, vendor, account'],
    [['--prices', '/no/such/file'], 'cannot read the price list /no/such/file'],
    [['--to', '2020-01-01T00:00:00Z'], '--to must be after --from'],
  ] as const) {
    const { code, stderr, stdout } = await usage(...flags);
    expect({ flags, code }).toEqual({ flags, code: 2 });
    expect(stderr + stdout).toContain(why);
  }
});
