import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../vendors/http.ts';
import { client, closing, ipv4, listening, origin, text, timeoutMs } from './http-harness.ts';

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

  it('costs no more than the bound, however long the range is that a playlist names', async () => {
    const { base } = await origin((_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-99999999999/100000000000' });
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });
    const range = { start: 0, end: 99_999_999_999 };
    const { body, cutOff } = await client().get(base, { range, timeoutMs, maxBytes: 1_000_000, trusted: [base] });
    expect({ length: body.length, cutOff }).toEqual({ length: 1_000_000, cutOff: true });
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

  it('is not compressed, so that few bytes stay few', async () => {
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
      expect(file.refused).toBe('rebinding.example: the name leads to an address that is not public');
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
      refused: 'cdn.lan: the name leads to an address that is not public',
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
