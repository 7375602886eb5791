import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { registerSchedule } from '../../../cli/commands/schedule.ts';

afterEach(() => void vi.restoreAllMocks());

/** An API with so many schedules, which names a next page after each full one, as Temporal does. */
async function apiWith(count: number, unreadable: { key: string; reason: string }[]): Promise<string> {
  const all = Array.from({ length: count }, (_, n) => ({
    ...{ scheduleId: `daily-${n}`, vendor: 'aws-ivs', timeZone: 'UTC', calendars: ['12:00'], plan: {}, shows: [] },
  }));
  const server = createServer(({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'http://127.0.0.1');
    const [from, limit] = [Number(searchParams.get('cursor') ?? 0), Number(searchParams.get('limit'))];
    const schedules = all.slice(from, from + limit);
    const cursor = schedules.length === limit ? String(from + limit) : undefined;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ schedules, cursor, ...(from === 0 && { unreadable }) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listed(api: string, ...args: string[]): Promise<{ answer: string; said: string }> {
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      texts[stream] += text;
      return true;
    });
  const program = new Command();
  registerSchedule(program);
  await program.parseAsync(['schedule', 'list', '--api', api, ...args], { from: 'user' });
  return { answer: texts.stdout, said: texts.stderr };
}

it('a list of schedules says that there are more, and not where it shows exactly all', async () => {
  const { answer, said } = await listed(await apiWith(4, []), '--limit', '3', '--json');
  expect(said).toBe('showcaller: there are more schedules: raise --limit\n');
  expect(JSON.parse(answer)).toHaveLength(3);
  expect((await listed(await apiWith(3, []), '--limit', '3')).said).toBe('');
  expect(JSON.parse((await listed(await apiWith(450, []), '--limit', '450', '--json')).answer)).toHaveLength(450);
});

it('a list of schedules names those that cannot be read: there are not none', async () => {
  const { answer, said } = await listed(await apiWith(0, [{ key: 'acme/daily', reason: 'no key k2' }]));
  expect({ answer, said }).toEqual({
    answer: '',
    said: 'showcaller: the schedule acme/daily cannot be read: no key k2\n',
  });
  expect((await listed(await apiWith(0, []))).answer).toBe('no schedules\n');
});
