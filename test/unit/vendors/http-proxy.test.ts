import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../../vendors/http.ts';
import { privateAuthority } from '../../support/certificates.ts';
import { startForwardProxy } from '../../support/forward-proxy.ts';
import { client, closing, ipv4, listening, origin, text, timeoutMs } from './http-harness.ts';

describe('a proxy', () => {
  async function behindProxy(noProxy: string[] = []) {
    const proxy = await startForwardProxy();
    closing.push(() => proxy.close());
    const withName = proxy.url.replace('http://', 'http://ada:p%40ss@');
    const url = new URL(withName);
    return { proxy, network: { proxies: { http: url, https: url }, noProxy } };
  }

  it('is asked for http: and https: addresses alike, with our name, and trusts what we trust behind it', async () => {
    const { proxy, network } = await behindProxy();
    const { base } = await origin((_request, response) => response.end('plain'));
    const authority = await privateAuthority();
    const server = createTlsServer(await authority.serverFor('localhost'), (_request, response) => response.end('tls'));
    const secure = `https://localhost:${await listening(server)}`;
    const http = client({ ...network, ca: [authority.ca] });
    expect(text(await http.send(`${base}/a?b`, { timeoutMs }))).toBe('plain');
    expect(text(await http.send(secure, { timeoutMs }))).toBe('tls');
    expect(proxy.asked).toEqual([`GET ${base}/a?b`, `CONNECT ${secure.replace('https://', '')}`]);
    expect(Buffer.from(proxy.authorization?.slice('Basic '.length) ?? '', 'base64').toString()).toBe('ada:p@ss');
    const distrusting = client(network);
    await expect(distrusting.send(secure, { timeoutMs })).rejects.toMatchObject({
      code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET/),
    });
  });

  it('is asked for each of several requests as for the first', async () => {
    const { proxy, network } = await behindProxy();
    const { base } = await origin(({ method }, response) => response.end(method));
    const authority = await privateAuthority();
    const server = createTlsServer(await authority.serverFor('localhost'), ({ method }, response) =>
      response.end(method),
    );
    const secure = `https://localhost:${await listening(server)}`;
    const http = client({ ...network, ca: [authority.ca] });
    for (const method of ['GET', 'POST', 'GET']) {
      delete proxy.authorization;
      const body = method === 'POST' ? { body: 'much' } : {};
      expect(text(await http.send(`${base}/a?b=c://d`, { timeoutMs, method, ...body }))).toBe(method);
      expect(proxy.authorization).toBeDefined();
      expect(text(await http.send(secure, { timeoutMs, method, ...body }))).toBe(method);
    }
    // A tunnel is kept.
    expect(proxy.asked).toEqual([
      `GET ${base}/a?b=c://d`,
      `CONNECT ${secure.replace('https://', '')}`,
      `POST ${base}/a?b=c://d`,
      `GET ${base}/a?b=c://d`,
    ]);
  });

  it.each([
    ['a network', '127.0.0.0/8'],
    ['an address', '127.0.0.1'],
    ['everything', '*'],
  ])('is not asked for %s that is reached without it', async (_what, entry) => {
    const { proxy, network } = await behindProxy([entry]);
    const { base } = await origin((_request, response) => response.end('plain'));
    expect(text(await client(network).send(base, { timeoutMs }))).toBe('plain');
    expect(proxy.asked).toEqual([]);
  });

  it('is not asked for names that are reached without it, below them too, and by port', async () => {
    const { port } = await origin((_request, response) => response.end('plain'));
    const resolve: Resolve = async () => [ipv4('127.0.0.1')];
    for (const [entry, host, viaProxy] of [
      ['corp.example', 'corp.example', false],
      ['corp.example', 'a.corp.example', false],
      ['.corp.example', 'a.corp.example', false],
      ['*.corp.example', 'a.corp.example', false],
      ['corp.example', 'notcorp.example', true],
      [`corp.example:${port}`, 'corp.example', false],
      ['corp.example:1', 'corp.example', true],
    ] as const) {
      const { proxy, network } = await behindProxy([entry]);
      await client(network, resolve)
        .send(`http://${host}:${port}/`, { timeoutMs })
        .catch(() => {});
      expect(proxy.asked.length > 0, `${host} with NO_PROXY=${entry}`).toBe(viaProxy);
    }
  });

  it('that refuses is named, and its answer is not taken for one of the server', async () => {
    const { proxy, network } = await behindProxy();
    proxy.refusesWith = 404;
    await expect(client(network).send('https://vendor.example/', { timeoutMs })).rejects.toMatchObject({
      code: 'ERR_PROXY_REFUSED',
      message: `the proxy ${new URL(proxy.url).host} answered 404 to CONNECT vendor.example`,
    });
  });

  it('is asked for no address from outside that is private, as far as we can see', async () => {
    const { proxy, network } = await behindProxy();
    const names: Resolve = async (name) => {
      if (name === 'rebinding.example') return [ipv4('127.0.0.1')];
      throw Object.assign(new Error('no such name here'), { code: 'ENOTFOUND' });
    };
    const http = client(network, names);
    for (const host of ['10.0.0.1', '[::1]', 'rebinding.example', 'metadata.google.internal', 'intranet']) {
      expect((await http.get(`http://${host}/`, { timeoutMs })).refused, host).toBeDefined();
    }
    expect(proxy.asked).toEqual([]);
    const unknown = http.get('http://known-to-the-proxy.example/', { timeoutMs });
    await expect(unknown).rejects.toThrow(/cannot be resolved here.*SHOWCALLER_PROXY_RESOLVES=true/);
    expect(proxy.asked).toEqual([]);
  });

  it('is asked for the address that was checked, and not for the name, of what comes from outside', async () => {
    const proxy = await startForwardProxy((host) => (isIP(host) === 0 ? '127.0.0.2' : host));
    closing.push(() => proxy.close());
    const url = new URL(proxy.url);
    let asked = 0;
    // Another answer each time, as from a server that wants the second question to lead elsewhere.
    const rebinding: Resolve = async () => {
      asked += 1;
      return [{ address: '::1', family: 6 }, ipv4(asked % 2 === 1 ? '127.0.0.1' : '10.0.0.1')];
    };
    const authority = await privateAuthority();
    const hosts: (string | undefined)[] = [];
    const answer: RequestListener = ({ headers: { host } }, response) => {
      hosts.push(host);
      response.end('ours');
    };
    const [plain, secure] = [
      await listening(createServer(answer)),
      await listening(createTlsServer(await authority.serverFor('cdn.example'), answer)),
    ];
    const network = { proxies: { http: url, https: url }, ca: [authority.ca], privateNetworks: ['127.0.0.1', '::1'] };
    for (const target of [`http://cdn.example:${plain}/`, `https://cdn.example:${secure}/`]) {
      asked = 0;
      const http = client(network, rebinding);
      expect(text(await http.get(target, { timeoutMs }))).toBe('ours');
      expect(asked).toBe(1);
      const again = client(network, rebinding);
      expect((await again.get(target, { timeoutMs })).refused).toContain('leads to an address that is not public');
    }
    expect(hosts).toEqual([`cdn.example:${plain}`, `cdn.example:${secure}`]);
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${plain}`, `CONNECT 127.0.0.1:${secure}`]);
  });

  it('resolves names from outside where the configuration says so, but no private ones', async () => {
    const { proxy, network } = await behindProxy();
    const names: Resolve = async (name) => {
      if (name === 'rebinding.example') return [ipv4('127.0.0.1')];
      throw Object.assign(new Error('no such name here'), { code: 'ENOTFOUND' });
    };
    const http = client({ ...network, proxyResolves: true }, names);
    for (const host of ['10.0.0.1', '[::1]', 'rebinding.example', 'metadata.google.internal', 'intranet'])
      expect((await http.get(`http://${host}/`, { timeoutMs })).refused, host).toBeDefined();
    expect(proxy.asked).toEqual([]);
    await http.get('http://known-to-the-proxy.example/', { timeoutMs }).catch(() => {});
    expect(proxy.asked).toEqual(['GET http://known-to-the-proxy.example/']);
  });
});
