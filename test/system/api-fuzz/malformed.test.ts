import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, apiHarness } from '../api/api-harness.ts';
import { operations } from './document.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await apiHarness(undefined, {
    limits: { requestsPerPrincipal: 1e6, requestsPerAddress: 1e6, requestMs: 250 },
    ingest: async () => [],
  });
});
afterAll(() => api?.close());

const paths = [...new Set(operations.map(({ path }) => path))];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];

/** By Node's own client: `fetch` sends no TRACE, and mends addresses. */
function knock(method: string, path: string): Promise<{ status?: number; allow?: string; type?: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${api.token('admin')}` };
    const asked = httpRequest(`${api.url}/`, { method, path, headers }, (answer) => {
      answer.resume();
      const { allow, 'content-type': type } = answer.headers;
      resolve({ status: answer.statusCode, allow, type });
    });
    asked.on('error', reject).end();
  });
}

/** What comes back for these bytes, until the server ends the connection. */
function answerTo(bytes: string): Promise<string> {
  const { port, hostname } = new URL(api.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a path', () => {
  it.each(paths)('%s says by which methods it is asked when it is asked by another', async (path) => {
    const declared = operations.filter((operation) => operation.path === path).map(({ method }) => method);
    // Players of other origins ask first.
    const asked = path.startsWith('/watch/') ? ['OPTIONS'] : [];
    const taken = [...declared, ...asked, ...(declared.includes('GET') ? ['HEAD'] : [])];
    const other = methods.filter((method) => !taken.includes(method));
    const answers = await Promise.all(other.map((method) => knock(method, path.replace(/\{\w+\}/g, 'x'))));
    expect(answers).toEqual(
      other.map(() => ({ status: 405, allow: taken.sort().join(', '), type: 'application/problem+json' })),
    );
  });

  it.each([
    ['/v1/events/%', 400],
    ['/v1/events/%zz', 400],
    ['/v1/events/%ff', 400],
    ['/v1/events/a%2Fb', 400],
    ['/v1/events/%2e%2e', 400],
    ['/v1/events/..', 400],
    ['/v1/events/a%00', 400],
    [`/v1/events/${'a'.repeat(101)}`, 400],
    [`/v1/events/${'a'.repeat(8_000)}`, 414],
    ['/v1/events/../../etc/passwd', 404],
    ['//v1/events', 404],
    ['/v1/events;x=1', 404],
    ['*', 404],
  ])('that is malformed is a problem of the sender: %s', async (path, status) => {
    expect(await knock('GET', path)).toMatchObject({ status, type: 'application/problem+json' });
  });
});

describe('a body', () => {
  it.each([
    ['/v1/events', `{"vendorOptions":{"a":${nested(30_000)}}}`],
    ['/v1/events', nested(30_000)],
    ['/v1/schedules', `{"plan":${nested(30_000)},"spec":${nested(10)}}`],
    ['/v1/events/x/actions/stop', `{"reason":${nested(30_000)}}`],
    ['/v1/events/x/actions/extend', `{"endsAt":${nested(30_000)},"unheardOf":${nested(1_000)}}`],
  ])('nested too deep is refused (%s)', async (path, body) => {
    expect((await api.ask(path, { token: 'admin', body })).status).toBe(422);
  });

  it('with half of a pair of surrogates is refused: what were kept would be another plan', async () => {
    const plan = { eventId: 'half', vendor: 'aws-ivs', duration: '1h', title: 'a\ud83d' };
    const half = await api.ask('/v1/events', { token: 'operator', body: plan });
    expect(half.body).toMatchObject({ status: 422, problems: [{ message: expect.stringContaining('surrogates') }] });
    // The words of an escape are no escape, and a whole pair is a text.
    for (const title of ['a\\ud83d', '😀', 'a\\\\ud83d']) {
      const { body } = await api.ask('/v1/events', { token: 'operator', body: { ...plan, title, vendor: 'none' } });
      expect(JSON.stringify(body)).not.toContain('surrogates');
    }
  });

  it('is not asked for where none belongs, whatever type the sender names', async () => {
    const headers = { 'content-type': 'application/json' };
    const gone = await api.ask('/v1/schedules/none', { method: 'DELETE', token: 'admin', headers });
    expect(gone.status).toBe(404);
  });

  it('that comes too slowly is not waited for', async () => {
    const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token('operator')}\r\n`;
    const answer = await answerTo(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1.1 408 .*"status":408/s);
  });
});

describe('what is no request', () => {
  it.each([
    ['noise', 'GARBAGE\r\n\r\n', 400],
    ['a NUL in the path', 'GET /v1/\0 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['too many headers', `GET /healthz HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(6_000)}\r\n`, 431],
    ['too large a header', `GET /healthz HTTP/1.1\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
  ])('is answered so, and its connection ends: %s', async (_what, bytes, status) => {
    const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(head).toContain('connection: close');
    expect(JSON.parse(body)).toMatchObject({ status, title: 'Not valid' });
  });
});
