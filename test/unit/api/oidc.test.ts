import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuth } from '../../../api/auth/auth.ts';
import { oidcRecogniser } from '../../../api/auth/oidc.ts';
import type { Permission } from '../../../api/auth/permissions.ts';
import { HttpProblem } from '../../../api/http/problem.ts';

const audience = 'showcaller';
const keys = await generateKeyPair('RS256');
const strangers = await generateKeyPair('RS256');
let server: Server;
let issuer: string;
let keysCanBeHad = true;

beforeAll(async () => {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    if (!keysCanBeHad && !isDiscovery) response.statusCode = 500;
    response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const token = (claims: JWTPayload = {}, key = keys.privateKey) =>
  new SignJWT({ roles: ['operator'], ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(claims.iss ?? issuer)
    .setAudience(claims.aud ?? audience)
    .setSubject(claims.sub ?? 'ada')
    .setExpirationTime(claims.exp ?? '5m')
    .sign(key);

function asked(jwt: string, permission: Permission = 'operator', options = {}) {
  const auth = createAuth(oidcRecogniser({ issuer, audience, ...options }));
  return auth.authorize({ headers: { authorization: `Bearer ${jwt}` } }, permission);
}
const refusal = async (jwt: string, permission?: Permission, options = {}): Promise<number | undefined> => {
  try {
    await asked(jwt, permission, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    expect(error.message).not.toContain(jwt.slice(0, 30));
    return error.facts.status;
  }
};

describe('a JWT', () => {
  it('is known by its subject, and may do what its roles may', async () => {
    expect(await asked(await token())).toEqual({ name: 'oidc:ada', permissions: ['operator'] });
    expect(await refusal(await token(), 'admin')).toBe(403);
    expect(await refusal(await token({ roles: ['emperor'] }), 'viewer')).toBe(403);
  });

  it('may name its roles in another claim, and its tenant', async () => {
    const nested = await token({ realm_access: { roles: ['admin'] } });
    expect(await asked(nested, 'admin', { roleClaim: 'realm_access.roles' })).toMatchObject({ permissions: ['admin'] });
    const scoped = await token({ scope: 'openid viewer', org: 'acme' });
    const options = { roleClaim: 'scope', tenantClaim: 'org' };
    expect(await asked(scoped, 'viewer', options)).toMatchObject({ permissions: ['viewer'], tenant: 'acme' });
    expect(await refusal(await token({ scope: 'viewer' }), 'viewer', options)).toBe(401);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['expired', () => token({ exp: Math.floor(Date.now() / 1000) - 60 })],
    ['for another audience', () => token({ aud: 'somebody-else' })],
    ['from another issuer', () => token({ iss: 'https://elsewhere.example' })],
    ['signed with another key', () => token({}, strangers.privateKey)],
    [
      'not signed',
      () => new UnsecuredJWT({ roles: ['admin'] }).setIssuer(issuer).setAudience(audience).setSubject('x').encode(),
    ],
    [
      'signed with the public key as a secret',
      async () =>
        new SignJWT({ roles: ['admin'] })
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject('x')
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)))),
    ],
    [
      'without an end',
      () =>
        new SignJWT({ roles: ['admin'] })
          .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject('x')
          .sign(keys.privateKey),
    ],
    ['garbage', () => 'a.b.c'],
    ['no JWT at all', () => 'sc_something'],
  ])('is refused when it is %s', async (_what, made) => {
    expect(await refusal(await made())).toBe(401);
  });

  it('that cannot be checked is our trouble, and is checked when the issuer is back', async () => {
    const recognise = oidcRecogniser({ issuer, audience });
    const jwt = await token();
    keysCanBeHad = false;
    await expect(recognise(jwt)).rejects.toMatchObject({ facts: { status: 503 } });
    keysCanBeHad = true;
    expect(await recognise(jwt)).toMatchObject({ name: 'oidc:ada' });
    const nobody = oidcRecogniser({ issuer: 'http://127.0.0.1:9', audience });
    await expect(nobody(jwt)).rejects.toMatchObject({ facts: { status: 503 } });
  });
});
