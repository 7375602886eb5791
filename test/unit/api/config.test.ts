import { describe, expect, it } from 'vitest';
import { readApiConfig } from '../../../api/config.ts';
import { noFiles } from '../../support/accounts.ts';

const tokens = { SHOWCALLER_API_TOKENS_FILE: 'tokens.json' };
const entry = { name: 'ada', sha256: 'a'.repeat(64), roles: ['viewer'] };

function configOf(env: Record<string, string>, flags: object = {}, files: Record<string, string> = {}) {
  return readApiConfig({ env, flags: { ...flags }, readFile: (path) => files[path] ?? noFiles(path) });
}

function problemsOf(...given: Parameters<typeof configOf>) {
  const read = configOf(...given);
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('the configuration of the API', () => {
  it('has its defaults from its schema', () => {
    const read = configOf(tokens, {}, { 'tokens.json': JSON.stringify([entry]) });
    expect(read).toMatchObject({
      value: {
        host: '127.0.0.1',
        port: 8080,
        taskQueue: 'showcaller',
        logLevel: 'info',
        mediaOrigins: [],
        auth: { open: false, tokens: { file: 'tokens.json', entries: [entry] } },
      },
    });
  });

  it('reports everything that is wrong with it at once, whichever part it belongs to', () => {
    const problems = problemsOf(
      {
        ...tokens,
        SHOWCALLER_OIDC_ISSUER: 'http://id.example',
        SHOWCALLER_BOARD_MEDIA_ORIGINS: 'example.com',
        SHOWCALLER_WATCH: 'everyone',
        SHOWCALLER_CODEC_KEYS: 'no colon',
        AWS_IVS_COLOUR: 'red',
      },
      { port: '99999', logLevel: 'loud' },
    );
    const expected = [
      '--port: must be at most 65535',
      '--log-level: must be "debug" or "info" or "warn" or "error"',
      'SHOWCALLER_OIDC_ISSUER: must be an https address',
      'SHOWCALLER_BOARD_MEDIA_ORIGINS[0]: is no origin',
      'SHOWCALLER_WATCH: must be "off" or "token" or "public"',
      'SHOWCALLER_CODEC_KEYS: key 1 is not written',
      'AWS_IVS_COLOUR: is not a setting of aws-ivs',
    ];
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  it('reports all that is wrong with a token file, and no token that stands where its hash belongs', () => {
    const files = { 'tokens.json': '[{"name":"a b"},{"name":"x","sha256":"sc_secret","roles":["king"]}]' };
    const read = configOf(tokens, {}, files);
    const paths = ['[0].name', '[0].sha256', '[0].roles', '[1].sha256', '[1].roles[0]'];
    expect(read.ok ? [] : read.problems.map(({ path }) => path)).toEqual(
      paths.map((path) => `SHOWCALLER_API_TOKENS_FILE${path}`),
    );
    expect(JSON.stringify(read)).not.toContain('sc_secret');
  });

  it.each<[string, Record<string, string>, object, string]>([
    ['no tokens are configured', {}, {}, 'no tokens are configured'],
    ['it would be open from elsewhere', {}, { auth: false, host: '0.0.0.0' }, '--no-auth: is for loopback alone'],
    [
      'an issuer has no audience',
      { SHOWCALLER_OIDC_ISSUER: 'https://id.example' },
      {},
      'SHOWCALLER_OIDC_AUDIENCE: is required',
    ],
    [
      'an audience has no issuer',
      { SHOWCALLER_OIDC_AUDIENCE: 'showcaller' },
      {},
      'SHOWCALLER_OIDC_ISSUER: is required',
    ],
    [
      'any host could speak for the issuer',
      { SHOWCALLER_OIDC_ISSUER: 'http://id.example', SHOWCALLER_OIDC_AUDIENCE: 'x' },
      {},
      'SHOWCALLER_OIDC_ISSUER: must be an https address',
    ],
  ])('is refused when %s', (_what, env, flags, why) => {
    expect(problemsOf(env, flags)).toEqual([expect.stringContaining(why)]);
  });

  it('is open on loopback, in IPv6 too', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost'])
      expect(configOf({}, { auth: false, host })).toMatchObject({ value: { auth: { open: true } } });
  });
});
