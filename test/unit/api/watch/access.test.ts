import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ViewerAccess } from '../../../../api/watch/access.ts';
import { readWatch, watchSecretVariable } from '../../../../api/watch/config.ts';
import { noFiles } from '../../../support/accounts.ts';

const secret = randomBytes(32);
const access = new ViewerAccess([secret]);
const key = fc.stringMatching(/^([A-Za-z0-9._-]{1,20}\/)?[A-Za-z0-9][A-Za-z0-9._:-]{0,70}$/);

describe('the id of an event in the addresses of viewers', () => {
  it('is its own where it has no tenant, and otherwise one that leads back to it and shows nothing of it', () => {
    fc.assert(
      fc.property(key, (name) => {
        const id = access.idOf({ key: name, tenant: 'acme' }) ?? '';
        expect(id).toMatch(/^~[\w-]{22,160}$/);
        expect(access.idOf({ key: name, tenant: 'acme' })).toBe(id);
        expect(access.keyOf(id)).toEqual({ key: name, isSealed: true });
        if (!name.includes('/')) expect(access.idOf({ key: name })).toBe(name);
      }),
    );
    expect(access.idOf({ key: 'acme/final' })).not.toContain('final');
  });

  it('is not one when a bit of it is another', () => {
    fc.assert(
      fc.property(key, fc.nat(), fc.integer({ min: 0, max: 7 }), (name, at, bit) => {
        const bytes = Buffer.from((access.idOf({ key: name, tenant: 'acme' }) ?? '').slice(1), 'base64url');
        const i = at % bytes.length;
        bytes[i] = (bytes[i] ?? 0) ^ (1 << bit);
        expect(access.keyOf(`~${bytes.toString('base64url')}`)).toBeUndefined();
      }),
    );
    for (const id of ['~', '~AAAA', `~${'A'.repeat(60)}`]) expect(access.keyOf(id)).toBeUndefined();
    expect(new ViewerAccess([randomBytes(32)]).keyOf(access.idOf({ key: 'a/b' }) ?? '')).toBeUndefined();
  });

  it('does not exist for a tenant without a secret', () => {
    expect(new ViewerAccess([]).idOf({ key: 'final', tenant: 'acme' })).toBeUndefined();
    expect(new ViewerAccess([]).idOf({ key: 'final' })).toBe('final');
  });
});

describe('a viewer token', () => {
  const until = 2_000_000_000_000;
  const token = access.tokenFor('final', until);

  it('lets in to its event until its end, and after the secret was replaced', () => {
    expect(access.admits('final', token, until - 1)).toBe(true);
    expect(access.admits('final', token, until)).toBe(false);
    expect(access.admits('finals', token, until - 1)).toBe(false);
    const later = new ViewerAccess([randomBytes(32), secret]);
    expect(later.admits('final', token, until - 1)).toBe(true);
    expect(new ViewerAccess([randomBytes(32)]).admits('final', token, until - 1)).toBe(false);
  });

  it('cannot be made longer or altered', () => {
    const [seconds = '', signature = ''] = token.split('-', 1).concat(token.slice(token.indexOf('-') + 1));
    const forged = [
      undefined,
      '',
      'x',
      `${seconds}-`,
      `z${seconds}-${signature}`,
      `${seconds}-${signature}A`,
      `-${signature}`,
    ];
    for (const one of forged) expect(access.admits('final', one, 0), one).toBe(false);
    for (let i = 0; i < signature.length - 1; i += 1) {
      const other = signature[i] === 'A' ? 'B' : 'A';
      expect(access.admits('final', `${seconds}-${signature.slice(0, i)}${other}${signature.slice(i + 1)}`, 0)).toBe(
        false,
      );
    }
  });
});

describe('SHOWCALLER_WATCH_SECRET', () => {
  const read = (mode: 'off' | 'token' | 'public', text?: string) =>
    readWatch(mode, { env: { [watchSecretVariable]: text }, readFile: noFiles });

  it('holds secrets, the newest first; without one there are no tokens', () => {
    const [a, b] = [randomBytes(32), randomBytes(40)];
    const given = read('token', `${a.toString('base64')},${b.toString('base64')}`);
    expect(given).toEqual({ ok: true, value: { mode: 'token', secrets: [a, b] } });
    expect(read('public')).toEqual({ ok: true, value: { mode: 'public', secrets: [] } });
    expect(read('token')).toMatchObject({ ok: false, problems: [{ path: watchSecretVariable }] });
  });

  it.each(['short', randomBytes(31).toString('base64'), 'correct horse battery staple'])('refuses %s', (text) => {
    const refused = read('public', text);
    expect(refused).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('openssl rand') }] });
    expect(JSON.stringify(refused)).not.toContain(text);
  });
});
