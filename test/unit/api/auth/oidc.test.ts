import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Auth, createAuth } from '../../../../api/auth/auth.ts';
import { checkPermission } from '../../../../api/auth/authorize.ts';
import { oidcRecogniser } from '../../../../api/auth/oidc.ts';
import type { Permission } from '../../../../api/auth/permissions.ts';
import { HttpProblem } from '../../../../api/http/problem.ts';
import { driverContext } from '../../../support/accounts.ts';

const audience = 'showcaller';
const keys = await generateKeyPair('RS256');
const foreign = await generateKeyPair('RS256');
let server: Server;
let issuer: string;
let keysCanBeHad = true;
/** Until then the issuer does not answer. */
let hanging: Promise<void> | undefined;
let requests = 0;
/** What the issuer publishes. */
let published: object[] = [];

beforeAll(async () => {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  published = [jwk];
  server = createServer(async (request, response) => {
    requests += 1;
    await hanging;
    response.setHeader('content-type', 'application/json');
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    if (!keysCanBeHad && !isDiscovery) response.statusCode = 500;
    response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
// The network is real, the clocks are not.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() }));
afterEach(() => void vi.useRealTimers());

const token = (claims: JWTPayload = {}, key = keys.privateKey, header = {}) =>
  new SignJWT({ roles: ['operator'], ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
    .setIssuer(claims.iss ?? issuer)
    .setAudience(claims.aud ?? audience)
    .setSubject(claims.sub ?? 'ada')
    .setExpirationTime(claims.exp ?? '5m')
    .sign(key);

function asked(jwt: string, permission: Permission = 'operator', options = {}) {
  return askedOf(createAuth(oidcRecogniser({ issuer, audience, ...options }, driverContext.http)), jwt, permission);
}
async function askedOf(auth: Auth, jwt: string, permission: Permission = 'operator') {
  const principal = await auth.identify({ headers: { authorization: `Bearer ${jwt}` } }, permission);
  checkPermission(principal, permission);
  return principal;
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
    ['signed with another key', () => token({}, foreign.privateKey)],
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

  it.each([
    ['an object', { name: 'ada' }],
    ['a list', ['ada']],
    ['null', null],
    ['empty', ''],
    ['a number', 7],
    ['a text with a line break', 'ada\n"level":"error"'],
    ['a text that clears the screen', 'ada\u001b[2J'],
    ['half a character', 'ada\ud800'],
    ['endless', 'a'.repeat(201)],
  ])('is refused when its subject is %s', async (_what, sub) => {
    const jwt = await new SignJWT({ roles: ['operator'], sub } as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime('5m')
      .sign(keys.privateKey);
    expect(await refusal(jwt)).toBe(401);
  });

  it.each([
    ['logout+jwt', 401],
    ['secevent+jwt', 401],
    ['JWE', 401],
    ['at+jwt', undefined],
    ['application/at+jwt', undefined],
    ['JWT', undefined],
  ])('of the type %s is answered %s', async (typ, status) => {
    expect(await refusal(await token({}, keys.privateKey, { typ }))).toBe(status);
  });

  it.each(['a"b', 'a\\b', 'a\nb', 'x'.repeat(101), '', 7])('names no tenant by %j', async (org) => {
    expect(await refusal(await token({ org }), 'operator', { tenantClaim: 'org' })).toBe(401);
  });

  it('that cannot be checked is our trouble, and is checked when the issuer is back', async () => {
    const recogniser = oidcRecogniser({ issuer, audience }, driverContext.http);
    const recognise = (one: string) => recogniser(one, '192.0.2.1');
    const jwt = await token();
    keysCanBeHad = false;
    await expect(recognise(jwt)).rejects.toMatchObject({ facts: { status: 503 } });
    keysCanBeHad = true;
    await expect(recognise(jwt)).rejects.toMatchObject({ facts: { status: 503 } });
    vi.advanceTimersByTime(5_000);
    expect(await recognise(jwt)).toMatchObject({ name: 'oidc:ada' });
    const nobody = oidcRecogniser({ issuer: 'http://127.0.0.1:9', audience }, driverContext.http);
    await expect(nobody(await token({ iss: 'http://127.0.0.1:9' }), '192.0.2.1')).rejects.toMatchObject({
      facts: { status: 503 },
    });
  });
});

describe('an issuer', () => {
  const isGood = (auth: Auth, jwt: string) =>
    askedOf(auth, jwt).then(
      () => 200,
      (error: HttpProblem) => error.facts.status,
    );

  it('is asked nothing for what is no token of its own, however often it comes', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const unsigned = new UnsecuredJWT({}).setIssuer(issuer).encode();
    const others = await token({ iss: 'https://elsewhere.example' });
    requests = 0;
    for (let n = 0; n < 100; n += 1)
      for (const text of [`a.${n}.c`, unsigned, others, `${unsigned}x`]) expect(await isGood(auth, text)).toBe(401);
    expect(requests).toBe(0);
  });

  it('is asked once in a while for keys that it does not have, and when it does not answer', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const forged = await Promise.all(
      Array.from({ length: 50 }, (_, n) => token({}, foreign.privateKey, { kid: `forged-${n}` })),
    );
    requests = 0;
    for (const jwt of forged) expect(await isGood(auth, jwt)).toBe(503);
    expect(requests).toBe(2);
    const away = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    keysCanBeHad = false;
    requests = 0;
    for (const jwt of forged) expect(await isGood(away, jwt)).toBe(503);
    keysCanBeHad = true;
    expect(requests).toBe(2);
  });

  it('that is away does not keep those out whose key is known', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const jwt = await token();
    expect(await isGood(auth, jwt)).toBe(200);
    keysCanBeHad = false;
    vi.advanceTimersByTime(6_000);
    expect(await isGood(auth, await token({}, foreign.privateKey, { kid: 'forged' }))).toBe(503);
    expect(await isGood(auth, jwt)).toBe(200);
    keysCanBeHad = true;
  });

  it('may change its keys: a token of a new one is never refused for good, and soon known', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const next = await generateKeyPair('RS256');
    const rotated = await token({}, next.privateKey, { kid: 'k2' });
    expect(await isGood(auth, await token())).toBe(200);
    expect(await isGood(auth, rotated)).toBe(503);
    const before = published;
    published = [...before, { ...(await exportJWK(next.publicKey)), kid: 'k2', alg: 'RS256', use: 'sig' }];
    vi.advanceTimersByTime(5_001);
    expect(await isGood(auth, rotated)).toBe(200);
    published = before;
  });

  it('that never publishes a key has not signed with it', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const forged = await token({}, foreign.privateKey, { kid: 'never' });
    expect(await isGood(auth, forged)).toBe(503);
    vi.advanceTimersByTime(60_001);
    expect(await isGood(auth, forged)).toBe(401);
  });

  it('that is away, or refuses us: for an hour tokens with a known key are admitted', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const good = () => token({ exp: Math.floor(Date.now() / 1_000) + 60 });
    expect(await isGood(auth, await good())).toBe(200);
    keysCanBeHad = false;
    for (let minutes = 0; minutes < 59; minutes += 1) {
      vi.advanceTimersByTime(60_000);
      expect(await isGood(auth, await good())).toBe(200);
    }
    vi.advanceTimersByTime(60_000);
    expect(await isGood(auth, await good())).toBe(503);
    keysCanBeHad = true;
    vi.advanceTimersByTime(5_001);
    expect(await isGood(auth, await good())).toBe(200);
  });

  it('is seldom called for forged keys, and good tokens are let in meanwhile', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const good = () => token({ exp: Math.floor(Date.now() / 1_000) + 60 });
    expect(await isGood(auth, await good())).toBe(200);
    requests = 0;
    // It answers five calls, and then refuses us, as issuers do.
    let forged = 0;
    for (let seconds = 0; seconds < 1_200; seconds += 6) {
      vi.advanceTimersByTime(6_000);
      keysCanBeHad = requests < 5;
      const flood = Array.from({ length: 3 }, () => {
        forged += 1;
        return token({}, foreign.privateKey, { kid: `forged-${forged}` });
      });
      const statuses = await Promise.all(flood.map(async (jwt) => isGood(auth, await jwt)));
      expect(statuses.filter((status) => status === 200)).toEqual([]);
      expect(await isGood(auth, await good())).toBe(200);
    }
    keysCanBeHad = true;
    // Five looks at once and one a minute, and one a minute once the keys are old; each is two requests after a failure.
    expect(requests).toBeLessThan(2 * (5 + 20 + 10));
  });

  it('has forged tokens of one address checked in turn, and they keep out no good one', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const forged = await token({}, foreign.privateKey);
    await isGood(auth, await token());
    const flood = Promise.all(Array.from({ length: 490 }, () => isGood(auth, forged)));
    expect(await isGood(auth, await token())).toBe(200);
    expect(new Set(await flood)).toEqual(new Set([401]));
  });

  it('that hangs does not make those wait whose key is known', async () => {
    const auth = createAuth(oidcRecogniser({ issuer, audience }, driverContext.http));
    const jwt = await token({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
    expect(await isGood(auth, jwt)).toBe(200);
    let release = () => {};
    hanging = new Promise((resolve) => {
      release = resolve;
    });
    vi.advanceTimersByTime(11 * 60_000);
    const waiting = isGood(auth, await token({}, foreign.privateKey, { kid: 'forged' }));
    expect(await isGood(auth, jwt)).toBe(200);
    expect(await isGood(auth, jwt)).toBe(200);
    release();
    hanging = undefined;
    expect(await waiting).toBe(503);
  });
});
