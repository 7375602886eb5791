import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import { createAuth } from '../../../api/auth/auth.ts';
import { metricsRoutes } from '../../../api/routes/metrics.ts';
import { createApi } from '../../../api/server.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { sweepNow } from '../../../client/sweep.ts';
import { phases } from '../../../domain/phases.ts';
import { driverContext } from '../../support/accounts.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { samplesOf, total } from './exposition.ts';

const vendors = ['aws-ivs', 'alibaba-oss'];

describe('the metrics of the API', () => {
  let env: TestEnvironment;
  let clock = 0;

  const appOf = async (client: TestEnvironment['showcaller']) => {
    const app = Fastify();
    const schedules = new ShowcallerSchedules(env.client, { taskQueue: env.taskQueue });
    app.decorateRequest('scope', null);
    app.addHook('onRequest', async (request) => {
      request.scope = { client, schedules };
    });
    app.get('/elsewhere', async () => 'x');
    await app.register(metricsRoutes({ client, schedules, vendors, now: () => clock }));
    return app;
  };

  beforeAll(async () => {
    env = await testEnvironment();
  });
  afterAll(() => env.close());

  it('count the events that are not over, by vendor and phase, zeros too', async () => {
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    const plan = planFor({ vendor: 'alibaba-oss', startsAt, warmUp: '1m', startLead: '1m' });
    const app = await appOf(env.showcaller);
    const scheduled = async () => {
      clock += 60_000;
      return total((await app.inject('/metrics')).body, 'showcaller_events', {
        vendor: 'alibaba-oss',
        phase: 'scheduled',
      });
    };
    await env.showcaller.start(plan);
    const asked = `WorkflowType = 'liveEvent' AND ExecutionStatus = 'Running' AND ShowcallerVendor = 'alibaba-oss'`;
    // Other tests start and end events meanwhile.
    await until(async () => {
      const { count } = await env.client.workflow.count(`${asked} AND ShowcallerPhase = 'scheduled'`);
      return count > 0 && (await scheduled()) === count;
    });
    const samples = samplesOf((await app.inject('/metrics')).body).filter(({ name }) => name === 'showcaller_events');
    const over = ['completed', 'failed', 'cancelled'];
    expect(samples).toHaveLength(vendors.length * (phases.length - over.length));
    await env.client.workflow.getHandle(`live-event/${plan.eventId}`).terminate('the test is over');
    await app.close();
  });

  it('ask Temporal once for all who scrape within a quarter of a minute', async () => {
    let asked = 0;
    const counting = Object.create(env.showcaller, {
      within: { value: (_ms: number, work: () => Promise<void>) => work() },
      countByPhase: {
        value: async () => {
          asked += 1;
          return [];
        },
      },
      workers: { value: async () => 1 },
      lastSweep: { value: async () => undefined },
    });
    const app = await appOf(counting);
    await Promise.all([app.inject('/metrics'), app.inject('/metrics')]);
    clock += 14_000;
    await app.inject('/metrics');
    expect(asked).toBe(1);
    clock += 2_000;
    await app.inject('/metrics');
    expect(asked).toBe(2);
    await app.close();
  });

  it('say that Temporal is silent, and forget what it said before', async () => {
    let silent = false;
    const failing = Object.create(env.showcaller, {
      within: {
        value: async (_ms: number, work: () => Promise<void>) => {
          if (silent) throw new Error('no answer');
          await work();
        },
      },
      countByPhase: { value: async () => [{ vendor: 'aws-ivs', phase: 'live', events: 3 }] },
      workers: { value: async () => 2 },
      lastSweep: { value: async () => ({ workflowId: 'w', startedAt: 1, endedAt: 2_000, problem: 'x' }) },
    });
    const app = await appOf(failing);
    const heard = (await app.inject('/metrics')).body;
    expect(total(heard, 'showcaller_workers')).toBe(2);
    expect(total(heard, 'showcaller_sweep_failed')).toBe(1);
    expect(total(heard, 'showcaller_temporal_up', { about: 'events' })).toBe(1);
    silent = true;
    clock += 120_000;
    const unheard = (await app.inject('/metrics')).body;
    expect(total(unheard, 'showcaller_temporal_up')).toBe(0);
    for (const gone of ['showcaller_events', 'showcaller_workers', 'showcaller_sweep_ended_timestamp_seconds']) {
      expect(total(unheard, gone)).toBeUndefined();
    }
    await app.close();
  });

  it('count requests to every route, by the route and not by the address', async () => {
    const app = await appOf(env.showcaller);
    await app.inject('/elsewhere?secret=1');
    await app.inject('/not/there/42');
    const { body } = await app.inject('/metrics');
    const count = 'showcaller_api_request_duration_seconds_count';
    expect(total(body, count, { route: '/elsewhere', status: '200' })).toBe(1);
    expect(total(body, count, { status: '404' })).toBe(1);
    expect(body).not.toContain('secret');
    expect(body).not.toContain('not/there');
    await app.close();
  });

  it('are for tokens that may view, behind the authorization of the API', async () => {
    const schedules = new ShowcallerSchedules(env.client, { taskQueue: env.taskQueue });
    const metrics = metricsRoutes({ client: env.showcaller, schedules, vendors });
    const auth = createAuth(async (token) => ({ name: token, permissions: [token === 'v' ? 'viewer' : 'ingest'] }));
    const app = await createApi({ client: env.showcaller, schedules, auth, metrics });
    const asked = async (headers: Record<string, string>) =>
      (await app.inject({ method: 'GET', url: '/metrics', headers })).statusCode;
    expect(await asked({})).toBe(401);
    expect(await asked({ authorization: 'Bearer i' })).toBe(403);
    expect(await asked({ authorization: 'Bearer v' })).toBe(200);
    await app.inject('/v1/events');
    const { body } = await app.inject({ method: 'GET', url: '/metrics', headers: { authorization: 'Bearer v' } });
    expect(total(body, 'showcaller_api_request_duration_seconds_count', { route: '/v1/events', status: '401' })).toBe(
      1,
    );
    await app.close();
  });

  it('know the last sweep, and so does the client', async () => {
    const activities = createActivities({
      http: driverContext.http,
      driver: () => Promise.reject(new Error('there is no account')),
      accounts: () => [],
      secrets: () => [],
      timeScale: 1,
      proofGraceMs: 1_000,
      allAccounts: () => [],
    });
    await env.work(activities);
    const startedAt = Date.now();
    await sweepNow(env.client, { taskQueue: env.taskQueue });
    const last = await until(async () => {
      const found = await env.showcaller.lastSweep();
      return found?.report && found.endedAt >= startedAt - 1_000 && found;
    });
    expect(last.report?.dryRun).toBe(false);
    await sweepNow(env.client, { taskQueue: env.taskQueue, dryRun: true });
    expect((await env.showcaller.lastSweep())?.report?.dryRun).not.toBe(true);
  });
});
