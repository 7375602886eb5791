import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Nothing but the page itself: no updates, no accounts, no traffic of the browser's own. */
const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-pipe'],
];

/** How long a page may take to show what is waited for. */
const timeoutMs = 30_000;
const lookAgainMs = 200;

type Send = (method: string, params?: object) => Promise<Record<string, unknown>>;

/** One page of a headless Chromium, driven over the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/ */
export interface Browser {
  goTo(url: string): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Resolves when the expression is true in the page. */
  until(expression: string): Promise<void>;
  /** A PNG of what is seen. */
  picture(size: { width: number; height: number }): Promise<Buffer>;
  close(): Promise<void>;
}

/** @throws Error when there is no Chromium on the PATH (or at CHROMIUM). */
export async function startBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'showcaller-browser-'));
  const program = process.env.CHROMIUM ?? 'chromium';
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  await Promise.race([once(child, 'spawn'), once(child, 'error').then(([cause]) => cannotStart(program, cause))]);
  const send = protocolOf(child);
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page: Send = (method, params) => send(method, { ...params, sessionId });
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result } = await page('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    return (result as { value: T }).value;
  };
  return {
    goTo: async (url) => {
      await page('Page.navigate', { url });
    },
    evaluate,
    until: async (expression) => {
      const deadline = Date.now() + timeoutMs;
      while (!(await evaluate<boolean>(expression))) {
        if (Date.now() > deadline) throw new Error(`the page did not come to ${expression}`);
        await pause(lookAgainMs);
      }
    },
    picture: async ({ width, height }) => {
      await page('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      // The page lays itself out anew for the size.
      await pause(lookAgainMs * 5);
      const { data } = await page('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(String(data), 'base64');
    },
    close: async () => {
      const gone = once(child, 'exit');
      await send('Browser.close').catch(() => child.kill());
      await gone;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

function cannotStart(program: string, cause: unknown): never {
  throw new Error(`${program} could not be started: install Chromium, or name one in CHROMIUM`, { cause });
}

/** Messages are JSON, each ended by a zero byte: in on one pipe, out on the other. */
function protocolOf(child: ChildProcess): Send {
  const [, , , toBrowser, fromBrowser] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (e: Error) => void }>();
  let sent = 0;
  let text = '';
  fromBrowser.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (text + chunk).split('\0');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      const call = waiting.get(id);
      waiting.delete(id);
      if (error) call?.reject(new Error(`the browser refused: ${error.message}`));
      else call?.resolve(result);
    }
  });
  return (method, params = {}) => {
    const { sessionId, ...rest } = params as { sessionId?: string };
    sent += 1;
    const id = sent;
    toBrowser.write(`${JSON.stringify({ id, method, params: rest, ...(sessionId && { sessionId }) })}\0`);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
}
