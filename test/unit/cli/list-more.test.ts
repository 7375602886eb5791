import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { registerList } from '../../../cli/commands/list.ts';

afterEach(() => void vi.restoreAllMocks());

/** An API with so many events, which names a next page after each full one, as Temporal does. */
async function apiWith(count: number): Promise<string> {
  const events = Array.from({ length: count }, (_, n) => ({
    ...{ eventId: `talk-${n}`, vendor: 'aws-ivs', account: 'default', phase: 'live', workflowStatus: 'RUNNING' },
  }));
  const server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const [from, limit] = [Number(searchParams.get('cursor') ?? 0), Number(searchParams.get('limit'))];
    const page = events.slice(from, from + limit);
    const listed = { events: page, ...(page.length === limit && { cursor: String(from + limit) }) };
    const system = { workers: { count: 1 }, pollers: [] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(pathname === '/v1/overview' ? { events, system } : listed));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function saidOf(count: number, ...args: string[]): Promise<string> {
  let said = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  const program = new Command();
  registerList(program);
  await program.parseAsync(['list', '--api', await apiWith(count), '-o', 'json', ...args], { from: 'user' });
  return said;
}

it('a list names the next page where there is one, and not where it shows exactly all', async () => {
  expect(await saidOf(4, '--limit', '3')).toBe('showcaller: there are more; the next page: --cursor 3\n');
  expect(await saidOf(3, '--limit', '3')).toBe('');
  expect(await saidOf(6, '--limit', '3', '--cursor', '3')).toBe('');
});

it('a search says that it ended before the end of the list, and not where it was through exactly all', async () => {
  const ended = 'showcaller: the newest 1000 events were searched; --from and --to reach others\n';
  expect(await saidOf(1_001, '--search', 'talk-7', '--limit', '200')).toBe(ended);
  expect(await saidOf(1_000, '--search', 'talk-7', '--limit', '200')).toBe('');
});
