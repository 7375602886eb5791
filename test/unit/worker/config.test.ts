import { expect, it } from 'vitest';
import { readApiConfig } from '../../../api/config.ts';
import { readWorkerConfig } from '../../../worker/config.ts';
import { noFiles } from '../../support/accounts.ts';

/** Wrong in every section, with a section that does not exist. */
const file = {
  prises: {},
  accounts: { 'aws-ivs': { default: { colour: 'red' } } },
  network: 3,
  webhooks: { ops: { url: 'nowhere' } },
  booking: { onConflict: 'shrug' },
  prices: { currency: 'USD' },
  tenants: { acme: { budget: { minutes: -1 } }, initech: { budget: { money: 5 } } },
};
const sources = {
  env: { SHOWCALLER_CONFIG: 'config.json', SHOWCALLER_HEALTH_PORT: 'x', SHOWCALLER_API_TOKENS_FILE: 'none.json' },
  readFile: (path: string) => (path === 'config.json' ? JSON.stringify(file) : noFiles(path)),
};
const pathsOf = (read: ReturnType<typeof readWorkerConfig | typeof readApiConfig>): Set<string | undefined> =>
  new Set(read.ok ? [] : read.problems.map(({ path }) => path.split(/[.[]/)[0]));

it('of a worker reports what is wrong in every section of the file, one that it does not know included', () => {
  const wrong = ['prises', 'accounts', 'network', 'webhooks', 'booking', 'prices', 'tenants', 'SHOWCALLER_HEALTH_PORT'];
  expect([...pathsOf(readWorkerConfig(sources))]).toEqual(expect.arrayContaining(wrong));
});

it('of the API does too, for the sections that it reads', () => {
  const wrong = ['prises', 'accounts', 'network', 'prices', 'tenants', 'SHOWCALLER_API_TOKENS_FILE'];
  expect([...pathsOf(readApiConfig(sources))]).toEqual(expect.arrayContaining(wrong));
});

it('reports no missing price where the price list itself is wrong', () => {
  const read = readWorkerConfig(sources);
  const messages = read.ok ? [] : read.problems.map(({ path, message }) => `${path} ${message}`);
  expect(messages.filter((message) => message.includes('tenants.initech'))).toEqual([]);
});

it('of worker and API knows an empty FFMPEG: nothing is decoded then', () => {
  const account = { AWS_IVS_REGION: 'eu-west-1', AWS_IVS_CREDENTIALS: 'default' };
  const of = (env: Record<string, string>) =>
    [readWorkerConfig, readApiConfig].map((read) => {
      const config = read({ env: { ...account, ...env }, readFile: noFiles, flags: { auth: false } });
      return config.ok ? config.value.ffmpeg : config.problems;
    });
  expect(of({})).toEqual([undefined, undefined]);
  expect(of({ FFMPEG: '' })).toEqual(['', '']);
  expect(of({ FFMPEG: '/opt/ffmpeg' })).toEqual(['/opt/ffmpeg', '/opt/ffmpeg']);
});
