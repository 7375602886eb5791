import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Environment } from '../../../domain/configuration/environment.ts';
import { fieldsOf } from '../../../vendors/account-variables.ts';
import { readAccounts } from '../../../vendors/accounts.ts';
import { readConfigFile } from '../../../vendors/config.ts';
import type { VendorManifest } from '../../../vendors/manifest.ts';
import { vendors as registered, vendorNamed } from '../../../vendors/registry.ts';

const acme: VendorManifest = {
  name: 'acme',
  title: 'Acme',
  docs: [],
  envPrefix: 'ACME',
  account: z.object({
    accessKeyId: z.string().meta({ description: 'Who.' }),
    accessKeySecret: z.string().meta({ description: 'The proof of who.', secret: true }),
    sessionToken: z.string().optional().meta({ description: 'With temporary credentials.', secret: true }),
    endpoint: z.string().default('https://acme.example').meta({ description: 'Where.' }),
    publicEndpoint: z.string().optional().meta({ description: 'Where for players.' }),
    s3Region: z
      .string()
      .regex(/^[a-z-]+\d$/, 'must be a region')
      .optional()
      .meta({ description: 'Where it is kept.' }),
  }),
  placeOf: () => 'nowhere',
  bills: [],
  makes: [],
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  defaults: { warmUpMs: 0, startLeadMs: 0 },
  options: z.strictObject({}),
  load: () => Promise.reject(new Error('never loaded')),
};
const bravo: VendorManifest = { ...acme, name: 'bravo', envPrefix: 'BRAVO' };
const keys = { ACME_ACCESS_KEY_ID: 'id', ACME_ACCESS_KEY_SECRET: 'hunter2' };

function missing(path: string): never {
  throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
}

function load(env: Environment, files: Record<string, string> = {}) {
  const readFile = (path: string) => files[path] ?? missing(path);
  const config = readConfigFile({ env: 'config.json' in files ? { SHOWCALLER_CONFIG: 'config.json' } : {}, readFile });
  return config.ok ? readAccounts(config.value.accounts, { env, readFile }, [acme, bravo]) : config;
}

function accountsOf(...given: Parameters<typeof load>) {
  const loaded = load(...given);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.value;
}

function problemsOf(...given: Parameters<typeof load>) {
  const loaded = load(...given);
  return loaded.ok ? [] : loaded.problems;
}

const config = (accounts: unknown) => ({ 'config.json': JSON.stringify({ accounts }) });

describe('accounts', () => {
  it('are none when nothing is set, which is no problem', () => {
    const accounts = accountsOf({ PATH: '/bin', ACMEISH_REGION: 'x' });
    expect(accounts.all()).toEqual([]);
    expect(accounts.names('acme')).toEqual([]);
    expect(accounts.get('acme', 'default')).toBeUndefined();
    expect(accounts.secrets()).toEqual([]);
  });

  it('come from the environment, with fallbacks filled in', () => {
    const accounts = accountsOf({ ...keys, ACME_S3_REGION: 'eu-1', ACME_SESSION_TOKEN: '' });
    expect(accounts.all()).toEqual([
      {
        vendor: 'acme',
        account: {
          name: 'default',
          settings: {
            accessKeyId: 'id',
            accessKeySecret: 'hunter2',
            endpoint: 'https://acme.example',
            s3Region: 'eu-1',
          },
        },
      },
    ]);
    expect(accounts.names('bravo')).toEqual([]);
  });

  it('may be kept for tenants: for the plans of others they do not exist', () => {
    const eu = { ACME_EU_ACCESS_KEY_ID: 'eu', ACME_EU_ACCESS_KEY_SECRET: 'eu-secret' };
    const accounts = accountsOf({ ...keys, ...eu, ACME_EU_TENANTS: 'bolt, Cork & Co' });
    expect(accounts.names('acme')).toEqual(['default', 'eu']);
    for (const tenant of ['bolt', 'Cork & Co']) expect(accounts.namesFor('acme', tenant)).toEqual(['default', 'eu']);
    for (const tenant of ['cork', '', undefined]) expect(accounts.namesFor('acme', tenant)).toEqual(['default']);
    for (const wrong of [' , ', 'a"b'])
      expect(problemsOf({ ...keys, ACME_TENANTS: wrong }).map(({ path }) => path)).toEqual(['ACME_TENANTS']);
  });

  it('have names in their variables, except the default one', () => {
    const accounts = accountsOf({
      ...keys,
      ACME_EU_WEST_ACCESS_KEY_ID: 'eu',
      ACME_EU_WEST_ACCESS_KEY_SECRET: 'eu-secret',
    });
    expect(accounts.names('acme')).toEqual(['default', 'eu-west']);
    expect(accounts.get('acme', 'eu-west')?.settings.accessKeyId).toBe('eu');
    expect(accounts.get('acme', 'default')?.settings.accessKeyId).toBe('id');
    expect(accounts.secrets().sort()).toEqual(['eu-secret', 'hunter2']);
  });

  it('take a setting from a file that the environment names, without its last newline', () => {
    const accounts = accountsOf(
      { ACME_ACCESS_KEY_ID: 'id', ACME_ACCESS_KEY_SECRET_FILE: '/run/secret' },
      { '/run/secret': 'hunter2\n\n' },
    );
    expect(accounts.get('acme', 'default')?.settings.accessKeySecret).toBe('hunter2\n');
  });

  it('take what is no secret from the configuration file, and the environment before it', () => {
    const accounts = accountsOf(
      { ACME_EU_ACCESS_KEY_SECRET: 'hunter2', ACME_EU_ENDPOINT: 'https://env.example' },
      config({ acme: { eu: { accessKeyId: 'id', endpoint: 'https://file.example', s3Region: 'eu-1' } } }),
    );
    expect(accounts.names('acme')).toEqual(['eu']);
    expect(accounts.get('acme', 'eu')?.settings).toMatchObject({
      accessKeyId: 'id',
      endpoint: 'https://env.example',
      s3Region: 'eu-1',
    });
  });

  it('read a key that contains another as itself', () => {
    const accounts = accountsOf({ ...keys, ACME_PUBLIC_ENDPOINT: 'https://p.example' });
    expect(accounts.names('acme')).toEqual(['default']);
    expect(accounts.get('acme', 'default')?.settings.publicEndpoint).toBe('https://p.example');
  });
});

describe('problems of accounts', () => {
  it('name every missing setting of every account, by the variable to set', () => {
    const problems = problemsOf({ ACME_S3_REGION: 'eu-1', BRAVO_EU_ACCESS_KEY_ID: 'id' });
    expect(problems).toEqual([
      {
        path: 'ACME_ACCESS_KEY_ID',
        message: expect.stringMatching(/not set.*acme account default.*ACME_ACCESS_KEY_ID_FILE.*Who\./),
      },
      { path: 'ACME_ACCESS_KEY_SECRET', message: expect.stringContaining('ACME_ACCESS_KEY_SECRET_FILE') },
      { path: 'BRAVO_EU_ACCESS_KEY_SECRET', message: expect.stringMatching(/bravo account eu/) },
    ]);
  });

  it('count an empty value as missing', () => {
    expect(problemsOf({ ...keys, ACME_ACCESS_KEY_ID: '' }).map(({ path }) => path)).toEqual(['ACME_ACCESS_KEY_ID']);
    expect(
      problemsOf({ ACME_ACCESS_KEY_SECRET: 'x' }, config({ acme: { default: { accessKeyId: '' } } })).map(
        ({ path }) => path,
      ),
    ).toEqual(['ACME_ACCESS_KEY_ID']);
  });

  it('name an account of the configuration file that the environment never completed', () => {
    const problems = problemsOf({}, config({ acme: { eu: {} } }));
    expect(problems.map(({ path }) => path)).toEqual(['ACME_EU_ACCESS_KEY_ID', 'ACME_EU_ACCESS_KEY_SECRET']);
  });

  it.each<[string, Record<string, string>, string, RegExp]>([
    ['an unknown variable', { ACME_COLOUR: 'red' }, 'ACME_COLOUR', /not a setting of acme: ACME_ACCESS_KEY_ID, /],
    [
      'a value and a file for one setting',
      { ACME_ACCESS_KEY_SECRET_FILE: 'key' },
      'ACME_ACCESS_KEY_SECRET_FILE',
      /ACME_ACCESS_KEY_SECRET are both set/,
    ],
    [
      'a file that is not there',
      { ACME_SESSION_TOKEN_FILE: 'nowhere' },
      'ACME_SESSION_TOKEN_FILE',
      /cannot be read \(ENOENT\)/,
    ],
    ['a file that is empty', { ACME_SESSION_TOKEN_FILE: 'empty' }, 'ACME_SESSION_TOKEN_FILE', /is empty/],
    ['a value out of bounds', { ACME_S3_REGION: 'Europe' }, 'ACME_S3_REGION', /must be a region/],
    [
      'the default account by name',
      { ACME_DEFAULT_ENDPOINT: 'x' },
      'ACME_DEFAULT_ENDPOINT',
      /is written ACME_ENDPOINT/,
    ],
  ])('report %s', (_, env, path, message) => {
    const problems = problemsOf({ ...keys, ...env }, { key: 'other', empty: '\n' });
    expect(problems).toEqual([expect.objectContaining({ path, message: expect.stringMatching(message) })]);
  });

  it('report a secret file that cannot be read once, not as missing too', () => {
    const problems = problemsOf({ ACME_ACCESS_KEY_ID: 'id', ACME_ACCESS_KEY_SECRET_FILE: 'nowhere' });
    expect(problems.map(({ path }) => path)).toEqual(['ACME_ACCESS_KEY_SECRET_FILE']);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['an unknown section', { workers: {}, accounts: {} }, 'workers', /known here: accounts/],
    ['an unknown vendor', { accounts: { vimeo: {} } }, 'accounts.vimeo', /one of acme, bravo/],
    ['an account in capitals', { accounts: { acme: { EU: {} } } }, 'accounts.acme.EU', /lower-case/],
    ['accounts that are a list', { accounts: [] }, 'accounts', /must be an object/],
    ['an account that is a text', { accounts: { acme: { eu: 'x' } } }, 'accounts.acme.eu', /must be an object/],
    ['a list for the whole', [], 'SHOWCALLER_CONFIG', /must hold an object, not a list/],
  ])('report a configuration file with %s', (_, root, path, message) => {
    const problems = problemsOf({}, { 'config.json': JSON.stringify(root) });
    expect(problems[0]).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown setting', { colour: 'red' }, 'colour', /not a known field; known here: accessKeyId, endpoint, /],
    ['a number', { endpoint: 7 }, 'endpoint', /must be a string/],
    [
      'a secret',
      { accessKeySecret: 'hunter2' },
      'accessKeySecret',
      /is a secret.*ACME_EU_ACCESS_KEY_SECRET or ACME_EU_ACCESS_KEY_SECRET_FILE/,
    ],
    ['what every object has', { toString: 'x' }, 'toString', /not a known field/],
  ])('report %s in the configuration file', (_, settings, key, message) => {
    const env = { ACME_EU_ACCESS_KEY_ID: 'id', ACME_EU_ACCESS_KEY_SECRET: 'env' };
    expect(problemsOf(env, config({ acme: { eu: settings } }))).toEqual([
      { path: `accounts.acme.eu.${key}`, message: expect.stringMatching(message) },
    ]);
  });

  it('report a configuration file that is not there or is not JSON', () => {
    const readFile = () => missing('config.json');
    expect(readConfigFile({ env: { SHOWCALLER_CONFIG: 'config.json' }, readFile })).toMatchObject({
      problems: [{ path: 'SHOWCALLER_CONFIG', given: '"config.json"', message: expect.stringContaining('ENOENT') }],
    });
    expect(problemsOf({}, { 'config.json': '{ "hunter2' })).toEqual([
      { path: 'SHOWCALLER_CONFIG', given: '"config.json"', message: 'names a file that is not JSON' },
    ]);
  });

  it('report an account whose name makes a variable mean two things', () => {
    const problems = problemsOf(keys, config({ acme: { public: { accessKeyId: 'id' } } }));
    expect(problems).toContainEqual({
      path: 'ACME_PUBLIC_ENDPOINT',
      message: 'means publicEndpoint of the account default: give the acme account public another name',
    });
  });

  it('never repeat a secret', () => {
    const env = { ACME_ACCESS_KEY_SECRET: 'hunter2', ACME_ACCESS_KEY_SECRET_FILE: 'key', ACME_SECRET: 'hunter2' };
    const problems = problemsOf(env, { key: 'hunter2', ...config({ acme: { eu: { sessionToken: 'hunter2' } } }) });
    expect(problems.length).toBeGreaterThan(3);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('the registry', () => {
  it('finds each vendor by its name, and no other', () => {
    for (const vendor of registered) expect(vendorNamed(vendor.name)).toBe(vendor);
    expect(vendorNamed('constructor')).toBeUndefined();
  });

  it('names each vendor, prefix and setting once', () => {
    const unique = (names: string[]) => expect(new Set(names).size).toBe(names.length);
    unique(registered.map(({ name }) => name));
    unique(registered.map(({ envPrefix }) => envPrefix));
    for (const vendor of registered) unique(fieldsOf(vendor).map(({ key }) => key));
  });

  it('has no prefix that begins another, so that a variable belongs to one vendor', () => {
    for (const { envPrefix } of registered) {
      expect(registered.filter((other) => other.envPrefix.startsWith(`${envPrefix}_`))).toEqual([]);
    }
  });

  it('can configure the default account of every vendor by variables', () => {
    for (const vendor of registered) {
      const constant = (key: string) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
      const env = Object.fromEntries(
        fieldsOf(vendor).map(({ key }) => [`${vendor.envPrefix}_${constant(key)}`, 'anything']),
      );
      const loaded = readAccounts(undefined, { env, readFile: missing }, registered);
      const unread = loaded.ok ? [] : loaded.problems.filter(({ message }) => /not a setting|means/.test(message));
      expect(unread).toEqual([]);
    }
  });
});
