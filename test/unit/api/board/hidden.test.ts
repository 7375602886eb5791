import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { until } from '../../../support/until.ts';
import { pageElement, pageFile, pageHarness, showPage } from './page-harness.ts';

pageHarness();
const { keepStream } = (await pageFile('connection.js')) as {
  keepStream(listener: { onMessage(): void; onEnd(): void }): { close(): void };
};

const { clock } = (await pageFile('now.js')) as { clock(at: number): string };

/** The first connection stays, with one message and a comment now and then; the next never gets an answer. */
function apiThatStopsAnswering({ commentsEveryMs = 15_000 } = {}) {
  let asked = 0;
  vi.stubGlobal('fetch', (_address: URL, { signal }: RequestInit) => {
    asked += 1;
    const onAbort = (fail: (reason: unknown) => void) =>
      signal?.addEventListener('abort', () => fail(signal.reason), { once: true });
    if (asked > 1) return new Promise((_, reject) => onAbort(reject));
    const body = new ReadableStream({
      start: (stream) => {
        const send = (text: string) => stream.enqueue(new TextEncoder().encode(text));
        send('event: system\ndata: {}\n\n');
        const heartbeat = setInterval(() => send(': still here\n\n'), commentsEveryMs);
        onAbort((reason) => {
          clearInterval(heartbeat);
          stream.error(reason);
        });
      },
    });
    return Promise.resolve(new Response(body));
  });
  return () => asked;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  vi.stubGlobal('sessionStorage', { getItem: () => null });
});
afterEach(() => void vi.useRealTimers());

it('a page that was hidden is not up to date when it is shown again, until the API has answered', async () => {
  const asked = apiThatStopsAnswering();
  const stream = keepStream({ onMessage: () => {}, onEnd: () => {} });
  const connection = pageElement('connection');
  await until(() => connection.textContent === '● up to date');
  showPage(false);
  await vi.advanceTimersByTimeAsync(60_000);
  showPage(true);
  await until(() => asked() === 2);
  expect(connection.textContent).toMatch(/^▲ not connected since /);
  stream.close();
});

it('a page whose machine slept is not up to date when it wakes, and connects anew: its timers stood still', async () => {
  const asked = apiThatStopsAnswering();
  const stream = keepStream({ onMessage: () => {}, onEnd: () => {} });
  const connection = pageElement('connection');
  await until(() => connection.textContent === '● up to date');
  const heardAt = Date.now();
  vi.setSystemTime(heardAt + 30_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.textContent).toBe(`▲ not connected since ${clock(heardAt)}`);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
  stream.close();
});

it('a page that hears nothing for longer than between two comments is not up to date, until it hears again', async () => {
  const asked = apiThatStopsAnswering({ commentsEveryMs: 30_000 });
  const stream = keepStream({ onMessage: () => {}, onEnd: () => {} });
  const connection = pageElement('connection');
  await until(() => connection.textContent === '● up to date');
  const heardAt = Date.now();
  await vi.advanceTimersByTimeAsync(21_000);
  expect(connection.textContent).toBe(`▲ not connected since ${clock(heardAt)}`);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([connection.textContent, asked()]).toEqual(['● up to date', 1]);
  stream.close();
});

it('a page that hears nothing for longer than between three comments connects anew', async () => {
  const asked = apiThatStopsAnswering({ commentsEveryMs: 3_600_000 });
  const stream = keepStream({ onMessage: () => {}, onEnd: () => {} });
  await until(() => pageElement('connection').textContent === '● up to date');
  await vi.advanceTimersByTimeAsync(43_000);
  expect(asked()).toBe(2);
  stream.close();
});
