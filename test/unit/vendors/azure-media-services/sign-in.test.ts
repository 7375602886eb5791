import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDriver } from '../../../../vendors/azure-media-services/driver.ts';
import type { VendorDriver } from '../../../../vendors/driver.ts';
import { createHttp } from '../../../../vendors/http.ts';
import { directNetwork } from '../../../../vendors/network.ts';
import { openHarness, refOf, vendor } from '../../../support/azure-media-services-harness.ts';
import { privateAuthority } from '../../../support/certificates.ts';
import { tcpFront } from '../../../support/tcp-front.ts';

const hour = 3_600_000;
const tenant = '11111111-2222-3333-4444-555555555555';

afterEach(() => void vi.useRealTimers());

/**
 * A tenant of Entra that signs a service principal in for an hour, by client credentials.
 * https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
async function entra(accessToken: string) {
  const forms: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const base = `https://${request.headers.host}/${tenant}`;
    if (request.url?.startsWith(`/${tenant}/v2.0/.well-known/openid-configuration`)) {
      return answer(200, {
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      });
    }
    if (!request.url?.startsWith(`/${tenant}/oauth2/v2.0/token`)) return answer(404, { error: 'not_found' });
    const form = new URLSearchParams(await textOf(request));
    forms.push(form);
    if (form.get('client_secret') !== 'hush') return answer(401, { error: 'invalid_client' });
    return answer(200, { token_type: 'Bearer', expires_in: 3_600, access_token: accessToken });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const authority = await privateAuthority();
  const certificate = await authority.serverFor('127.0.0.1');
  const front = await tcpFront((server.address() as AddressInfo).port, { certificate });
  onTestFinished(async () => {
    await front.close();
    server.closeAllConnections();
    server.close();
  });
  return { authorityHost: `https://127.0.0.1:${front.port}`, ca: authority.ca, forms };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

async function signedInBy(clientSecret = 'hush') {
  const w = await openHarness();
  const { authorityHost, ca, forms } = await entra(w.simulator.client.token ?? '');
  const http = createHttp({ ...directNetwork, ca: [ca] });
  onTestFinished(() => http.close());
  const principal = { authMode: 'entra', tenantId: tenant, clientId: 'client', clientSecret, authorityHost };
  const settings = { ...w.simulator.client, timeoutMs: '20000', ...principal, token: '' };
  const driver: VendorDriver = createDriver({ name: 'default', settings }, { hooks: {}, http });
  return { ...w, driver, forms };
}

describe('a service principal', () => {
  it('signs in once, by its secret, for the scope of the resource manager', async () => {
    const { driver, forms } = await signedInBy();
    await driver.cleanUp(refOf('x'));
    await driver.cleanUp(refOf('x'));
    expect(forms.map((form) => Object.fromEntries(form))).toEqual([
      expect.objectContaining({
        client_id: 'client',
        grant_type: 'client_credentials',
        scope: expect.stringContaining('https://management.azure.com/.default'),
      }),
    ]);
  });

  it('whose secret is wrong is unauthorized, and no message has it', async () => {
    const { driver } = await signedInBy('wrong-secret');
    const error = await driver.cleanUp(refOf('x')).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ kind: 'unauthorized' });
    expect(String(error)).not.toContain('wrong-secret');
  });

  it('whose token was revoked signs in again, and the call is sent once more by itself', async () => {
    const { driver, forms, kit } = await signedInBy();
    await driver.cleanUp(refOf('x'));
    kit.faults.add(vendor, { operation: '*', kind: 'unauthorized' });
    await driver.cleanUp(refOf('x'));
    expect(forms.length).toBe(2);
  });

  it('that may not do it is refused after one more sign-in at most', async () => {
    const { driver, forms, kit } = await signedInBy();
    kit.faults.add(vendor, { operation: '*', kind: 'unauthorized', times: 3 });
    await expect(driver.cleanUp(refOf('x'))).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(forms.length).toBe(1);
    await expect(driver.cleanUp(refOf('x'))).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(forms.length).toBe(2);
  });

  it.each([-20 / 60, 1])('on a machine whose clock is set by %d h signs in no more often', async (hours) => {
    const { driver, forms } = await signedInBy();
    vi.useFakeTimers({ now: Date.now() + hours * hour, toFake: ['Date'] });
    await driver.cleanUp(refOf('x'));
    vi.useRealTimers();
    await driver.cleanUp(refOf('x'));
    expect(forms.length).toBe(1);
  });
});
