import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { registerList } from '../../../cli/commands/list.ts';
import { commandOutput } from '../../support/command-output.ts';

afterEach(() => void vi.restoreAllMocks());

/** Events of an API whose titles are alike, and others that its overview does not have. */
async function apiWith(count: number, others = 0): Promise<string> {
  const events = Array.from({ length: count }, (_, i) => ({
    ...{ eventId: `talk-${i}`, runId: `run-${i}`, title: 'A talk', vendor: 'aws-ivs', account: 'default' },
    ...{ phase: 'live', workflowStatus: 'RUNNING' },
  }));
  const beyond = Array.from({ length: others }, (_, i) => ({
    ...events[0],
    eventId: `beyond-${i}`,
    runId: `beyond-${i}`,
  }));
  const cards = events.map((event) => ({ ...event, key: event.eventId, conditions: [] }));
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', 'application/json');
    const system = { workers: { count: 1 }, pollers: [] };
    const [, one] = /^\/v1\/events\/(beyond-\d+)$/.exec(url ?? '') ?? [];
    const report = { ...events[0], eventId: one, windows: [], gaps: [], vod: [], troubles: [] };
    // Titles are in no index.
    const listed = { events: [...events, ...beyond].map(({ title: _, ...one }) => one) };
    response.end(JSON.stringify(url?.startsWith('/v1/overview') ? { events: cards, system } : one ? report : listed));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const list = (...args: string[]) => commandOutput(registerList, ['list', ...args]);

it.each([
  [3, 'showcaller: 4 more match: raise --limit\n'],
  [6, 'showcaller: 1 more matches: raise --limit\n'],
  [7, ''],
])('a search that is cut at %i says how many more match', async (limit, words) => {
  const api = await apiWith(7);
  const { out, said } = await list('--api', api, '--search', 'talk', '--limit', String(limit), '-o', 'json');
  expect(JSON.parse(out)).toHaveLength(limit);
  expect(said).toBe(words);
});

it('a list that is longer than the API is asked for says of how many events only their place in it is known', async () => {
  const api = await apiWith(7, 105);
  const { said } = await list('--api', api, '--limit', '200');
  expect(said).toBe('showcaller: what is wrong with 5 of these events was not looked at: list fewer at once\n');
  expect((await list('--api', await apiWith(7, 100), '--limit', '200')).said).toBe('');
});

const untitled = (count: number) =>
  `showcaller: the titles of ${count} events were not searched: search fewer with --from and --to\n`;
const unseen = (count: number) =>
  `showcaller: what is wrong with ${count} of these events was not looked at: list fewer at once\n`;

it('a search looks at those that it shows, and says how many titles it could not search', async () => {
  const api = await apiWith(7, 105);
  const search = (...args: string[]) => list('--api', api, '--search', ...args, '-o', 'json');
  const one = await search('beyond-104');
  expect(JSON.parse(one.out)).toMatchObject([{ eventId: 'beyond-104', title: 'A talk' }]);
  expect(one.said).toBe(untitled(4));
  expect((await search('talk', '--limit', '200')).said).toBe(untitled(5));
  expect((await search('beyond', '--limit', '200')).said).toBe('');
});

it('a search that shows more than the API is asked for says how many of those that it shows were not looked at', async () => {
  const api = await apiWith(7, 205);
  const search = (limit: number) => list('--api', api, '--search', 'beyond', '--limit', String(limit), '-o', 'json');
  expect((await search(205)).said).toBe(unseen(5));
  expect((await search(200)).said).toBe('showcaller: 5 more match: raise --limit\n');
});
