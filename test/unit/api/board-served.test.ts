import { readdirSync } from 'node:fs';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { apiSettings } from '../../../api/config.ts';
import { type BoardOptions, boardFiles, boardRoutes } from '../../../api/routes/board.ts';
import { orThrow } from '../../../domain/configuration/checked.ts';
import { readSettings } from '../../../domain/configuration/settings.ts';
import { noFiles } from '../../support/accounts.ts';

async function served(mediaOrigins: string[] = [], signIn?: BoardOptions['signIn']) {
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(boardRoutes({ mediaOrigins, signIn }));
  return app;
}

describe('what the board is made of', () => {
  it('is listed whole, so that it is in the package', () => {
    const folder = new URL('../../../api/board/', import.meta.url);
    const there = readdirSync(folder).filter((name) => name !== 'tsconfig.json');
    expect(there.sort()).toEqual([...boardFiles].sort());
  });

  it('is served with its type, and not sent again while it is the same', async () => {
    const app = await served();
    const first = await app.inject('/board/main.js');
    expect(first.headers['content-type']).toBe('text/javascript; charset=utf-8');
    const etag = String(first.headers.etag);
    const again = await app.inject({ url: '/board/main.js', headers: { 'if-none-match': etag } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await app.inject('/board/hls.js')).body).toContain('MediaSource');
    expect((await app.inject('/board/tsconfig.json')).statusCode).toBe(404);
    expect((await app.inject('/board/..%2Fserver.ts')).statusCode).toBe(404);
  });

  it('may load nothing from elsewhere but recordings from where it was allowed', async () => {
    const policy = async (...origins: string[]) =>
      String((await (await served(origins)).inject('/')).headers['content-security-policy']).split('; ');
    const strict = await policy();
    expect(strict).toContain("default-src 'none'");
    expect(strict).toContain("script-src 'self'");
    expect(strict).toContain("connect-src 'self'");
    expect(await policy('https://vod.example.com')).toContain("connect-src 'self' https://vod.example.com");
  });

  it('is served while the identity provider is silent; only the page asks it', async () => {
    let asked = 0;
    const app = await served([], () => {
      asked += 1;
      return Promise.reject(new Error('nothing answers'));
    });
    for (const name of boardFiles.filter((file) => file !== 'index.html')) {
      expect((await app.inject(`/board/${name}`)).statusCode, name).toBe(200);
    }
    expect(asked).toBe(0);
    expect((await app.inject('/')).statusCode).toBe(200);
    expect(asked).toBe(1);
  });

  it('holds no script and no style in its page', async () => {
    const { body } = await (await served()).inject('/');
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|https?:/);
  });
});

describe('SHOWCALLER_BOARD_MEDIA_ORIGINS', () => {
  const of = (SHOWCALLER_BOARD_MEDIA_ORIGINS?: string) =>
    orThrow(
      readSettings(apiSettings, {
        env: { SHOWCALLER_BOARD_MEDIA_ORIGINS },
        readFile: noFiles,
        flags: { auth: false },
      }),
    ).mediaOrigins;

  it('names origins, with a space or a comma between', () => {
    expect(of('https://a.example.com, https://*.example.net:8443 http://127.0.0.1:*')).toEqual([
      'https://a.example.com',
      'https://*.example.net:8443',
      'http://127.0.0.1:*',
    ]);
    expect(of()).toEqual([]);
  });

  it.each(['*', 'https:', 'a.example.com', 'https://a/x', "'unsafe-inline'", 'https://a;script-src', 'data:'])(
    'does not take %s',
    (text) => {
      expect(() => of(text)).toThrow('SHOWCALLER_BOARD_MEDIA_ORIGINS');
    },
  );
});
