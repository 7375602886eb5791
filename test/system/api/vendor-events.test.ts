import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuth } from '../../../api/auth/auth.ts';
import type { Api } from '../../../api/deps.ts';
import { vendorEventRoutes } from '../../../api/routes/vendor-events.ts';
import { createApi } from '../../../api/server.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { gridEvent } from '../../support/event-grid-catalogue.ts';
import { Letterbox, token } from '../../support/vendor-events-harness.ts';

let env: TestEnvironment;
let api: Api;
const box = new Letterbox();

beforeAll(async () => {
  env = await testEnvironment();
  const hash = createHash('sha256').update(token).digest('hex');
  api = await createApi({
    client: env.showcaller,
    schedules: new ShowcallerSchedules(env.client),
    auth: createAuth(async (given) =>
      createHash('sha256').update(given).digest('hex') === hash
        ? { name: 'event-grid', permissions: ['hook'] }
        : undefined,
    ),
    vendorEvents: vendorEventRoutes({ delivery: box }),
  });
});
afterAll(async () => {
  await api.close();
  await env.close();
});

const url = `/hooks/azure-media-services?token=${token}`;
const post = (to: string, body: unknown) =>
  api.inject({
    method: 'POST',
    url: to,
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    payload: JSON.stringify(body),
  });

describe('the hooks of the API', () => {
  it('take a whole batch, larger than any other body may be', async () => {
    const event = gridEvent('LiveEventEncoderConnected', { encoderIp: '::1' }, { subject: 'liveEvent/sc-show' });
    const padded = { ...event, data: { ...(event.data as object), padding: 'x'.repeat(900_000) } };
    const answer = await post(url, [padded]);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { delivered: 1, told: 1, known: 0, unknown: 0, malformed: 0, dropped: 0, notLookedUp: 0, ignored: 0 },
    ]);
  });

  it('shake hands, and answer failures as every route does', async () => {
    const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
    const granted = await api.inject({ method: 'OPTIONS', url, headers });
    expect([granted.statusCode, granted.headers['webhook-allowed-origin']]).toEqual([200, 'eventgrid.azure.net']);
    const refused = await post('/hooks/azure-media-services', []);
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    box.failing = true;
    const later = await post(url, []);
    expect([later.statusCode, later.headers['content-type']]).toEqual([
      503,
      expect.stringContaining('application/problem+json'),
    ]);
    box.failing = false;
  });

  it('leave the other routes as they are: a hook token is refused by all of them', async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect((await api.inject({ method: 'GET', url: '/v1/events', headers })).statusCode).toBe(403);
  });
});
