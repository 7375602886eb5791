import { accessSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { createAuth } from '../../../api/auth/auth.ts';
import type { Permission } from '../../../api/auth/permissions.ts';
import { newToken, tokenRecogniser } from '../../../api/auth/tokens.ts';
import type { ApiDeps } from '../../../api/deps.ts';
import { boardRoutes } from '../../../api/routes/board.ts';
import { createApi } from '../../../api/server.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { chromiumProgram } from '../../../scripts/chromium.ts';
import { freePort } from '../../../temporal/dev-server/free-port.ts';
import type { TestEnvironment } from '../../support/environment.ts';
import { givesUpAfterMs } from '../../support/hangs.ts';
import { until } from '../../support/until.ts';

/** Why there is no browser; undefined when there is one. */
export const noBrowser: string | undefined = (() => {
  try {
    accessSync(chromiumProgram);
    return undefined;
  } catch {
    return `no Chromium at ${chromiumProgram}: the board was not looked at; install one, or name one in CHROMIUM`;
  }
})();
if (noBrowser) console.warn(noBrowser);

/** A page of its own. What a browser says against it is a failure, but for what the test asked for. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(givesUpAfterMs);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  onTestFinished(() => {
    if (errors.length > 0) throw new Error(`the page broke: ${errors.join('; ')}`);
  });
  return page;
}

/** Comes back when the expression is true in the page. The page's own policy forbids to wait inside it. */
export const holds = (page: Page, expression: string): Promise<boolean> =>
  until(() => page.evaluate<boolean>(expression));

const held: Record<string, Permission[]> = {
  viewer: ['viewer'],
  operator: ['operator'],
  admin: ['admin', 'ingest'],
};

export interface BoardHarness {
  url: string;
  token(name: string): string;
  /** Takes the API away, and brings it back at the same address with the same tokens. */
  stopApi(): Promise<void>;
  startApi(): Promise<void>;
  /** Opens the board with this reader's token. */
  signIn(page: Page, name: string, hash?: string): Promise<void>;
}

/** The API with its board on the environment's Temporal. */
export async function boardHarness(
  environment: TestEnvironment,
  deps: Partial<ApiDeps> = {},
  { port = 0 }: { port?: number } = {},
): Promise<BoardHarness> {
  const { client, taskQueue, showcaller } = environment;
  const made = Object.entries(held).map(([name, roles]) => newToken({ name, roles }));
  const tokens = new Map(made.map(({ token, entry }) => [entry.name, token]));
  const auth = createAuth(tokenRecogniser(() => made.map(({ entry }) => entry)));
  const schedules = new ShowcallerSchedules(client, { taskQueue });
  const ownPort = port || (await freePort());
  const build = () =>
    createApi({
      client: showcaller,
      schedules,
      auth,
      board: boardRoutes({ mediaOrigins: ['http://127.0.0.1:*', 'http://*.localhost:*', 'http://localhost:*'] }),
      limits: { pollMs: 100 },
      ...deps,
    });
  let api: Awaited<ReturnType<typeof createApi>> | undefined;
  const url = `http://127.0.0.1:${ownPort}/`;
  const token = (name: string): string => {
    const found = tokens.get(name);
    if (!found) throw new Error(`no token for ${name}`);
    return found;
  };
  const startApi = async () => {
    api = await build();
    await api.listen({ host: '127.0.0.1', port: ownPort });
  };
  await startApi();
  return {
    url,
    token,
    startApi,
    stopApi: async () => {
      await api?.close();
    },
    async signIn(page, name, hash = '') {
      await page.goto(`${url}${hash}`);
      await page.getByLabel('Token').fill(token(name));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('up to date').waitFor();
    },
  };
}

const require = createRequire(import.meta.url);

/** What axe-core finds wrong with the page as it is. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
       violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  );
}
