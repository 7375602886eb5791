import { once } from 'node:events';
import type { Server } from 'node:http';
import Provider from 'oidc-provider';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuth } from '../../../api/auth/auth.ts';
import { oidcRecogniser } from '../../../api/auth/oidc.ts';
import { signInAt } from '../../../api/auth/sign-in.ts';
import { boardRoutes } from '../../../api/routes/board.ts';
import { startBrowser } from '../../../scripts/chromium.ts';
import { freePort } from '../../../temporal/dev-server/free-port.ts';
import { driverContext } from '../../support/accounts.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { until } from '../../support/until.ts';
import { type BoardHarness, boardHarness, noBrowser, openPage } from './board-harness.ts';

const clientId = 'board';
/** Tokens end while the test looks, so that they have to be renewed. */
const tokenSeconds = 8;
const { http } = driverContext;
let environment: TestEnvironment;
let board: BoardHarness;
let browser: Browser;
let server: Server;
const grants: Record<string, unknown>[] = [];

describe.skipIf(noBrowser)('on the event board', () => {
  beforeAll(async () => {
    environment = await testEnvironment();
    const [port, boardPort] = [await freePort(), await freePort()];
    const issuer = `http://127.0.0.1:${port}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          token_endpoint_auth_method: 'none',
          redirect_uris: [`http://127.0.0.1:${boardPort}/`],
          response_types: ['code'],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      claims: { openid: ['sub', 'roles'] },
      conformIdTokenClaims: false,
      findAccount: (_context: unknown, sub: string) => ({
        accountId: sub,
        claims: () => ({ sub, roles: ['operator'] }),
      }),
      issueRefreshToken: () => true,
      clientBasedCORS: () => true,
      ttl: {
        AccessToken: tokenSeconds,
        IdToken: tokenSeconds,
        Grant: 600,
        Interaction: 600,
        Session: 600,
        RefreshToken: 600,
      },
    });
    provider.on('grant.success', ({ oidc }) => grants.push({ ...oidc.params }));
    server = provider.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const oidc = { issuer, audience: clientId };
    const signIn = signInAt(oidc, { clientId, scope: 'openid', parameters: { ui_locales: 'en' } }, http);
    board = await boardHarness(
      environment,
      {
        auth: createAuth(oidcRecogniser(oidc, http)),
        board: boardRoutes({ signIn }),
        limits: { pollMs: 100, heartbeatMs: 300 },
      },
      { port: boardPort },
    );
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await board?.stopApi();
    server?.close();
    server?.closeAllConnections();
    await environment?.close();
  });

  it('a reader signs in at the identity provider with PKCE, and stays signed in', async () => {
    const page = await openPage(browser);
    const asked: URL[] = [];
    const streams: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname === '/auth') asked.push(url);
      if (url.pathname === '/v1/stream') streams.push(request.headers().authorization ?? '');
    });
    await page.goto(`${board.url}#/?view=week`);
    await page.getByRole('button', { name: /^Sign in with 127\.0\.0\.1:\d+$/ }).click();
    await page.locator('input[name="login"]').fill('ada');
    await page.locator('input[name="password"]').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('up to date').waitFor();
    expect(await page.locator('#reader').textContent()).toContain('oidc:ada');
    // The answer is gone from the address, and the view is the one that was left.
    expect(page.url()).toBe(`${board.url}#/?view=week`);
    const [first] = asked;
    expect(Object.fromEntries(first?.searchParams ?? [])).toMatchObject({
      ...{ response_type: 'code', client_id: clientId, redirect_uri: board.url, code_challenge_method: 'S256' },
      ui_locales: 'en',
    });
    expect(grants[0]).toMatchObject({ grant_type: 'authorization_code', code_verifier: expect.any(String) });
    // The stream of the first token ends with it; the next has another one.
    await until(() => new Set(streams).size >= 2);
    await page.getByText('● up to date').waitFor();
    expect(grants.some(({ grant_type: type }) => type === 'refresh_token')).toBe(true);
    expect(await page.locator('#reader').textContent()).toContain('oidc:ada');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}');
  });

  it('an answer that this tab did not ask for signs nobody in', async () => {
    const page = await openPage(browser);
    const tokens = grants.length;
    await page.goto(`${board.url}?code=of-somebody-else&state=guessed`);
    await page.getByText('the answer of the identity provider is not for this tab').waitFor();
    expect(page.url()).toBe(board.url);
    expect(grants.length).toBe(tokens);
  });
});
