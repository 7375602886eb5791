import { describe, expect, it } from 'vitest';
import { fileResponse } from '../../../../simulators/kit/file-response.ts';
import { serveVendor } from '../../../../simulators/kit/http.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { FaultKind, SimRequest, SimResponse } from '../../../../simulators/kit/types.ts';
import { until } from '../../../support/until.ts';
import { closing } from './kit-harness.ts';

const statusOf: Partial<Record<FaultKind, number>> = {
  throttle: 429,
  unavailable: 503,
  quota: 402,
  unauthorized: 401,
  invalid: 400,
};

/** A vendor that counts what was done and echoes what it got. */
async function startVendor(handle?: (req: SimRequest) => SimResponse | Promise<SimResponse>) {
  const kit = createKit();
  const applied: SimRequest[] = [];
  const server = await serveVendor({
    vendor: 'v',
    kit,
    identify: (req) =>
      req.path.startsWith('/media/') ? 'media:file' : `${req.method}${req.path.replaceAll('/', ' ')}`,
    handle: (req) => {
      applied.push(req);
      return handle?.(req) ?? { status: 200, headers: { 'x-vendor': 'v' }, body: `got ${req.body}` };
    },
    fail: (kind, _req, operation) => ({ status: statusOf[kind] ?? 500, body: `${kind} on ${operation}` }),
  });
  closing(server);
  return { kit, applied, server, url: server.url };
}

describe('a vendor over HTTP', () => {
  it('is asked with the request as it was sent and answers as the handler says', async () => {
    const { url, applied, kit } = await startVendor();
    const response = await fetch(`${url}/a%2Fb?x=1&y=%20`, {
      method: 'PUT',
      body: 'hello',
      headers: { 'X-Custom': 'm' },
    });
    expect([response.status, response.headers.get('x-vendor'), await response.text()]).toEqual([200, 'v', 'got hello']);
    const [req] = applied;
    expect(req).toMatchObject({ method: 'PUT', url: '/a%2Fb?x=1&y=%20', path: '/a%2Fb', headers: { 'x-custom': 'm' } });
    expect(req?.query.get('y')).toBe(' ');
    expect(kit.log.entries()).toMatchObject([{ vendor: 'v', operation: 'PUT a%2Fb', method: 'PUT', status: 200 }]);
  });

  it.each(Object.entries(statusOf))(
    'answers a fault of kind %s with the vendor’s own error, and nothing is done',
    async (kind, status) => {
      const { url, applied, kit } = await startVendor();
      kit.faults.add('v', { operation: '*', kind: kind as FaultKind });
      const response = await fetch(`${url}/call`);
      expect([response.status, await response.text()]).toEqual([status, `${kind} on GET call`]);
      expect(applied).toEqual([]);
      expect(kit.log.entries()).toMatchObject([{ operation: 'GET call', status, fault: kind }]);
      expect((await fetch(`${url}/call`)).status).toBe(200);
    },
  );

  it('cuts the connection before anything is done on a reset', async () => {
    const { url, applied, kit } = await startVendor();
    kit.faults.add('v', { operation: 'GET call', kind: 'reset' });
    await expect(fetch(`${url}/call`)).rejects.toThrow('fetch failed');
    expect(applied).toEqual([]);
    expect(kit.log.entries()).toMatchObject([{ status: 0, fault: 'reset' }]);
  });

  it('does it and then cuts the connection when the response is to be lost', async () => {
    const { url, applied, kit } = await startVendor();
    kit.faults.add('v', { operation: 'GET call', kind: 'lose-response' });
    await expect(fetch(`${url}/call`)).rejects.toThrow('fetch failed');
    expect(applied).toHaveLength(1);
    expect(kit.log.entries()).toMatchObject([{ status: 200, fault: 'lose-response' }]);
  });

  it('neither does nor answers anything on a hang, until the client gives up', async () => {
    const { url, applied, kit } = await startVendor();
    kit.faults.add('v', { operation: 'GET call', kind: 'hang' });
    await expect(fetch(`${url}/call`, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    expect(applied).toEqual([]);
    await until(() => kit.log.entries().length > 0);
    expect(kit.log.entries()).toMatchObject([{ status: 0, fault: 'hang' }]);
  });

  it('ends hanging and delayed calls when it closes', async () => {
    const { url, server, kit } = await startVendor();
    kit.faults.add('v', { operation: 'GET hang', kind: 'hang' });
    kit.faults.add('v', { operation: 'GET delay', kind: 'delay', delayMs: 3_600_000 });
    const calls = Promise.allSettled([fetch(`${url}/hang`), fetch(`${url}/delay`)]);
    await until(() => kit.log.entries().length === 2);
    await server.close();
    expect((await calls).map((call) => call.status)).toEqual(['rejected', 'rejected']);
  });

  it('answers late when delayed, but does it at once', async () => {
    const { url, applied, kit } = await startVendor();
    kit.faults.add('v', { operation: 'GET call', kind: 'delay', delayMs: 80 });
    const begun = performance.now();
    const response = await fetch(`${url}/call`);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
    expect(response.status).toBe(200);
    expect(applied).toHaveLength(1);
  });

  it('logs calls without their secrets', async () => {
    const { url, kit } = await startVendor();
    const query = 'X-Amz-Signature=s3cret&uploadId=7&Signature=s3cret&access_token=s3cret&sig=s3cret&volcSecret=s3cret';
    await fetch(`${url}/call?${query}`, { headers: { authorization: 'Bearer s3cret' } });
    expect(JSON.stringify(kit.log.entries())).not.toContain('s3cret');
    expect(kit.log.entries()[0]?.url).toContain('uploadId=7');
  });

  it('answers 500 and notes why when the simulator itself fails', async () => {
    const { url, kit } = await startVendor(() => {
      throw new Error('a bug');
    });
    expect((await fetch(`${url}/call`)).status).toBe(500);
    expect(kit.log.entries()).toMatchObject([{ status: 500, note: 'the simulator failed: a bug' }]);
  });

  it('sends no body where there must be none', async () => {
    const { url } = await startVendor((req) => ({ status: req.method === 'DELETE' ? 204 : 200, body: 'something' }));
    const deleted = await fetch(url, { method: 'DELETE' });
    expect([deleted.status, await deleted.text()]).toEqual([204, '']);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['9', '']);
  });
});

describe('a served file', () => {
  const file = { body: Buffer.from('0123456789'), contentType: 'video/mp2t', etag: '"e"' };
  const get = (range?: string) => fileResponse({ headers: { range } } as SimRequest, file);

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-99', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('gives the part %s', (range, part, contentRange) => {
    const response = get(range);
    expect([response.status, String(response.body), response.headers?.['content-range']]).toEqual([
      206,
      part,
      contentRange,
    ]);
  });

  it.each([undefined, 'bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-'])('is whole when asked for %s', (range) => {
    const response = get(range);
    expect([response.status, String(response.body)]).toEqual([200, '0123456789']);
  });

  it.each(['bytes=10-', 'bytes=-0'])('refuses %s, which is outside', (range) => {
    expect(get(range)).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } });
  });
});
