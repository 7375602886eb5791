import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Auth, createAuth, type PresentedCredentials } from '../../../../api/auth/auth.ts';
import { checkPermission } from '../../../../api/auth/authorize.ts';
import { may, type Permission, permissions } from '../../../../api/auth/permissions.ts';
import { apiTokens, newToken, tokenRecogniser, tokensVariable } from '../../../../api/auth/tokens.ts';
import { HttpProblem } from '../../../../api/http/problem.ts';
import { readTokenFile, readTokenList, reloadedTokens } from '../../../../temporal/token-file.ts';
import { scratchDir } from '../../../support/scratch.ts';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
async function authorized(auth: Auth, request: PresentedCredentials, permission: Permission) {
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
  it('may be long, and says of each entry which one it repeats', () => {
    const sha256 = (n: number) => n.toString(16).padStart(64, '0');
    const list = Array.from({ length: 50_000 }, (_, n) => ({ name: `t${n}`, sha256: sha256(n), roles: ['viewer'] }));
    const last = [
      { name: 't7', sha256: sha256(50_001), roles: ['viewer'] },
      { name: 'other', sha256: sha256(9), roles: ['viewer'] },
    ];
    const { value, problems } = readTokenList(JSON.stringify([...list, ...last]), apiTokens);
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      `${tokensVariable}[50000].name is that of [7] too`,
      `${tokensVariable}[50001].sha256 is that of [9] too`,
    ]);
    // Which holds is not known where two entries have one hash.
    expect(value?.length).toBe(50_000);
    expect(value?.some((one) => one.sha256 === sha256(9))).toBe(false);
  });

  const read = (list: unknown) => readTokenFile('tokens', apiTokens, () => JSON.stringify(list));
  const pathsOf = (list: unknown) => {
    const checked = read(list);
    return checked.ok ? [] : checked.problems.map(({ path }) => path.replace(tokensVariable, ''));
  };
  const [one, two] = [newToken({ name: 'one', roles: ['viewer'] }), newToken({ name: 'two', roles: ['viewer'] })];

  it('holds what new tokens are made of', () => {
    const { entry } = newToken({ name: 'grid', roles: ['hook', 'viewer'], tenant: 'acme' });
    expect(read([entry])).toEqual({ ok: true, value: [entry] });
    expect(read([])).toEqual({ ok: true, value: [] });
  });

  it('is refused at the start with everything that is wrong with it, and without a token in the message', () => {
    const { entry } = one;
    const bad = [{ ...entry, roles: [] }, { ...entry, name: 'a b', sha256: 'sc_secret' }, { token: 'sc_secret' }];
    expect(pathsOf(bad)).toEqual(expect.arrayContaining(['[0].roles', '[1].name', '[1].sha256', '[2].token']));
    expect(pathsOf([entry, entry])).toEqual(['[1].name', '[1].sha256']);
    expect(JSON.stringify(read(bad))).not.toContain('"sc_secret"');
  });

  it.each(['', '{}', 'null', '"x"'])('is refused when it is %s', (text) => {
    expect(readTokenFile('tokens', apiTokens, () => text).ok).toBe(false);
  });

  describe('of a process that runs', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
    afterEach(() => void vi.useRealTimers());

    /** Who gets in after the file was written so, and so much time. */
    async function afterwards(text: string | undefined, ms = 2_000) {
      const file = join(await scratchDir(), 'tokens.json');
      await writeFile(file, JSON.stringify([one.entry, two.entry]));
      const log: string[] = [];
      const tokens = reloadedTokens({ file, entries: [one.entry, two.entry] }, apiTokens, (line) => log.push(line));
      const auth = createAuth(tokenRecogniser(() => tokens.current()));
      const statuses = () =>
        Promise.all([one, two].map(({ token }) => status(authorized(auth, bearer(token), 'viewer'))));
      vi.advanceTimersByTime(2_000);
      expect(await statuses()).toEqual([200, 200]);
      await (text === undefined ? rm(file) : writeFile(file, text));
      vi.advanceTimersByTime(2_000);
      const soon = await statuses();
      vi.advanceTimersByTime(ms);
      return { soon, later: await statuses(), log: log.join('\n'), tokens };
    }

    it('admits no token when it is an empty list', async () => {
      const { soon, tokens } = await afterwards('[]');
      expect(soon).toEqual([401, 401]);
      expect(tokens.isWhole).toBe(true);
    });

    it.each([
      ['an entry that is wrong', [two.entry, { name: 'three' }]],
      [
        'a withdrawn token twice, with other roles',
        [two.entry, one.entry, { ...one.entry, name: 'x', roles: ['admin'] }],
      ],
      ['an entry that is no object', [two.entry, 7]],
    ])('lets in the others alone beside %s', async (_what, list) => {
      const { soon, later, log, tokens } = await afterwards(JSON.stringify(list), 120_000);
      expect([soon, later]).toEqual([
        [401, 200],
        [401, 200],
      ]);
      expect(tokens.isWhole).toBe(false);
      expect(log).toMatch(/\[[12]\].*; everything else in it counts$/);
    });

    it.each([
      ['gone', undefined],
      ['empty', ''],
      ['no JSON', '[{'],
      ['no list', '{}'],
    ])('admits no token once it has been %s for a minute', async (_how, text) => {
      const { soon, later, log, tokens } = await afterwards(text, 60_000);
      expect([soon, later]).toEqual([
        [200, 200],
        [401, 401],
      ]);
      expect(tokens.isLost).toBe(true);
      expect(log).toContain('counts for 60 s more');
    });
  });
});
