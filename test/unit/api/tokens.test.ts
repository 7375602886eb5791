import { describe, expect, it } from 'vitest';
import { type Auth, type Credentials, createAuth } from '../../../api/auth/auth.ts';
import { checkPermission } from '../../../api/auth/authorize.ts';
import { may, type Permission, permissions } from '../../../api/auth/permissions.ts';
import { newToken, parseTokens, tokenRecogniser } from '../../../api/auth/tokens.ts';
import { HttpProblem } from '../../../api/http/problem.ts';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
async function authorized(auth: Auth, request: Credentials, permission: Permission) {
  const principal = await auth.identify(request, permission);
  checkPermission(principal, permission);
  return principal;
}
const status = (asked: Promise<unknown>) =>
  asked.then(
    () => 200,
    (error: unknown) => (error instanceof HttpProblem ? error.facts.status : String(error)),
  );

describe('a token', () => {
  it('is known by its hash, among others, by its name', async () => {
    const made = ['one', 'two', 'three'].map((name) => newToken({ name, roles: ['viewer'] }));
    const auth = createAuth(tokenRecogniser(() => made.map(({ entry }) => entry)));
    for (const { token, entry } of made) {
      expect(await authorized(auth, bearer(token), 'viewer')).toMatchObject({ name: entry.name });
      expect(JSON.stringify(entry)).not.toContain(token.slice(3));
    }
    expect(await status(authorized(auth, bearer(newToken({ name: 'one', roles: ['viewer'] }).token), 'viewer'))).toBe(
      401,
    );
  });

  it('is not known after it has expired, or when its entry is gone', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const { token, entry } = newToken({ name: 'guest', roles: ['viewer'], expiresAt: '2030-01-01T01:00:00+00:00' });
    let entries = [entry];
    const auth = createAuth(
      tokenRecogniser(
        () => entries,
        () => now,
      ),
    );
    expect(await status(authorized(auth, bearer(token), 'viewer'))).toBe(200);
    now += 3_600_000;
    expect(await status(authorized(auth, bearer(token), 'viewer'))).toBe(401);
    now -= 3_600_000;
    entries = [];
    expect(await status(authorized(auth, bearer(token), 'viewer'))).toBe(401);
  });

  it.each([undefined, '', 'Bearer', 'Bearer a b', 'Basic dTpw', `Bearer ${'x'.repeat(9_000)}`])(
    'is not %s',
    async (authorization) => {
      const auth = createAuth(async () => ({ name: 'anybody', permissions }));
      expect(await status(authorized(auth, { headers: { authorization } }, 'viewer'))).toBe(401);
    },
  );
});

describe('a role', () => {
  it.each<[Permission, Permission[]]>([
    ['viewer', ['viewer']],
    ['operator', ['viewer', 'operator']],
    ['admin', ['viewer', 'operator', 'admin']],
    ['ingest', ['ingest']],
    ['hook', ['hook']],
  ])('%s may do what %j may', (held, all) => {
    const principal = { name: 'x', permissions: [held] };
    expect(permissions.filter((wanted) => may(principal, wanted))).toEqual(all);
  });
});

describe('the token file', () => {
  it('holds what new tokens are made of', () => {
    const { entry } = newToken({ name: 'grid', roles: ['hook', 'viewer'], tenant: 'acme' });
    expect(parseTokens(JSON.stringify([entry]))).toEqual({ ok: true, value: [entry] });
  });

  it('is refused with everything that is wrong with it, and without a token in the message', () => {
    const { entry } = newToken({ name: 'one', roles: ['viewer'] });
    const refused = parseTokens(
      JSON.stringify([{ ...entry, roles: [] }, { ...entry, name: 'a b', sha256: 'sc_secret' }, { token: 'sc_secret' }]),
    );
    const paths = refused.ok ? [] : refused.problems.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['tokens[0].roles', 'tokens[1].name', 'tokens[1].sha256', 'tokens[2].token']),
    );
    const twice = parseTokens(JSON.stringify([entry, entry]));
    expect(twice.ok ? [] : twice.problems.map(({ path }) => path)).toEqual(['tokens[1].name', 'tokens[1].sha256']);
    expect(JSON.stringify(refused)).not.toContain('"sc_secret"');
  });

  it.each(['', '{}', '[]', 'null'])('is refused when it is %s', (text) => {
    expect(parseTokens(text).ok).toBe(false);
  });
});
