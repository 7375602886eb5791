import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp, failureOf, type HttpClient, type Resolve } from '../../../vendors/http.ts';
import { directNetwork, type Network } from '../../../vendors/network.ts';
import { privateAuthority } from '../../support/certificates.ts';
import { startForwardProxy } from '../../support/forward-proxy.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const timeoutMs = 20_000;

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A server on this machine, and the addresses that were asked of it. */
async function origin(answer: RequestListener) {
  const asked: string[] = [];
  const port = await listening(
    createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request, response);
    }),
  );
  return { base: `http://127.0.0.1:${port}`, port, asked };
}

function client(network: Partial<Network> = {}, resolve?: Resolve): HttpClient {
  const http = createHttp({ ...directNetwork, ...network }, resolve);
  closing.push(() => http.close());
  return http;
}

const text = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString();
const ipv4 = (address: string) => ({ address, family: 4 });

/** Sends for ever, as fast as it is read, and counts. */
function endless(sent: { bytes: number }): RequestListener {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp2t', 'content-length': 900_000_000 });
    const more = () => {
      while (!response.destroyed) {
        sent.bytes += chunk.length;
        if (!response.write(chunk)) return response.once('drain', more);
      }
      return undefined;
    };
    more();
  };
}

describe('a file', () => {
  it('is an answer whatever its status, and keeps its type and size', async () => {
    const { base } = await origin((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`status ${status}`);
    });
    for (const status of [200, 403, 404, 429, 500, 503]) {
      const file = await client().get(`${base}/${status}`, { timeoutMs, trusted: [base] });
      expect(file).toMatchObject({ status, contentType: 'text/plain' });
      expect(text(file)).toBe(`status ${status}`);
      expect(file.url).toBeUndefined();
    }
  });

  it('is read as far as was asked, and its size is known from the answer', async () => {
    const { base } = await origin((request, response) => {
      expect(request.headers.range).toBe('bytes=2-4');
      response.writeHead(206, { 'content-range': 'bytes 2-4/10' }).end('cde');
    });
    const file = await client().get(base, { range: { start: 2, end: 4 }, timeoutMs, trusted: [base] });
    expect(file).toMatchObject({ status: 206, totalBytes: 10 });
    expect(text(file)).toBe('cde');
  });

  it('of 900 MB costs no more than what was asked for, when the server ignores the range', async () => {
    const sent = { bytes: 0 };
    const { base } = await origin(endless(sent));
    const http = client();
    const beginning = await http.get(base, { range: { start: 0, end: 1023 }, timeoutMs, trusted: [base] });
    expect(beginning).toMatchObject({ status: 200, cutOff: true, totalBytes: 900_000_000 });
    expect(beginning.body.length).toBe(1024);
    const far = await http.get(base, { range: { start: 8e8, end: 8e8 + 1023 }, timeoutMs, trusted: [base] });
    expect(far).toMatchObject({ status: 200, cutOff: true });
    const whole = await http.get(base, { timeoutMs, maxBytes: 100_000, trusted: [base] });
    expect(whole).toMatchObject({ cutOff: true });
    expect(whole.body.length).toBe(100_000);
    // What lies in the buffers of the system, and nothing of the rest.
    expect(sent.bytes).toBeLessThan(64 * 1024 * 1024);
  });

  it('is compressed for nobody, so that few bytes stay few', async () => {
    const { base } = await origin((request, response) => {
      response.end(String(request.headers['accept-encoding']));
    });
    expect(text(await client().get(base, { timeoutMs, trusted: [base] }))).toBe('identity');
  });
});

describe('a redirect', () => {
  it('is followed to where it leads, and what is relative then begins there', async () => {
    const { base, asked } = await origin((request, response) => {
      if (request.url === '/vod/index.m3u8') response.writeHead(302, { location: '../cdn/a/index.m3u8' }).end();
      else response.end('#EXTM3U');
    });
    const file = await client().get(`${base}/vod/index.m3u8`, { timeoutMs, trusted: [base] });
    expect(file).toMatchObject({ status: 200, url: `${base}/cdn/a/index.m3u8` });
    expect(asked).toEqual(['/vod/index.m3u8', '/cdn/a/index.m3u8']);
  });

  it('is followed five times and no more', async () => {
    const { base, asked } = await origin((request, response) => {
      response.writeHead(307, { location: `/${Number(request.url?.slice(1)) + 1}` }).end();
    });
    const file = await client().get(`${base}/1`, { timeoutMs, trusted: [base] });
    expect(file).toMatchObject({ status: 0, refused: 'is redirected more than 5 times' });
    expect(asked).toHaveLength(6);
  });

  it.each([
    ['this machine', 'http://127.0.0.1:1/'],
    ['this machine in IPv6', 'http://[::1]/'],
    ['a cloud’s metadata', 'http://169.254.169.254/latest/meta-data'],
    ['a cloud’s metadata by name', 'http://metadata.google.internal./'],
    ['another cloud’s metadata', 'http://192.0.0.192/'],
    ['a service of a cluster', 'http://kubernetes.default.svc/'],
    ['NAT64 before this machine', 'http://[64:ff9b::7f00:1]/'],
    ['a number that is this machine', 'http://2130706433/'],
    ['what is no HTTP', 'file:///etc/passwd'],
  ])('to %s is not followed, and nothing of its content is shown', async (_what, location) => {
    const { base } = await origin((_request, response) => {
      response.writeHead(302, { location }).end();
    });
    const file = await client().get(base, { timeoutMs, trusted: [base] });
    expect(file).toMatchObject({ status: 0, refused: expect.stringMatching(/^is redirected/) });
    expect(file.body).toHaveLength(0);
  });

  it('is an answer like others where one request is meant', async () => {
    const { base, asked } = await origin((_request, response) => {
      response.writeHead(301, { location: '/elsewhere' }).end();
    });
    expect(await client().send(base, { method: 'POST', body: '{}', timeoutMs })).toMatchObject({ status: 301 });
    expect(asked).toEqual(['/']);
  });
});

describe('an address from outside', () => {
  it('is not asked on another port of a host that is trusted', async () => {
    const secret = await origin((_request, response) => response.end('secret'));
    const file = await client().get(`${secret.base}/x`, { timeoutMs, trusted: ['http://127.0.0.1:1'] });
    expect(file).toMatchObject({ refused: 'the address 127.0.0.1 is not public' });
    expect(secret.asked).toEqual([]);
  });

  it('is looked at as the name is resolved, all of its addresses, and never as something else', async () => {
    const secret = await origin((_request, response) => response.end('secret'));
    const url = `http://rebinding.example:${secret.port}/`;
    for (const addresses of [
      [ipv4('127.0.0.1')],
      [ipv4('93.184.216.34'), ipv4('10.0.0.1')],
      [{ address: '::1', family: 6 }],
      [{ address: 'fd00:ec2::254', family: 6 }],
    ]) {
      const file = await client({}, async () => addresses).get(url, { timeoutMs });
      expect(file.refused).toMatch(/^rebinding\.example: the address \S+ is not public$/);
    }
    expect(secret.asked).toEqual([]);
  });

  it('is asked where the configuration allows its network, and is looked at again for each connection', async () => {
    const { base, port, asked } = await origin((_request, response) => {
      response.writeHead(200, { connection: 'close' }).end('allowed');
    });
    const answers = [ipv4('127.0.0.1'), ipv4('10.0.0.1')];
    const http = client({ privateNetworks: ['127.0.0.0/8'] }, async () => [answers.shift() ?? ipv4('10.0.0.1')]);
    expect(text(await http.get(`http://cdn.lan:${port}/a`, { timeoutMs }))).toBe('allowed');
    expect(await http.get(`http://cdn.lan:${port}/b`, { timeoutMs })).toMatchObject({
      refused: 'cdn.lan: the address 10.0.0.1 is not public',
    });
    expect(text(await http.get(`${base}/c`, { timeoutMs }))).toBe('allowed');
    expect(asked).toEqual(['/a', '/c']);
  });

  it('gets no connection that was opened for an address of ours', async () => {
    const { port, asked } = await origin((_request, response) => response.end('ours'));
    const http = client({}, async () => [ipv4('127.0.0.1')]);
    const url = `http://own.example:${port}`;
    expect(text(await http.get(`${url}/a`, { timeoutMs, trusted: [url] }))).toBe('ours');
    expect(await http.get(`${url}/b`, { timeoutMs })).toMatchObject({ status: 0 });
    expect(asked).toEqual(['/a']);
  });

  it('is refused with an error where an error is meant', async () => {
    const request = { timeoutMs, fromOutside: true };
    await expect(client().send('http://169.254.169.254/', request)).rejects.toMatchObject({
      name: 'AddressRefusedError',
    });
  });
});

describe('time', () => {
  /** As the collector does it when it pleases. */
  function collect(): void {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
  }

  it.each([
    ['sends nothing', () => {}],
    ['stops in the middle', (write: (chunk: string) => void) => write('x')],
    [
      'trickles',
      (write: (chunk: string) => void) => {
        const timer = setInterval(() => write('x'), 5);
        closing.push(() => clearInterval(timer));
      },
    ],
  ])('is limited for a server that %s, whatever the garbage collector takes', async (_what, body) => {
    let closed: Promise<unknown> | undefined;
    const { base } = await origin((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(200);
      body((chunk) => response.write(chunk));
    });
    const collecting = setInterval(collect, 20);
    closing.push(() => clearInterval(collecting));
    await expect(client().send(base, { timeoutMs: 300 })).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no whole answer within 300 ms',
    });
    await closed;
  });

  it('ends when the caller gives up, with what the caller says', async () => {
    const { base } = await origin((_request, response) => void response.writeHead(200).write('x'));
    const caller = new AbortController();
    const asked = client().send(base, { timeoutMs, cancelled: caller.signal });
    setTimeout(() => caller.abort(new Error('the show is over')), 50);
    await expect(asked).rejects.toThrow('the show is over');
    await expect(client().send(base, { timeoutMs, cancelled: caller.signal })).rejects.toThrow('the show is over');
  });
});

describe('a failure', () => {
  it('says what it came down to, not that a fetch failed', async () => {
    await expect(client().send('http://127.0.0.1:9/', { timeoutMs })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('connect ECONNREFUSED 127.0.0.1:9'),
    });
    const { base } = await origin((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
    });
    await expect(client().send(base, { timeoutMs })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is found behind wrappers and in lists', () => {
    const inner = Object.assign(new Error('connect ECONNREFUSED ::1:80'), { code: 'ECONNREFUSED', syscall: 'connect' });
    const wrapped = new TypeError('fetch failed', { cause: new AggregateError([inner]) });
    expect(failureOf(wrapped)).toEqual({ code: 'ECONNREFUSED', message: inner.message, ofSystem: true });
    expect(failureOf('boom')).toEqual({ message: 'boom', ofSystem: false });
  });
});

describe('IPv6', () => {
  it('is an address like others', async () => {
    const port = await listening(
      createServer((request, response) => response.end(request.headers.host)),
      '::1',
    );
    const url = `http://[::1]:${port}/`;
    expect(text(await client().send(url, { timeoutMs }))).toBe(`[::1]:${port}`);
    expect(await client().get(url, { timeoutMs })).toMatchObject({ refused: 'the address ::1 is not public' });
    expect(await client({ privateNetworks: ['::1'] }).get(url, { timeoutMs })).toMatchObject({ status: 200 });
  });
});

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
      expect((await again.get(target, { timeoutMs })).refused).toContain('10.0.0.1 is not public');
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
