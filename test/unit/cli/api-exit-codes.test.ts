import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { problemOf } from '../../../api/http/errors.ts';
import { exitCodeOf } from '../../../cli/io.ts';
import { ApiConnection } from '../../../cli/service/api-connection.ts';
import { ApiService } from '../../../cli/service/api-service.ts';
import { ApiSchedules } from '../../../cli/service/schedules.ts';
import { InvalidCursorError, InvalidPlanError, NoSuchEventError, RefusedError } from '../../../client/errors.ts';

interface Answer {
  status: number;
  kind?: string;
  detail?: string;
}

const answerTo = (error: Error): Answer => problemOf(error).facts;

/** A connection to an API that gives one answer. */
async function apiAnswering({ status, kind, detail }: Answer): Promise<ApiConnection> {
  const document = { type: `urn:showcaller:problem:${kind}`, status, detail };
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = new ApiConnection({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  onTestFinished(() => {
    api.close();
    server.close();
  });
  return api;
}

const codeOf = (work: Promise<unknown>): Promise<number> => work.then(() => 0, exitCodeOf);
const invalid = (status: number): Answer => ({ status, kind: 'invalid-request', detail: 'the field is wrong' });

it.each([
  ['a cursor that no list gave', answerTo(new InvalidCursorError())],
  ['a plan that is wrong', answerTo(new InvalidPlanError([{ path: 'title', message: 'is too long' }]))],
  ['an event that is not there', answerTo(new NoSuchEventError('final'))],
  ['a query that is wrong', invalid(400)],
  ['a body that is too large', invalid(413)],
  ['a body that is wrong', invalid(422)],
])('%s, refused by the API, ends a command with 2: the caller can correct it', async (_what, answer) => {
  const api = await apiAnswering(answer);
  const [events, schedules] = [new ApiService(api), new ApiSchedules(api)];
  const page = events.page({ cursor: 'x', limit: 50 });
  const others = [
    events.status('final'),
    events.act('stop', 'final', { reason: 'it rains' }),
    schedules.page({ limit: 50 }),
    schedules.describe('w'),
  ];
  expect(await Promise.all([page, ...others, api.get('/v1/usage')].map(codeOf))).toEqual([2, 2, 2, 2, 2, 2]);
});

it.each([
  ['an action that does not fit the event now', answerTo(new RefusedError('the event final is over'))],
  ['a token that is not known', { status: 401, kind: 'unauthenticated', detail: 'no such token' }],
  ['a token without the permission', { status: 403, kind: 'forbidden', detail: 'not allowed' }],
  ['a request that did not arrive in time', { status: 408, kind: 'invalid-request', detail: 'send it again' }],
  ['a request that came too early', { status: 425, kind: 'invalid-request', detail: 'send it again' }],
  ['too many requests', { status: 429, kind: 'too-many-requests', detail: 'wait' }],
  ['a failure of the API', { status: 500, kind: 'internal', detail: 'the server failed' }],
  ['a refusal of the vendor', { status: 502, kind: 'vendor', detail: 'refused' }],
  ['a Temporal that is away', { status: 503, kind: 'unavailable', detail: 'no answer' }],
  ['another server that has no such page', { status: 404 }],
])('%s ends a command with 1', async (_what, answer) => {
  expect(await codeOf((await apiAnswering(answer)).get('/v1/events'))).toBe(1);
});

it('an API that cannot be reached ends a command with 1', async () => {
  const api = new ApiConnection({ url: 'http://127.0.0.1:9' });
  onTestFinished(() => api.close());
  expect(await codeOf(api.get('/v1/events'))).toBe(1);
});
