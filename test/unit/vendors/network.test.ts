import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type Network, readNetwork, secretsOfNetwork } from '../../../vendors/network.ts';
import { privateAuthority } from '../../support/certificates.ts';

const { ca: pem } = await privateAuthority();
const garbage = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

function read(env: Record<string, string>, section?: object, files: Record<string, string> = {}) {
  const json = section === undefined ? undefined : JSON.parse(JSON.stringify(section));
  const noSuchFile = () => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  };
  return readNetwork(json, { env, readFile: (path) => files[path] ?? noSuchFile() });
}

function networkOf(...given: Parameters<typeof read>): Network {
  const found = read(...given);
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return found.value;
}

function problemsOf(...given: Parameters<typeof read>): string[] {
  const found = read(...given);
  return found.ok ? [] : found.problems.map(({ path, message, given: shown }) => `${path}: ${message} ${shown ?? ''}`);
}

describe('how a process reaches other machines', () => {
  it('is straight, and to public addresses, when nothing says otherwise', () => {
    expect(networkOf({})).toEqual({ proxies: {}, noProxy: [], privateNetworks: [] });
  });

  it.each([
    ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'],
    ['https_proxy', 'http_proxy', 'no_proxy'],
  ])('is what %s, %s and %s say', (https, http, no) => {
    const network = networkOf({
      [https]: 'http://a.example:1',
      [http]: 'http://b.example:2',
      [no]: 'x.example, 10.0.0.0/8 ::1',
    });
    expect(network.proxies).toEqual({ https: new URL('http://a.example:1'), http: new URL('http://b.example:2') });
    expect(network.noProxy).toEqual(['x.example', '10.0.0.0/8', '::1']);
  });

  it('leaves names from outside to the proxy where it is configured so', () => {
    expect(networkOf({ SHOWCALLER_PROXY_RESOLVES: 'true' }).proxyResolves).toBe(true);
    expect(networkOf({}, { proxyResolves: true }).proxyResolves).toBe(true);
    expect(networkOf({ SHOWCALLER_PROXY_RESOLVES: 'false' }, { proxyResolves: true }).proxyResolves).toBeUndefined();
    expect(problemsOf({ SHOWCALLER_PROXY_RESOLVES: 'yes' })).toEqual([
      expect.stringContaining('must be "true" or "false"'),
    ]);
  });

  it('is what the configuration file says, and the variables win', () => {
    const section = { proxy: 'http://file.example:1', noProxy: ['a.example'], privateNetworks: ['10.0.0.0/8'] };
    expect(networkOf({}, section)).toEqual({
      proxies: { https: new URL('http://file.example:1'), http: new URL('http://file.example:1') },
      noProxy: ['a.example'],
      privateNetworks: ['10.0.0.0/8'],
    });
    const env = { HTTPS_PROXY: 'http://env.example:2', SHOWCALLER_PRIVATE_NETWORKS: 'fd00::/8' };
    expect(networkOf(env, section)).toMatchObject({
      proxies: { https: new URL('http://env.example:2'), http: new URL('http://file.example:1') },
      privateNetworks: ['fd00::/8'],
    });
  });

  it('trusts the certificates of a file besides the public ones, and those that Node was given', () => {
    const env = { SHOWCALLER_CA_FILE: 'ours.pem', NODE_EXTRA_CA_CERTS: 'extra.pem' };
    const { ca } = networkOf(env, undefined, { 'ours.pem': pem, 'extra.pem': `${pem}\n` });
    expect(ca).toEqual([...rootCertificates, `${pem}\n`, pem]);
    expect(networkOf({}, { caFile: 'ours.pem' }, { 'ours.pem': pem }).ca).toContain(pem);
    expect(networkOf({ NODE_EXTRA_CA_CERTS: 'extra.pem' }).ca).toBeUndefined();
  });

  it('names everything that is wrong with it at once, and no password', () => {
    const problems = problemsOf(
      {
        HTTPS_PROXY: 'socks5://user:hunter2@proxy.example',
        HTTP_PROXY: 'http://user:hunter2@proxy.example/path',
        SHOWCALLER_PRIVATE_NETWORKS: '10.0.0.0/8 10.0.0.0/33 intranet',
      },
      { proxy: 'user:hunter2@proxy.example', caFile: 7, colour: 'red' },
    );
    for (const start of [
      'HTTPS_PROXY: must be the URL of a proxy',
      'HTTP_PROXY: must be the URL of a proxy',
      'SHOWCALLER_PRIVATE_NETWORKS[1]: must be a network',
      'SHOWCALLER_PRIVATE_NETWORKS[2]: must be a network',
      'network.proxy: must be the URL of a proxy',
      'network.caFile: must be a string, not a number',
      'network.colour: is not a known field',
    ]) {
      expect(problems).toContainEqual(expect.stringContaining(start));
    }
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it.each([
    [{ SHOWCALLER_CA_FILE: 'absent.pem' }, 'names absent.pem, which cannot be read (ENOENT)'],
    [{ SHOWCALLER_CA_FILE: 'key.pem' }, 'names key.pem, which holds no certificate (PEM)'],
    [{ SHOWCALLER_CA_FILE: 'garbage.pem' }, 'names garbage.pem, whose certificate 1 of 1 is damaged'],
    [{ SHOWCALLER_CA_FILE: 'second.pem' }, 'names second.pem, whose certificate 2 of 3 is damaged'],
    [{ SHOWCALLER_CA_FILE: 'cut.pem' }, 'names cut.pem, whose certificate 2 of 2 is damaged'],
  ])('does not start with %j', (env, message) => {
    const files = {
      'key.pem': '-----BEGIN PRIVATE KEY-----',
      'garbage.pem': garbage,
      'second.pem': `# ours\n${pem}\n${garbage}\n${pem}\n`,
      'cut.pem': `${pem}\n${pem.slice(0, -20)}`,
    };
    expect(problemsOf(env, undefined, files)).toEqual([expect.stringContaining(`SHOWCALLER_CA_FILE: ${message}`)]);
  });

  it('reads every certificate of a file, whatever stands between them', () => {
    const bundle = `# ours\r\n${pem.replaceAll('\n', '\r\n')}\r\n# theirs\n${pem}`;
    expect(networkOf({ SHOWCALLER_CA_FILE: 'bundle.pem' }, undefined, { 'bundle.pem': bundle }).ca).toContain(bundle);
  });

  it.each(['HTTPS_PROXY', 'HTTP_PROXY'])(
    'does not start with a %s whose user name or password cannot be decoded',
    (variable) => {
      for (const proxy of [
        'http://u:50%off@p.example:3128',
        'http://50%off@p.example:3128',
        'http://u:%ff@p.example',
        'http://u%2:5@p.example',
      ]) {
        const problems = problemsOf({ [variable]: proxy });
        expect(problems).toEqual([expect.stringContaining(`${variable}: has a % in its user name or password`)]);
        expect(problems.join()).not.toContain('50%off');
      }
      expect(problemsOf({ [variable]: 'http://u:50%25off@p.example:3128' })).toEqual([]);
    },
  );

  it('keeps the passwords of proxies out of logs', () => {
    const env = { HTTPS_PROXY: 'http://u:p%40ss@proxy.example', HTTP_PROXY: 'http://proxy.example' };
    expect(secretsOfNetwork(networkOf(env))).toEqual(['p@ss']);
  });
});
