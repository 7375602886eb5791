import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { until } from '../../../support/until.ts';
import { pageElement, pageFile, pageHarness, showPage } from './page-harness.ts';

pageHarness();
const { keepStream } = (await pageFile('connection.js')) as {
  keepStream(listener: { onMessage(): void; onEnd(): void }): { close(): void };
};

/** The first connection stays, with one message; the next never gets an answer. */
function apiThatStopsAnswering() {
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
        const heartbeat = setInterval(() => send(': still here\n\n'), 15_000);
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
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
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
