import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ShowcallerClient } from '../../client/client.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';

export interface MetricsDeps {
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
  /** Names of all vendors, so that a phase without events counts 0. */
  vendors: readonly string[];
  now?: () => number;
}

/** However many scrapers there are, Temporal is asked once in this time. */
const freshForMs = 15_000;
/** Each schedule takes a request of its own. */
const schedulesFreshForMs = 60_000;
const mostSchedules = 500;
const answerMs = 5_000;

/**
 * `GET /metrics` in Prometheus' text format, for viewers: what Temporal knows of events, workers, sweeps and schedules,
 * and how this process does. A value that Temporal does not give is left out; the last one is not repeated.
 */
export function metricsRoutes(deps: MetricsDeps): FastifyPluginAsync {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'showcaller_api_request_duration_seconds',
    help: 'How long requests took, by route; streams count until they end',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  });
  const refresh = temporalGauges(registry, deps);
  const routes = async (app: FastifyInstance) => {
    app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
      const route = routeOptions.url ?? 'none';
      requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    });
    const options = { config: { permission: 'viewer', tenancy: 'own' } as const, schema: { hide: true } };
    app.get('/metrics', options, async (_request, reply) => {
      await refresh();
      return reply.type(registry.contentType).send(await registry.metrics());
    });
  };
  // Requests of all routes are counted, not only of its own.
  return Object.assign(routes, { [Symbol.for('skip-override')]: true });
}

/** Gauges of what Temporal knows; returns what refreshes them. */
function temporalGauges(registry: Registry, { client, schedules, vendors, now = Date.now }: MetricsDeps) {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('showcaller_temporal_up', 'Whether Temporal answered what was last asked: 1 or 0', ['about']);
  const events = gauge('showcaller_events', 'Events that are not over', ['vendor', 'phase']);
  const workers = gauge('showcaller_workers', 'Workers that ask for the runs of the task queue', []);
  const sweptAt = gauge('showcaller_sweep_ended_timestamp_seconds', 'When the last sweep ended', []);
  const sweepFailed = gauge('showcaller_sweep_failed', 'Whether the last sweep failed: 1 or 0', []);
  const recurring = gauge('showcaller_schedules', 'Recurring shows', ['state']);
  const missed = gauge('showcaller_schedule_missed_shows', 'Shows never begun, of the schedules there are', ['why']);

  const about = (what: string, freshMs: number, clear: () => void, fill: () => Promise<void>) =>
    cached(freshMs, now, async () => {
      try {
        await client.within(answerMs, fill);
        up.set({ about: what }, 1);
      } catch {
        clear();
        up.set({ about: what }, 0);
      }
    });
  const gauges = [
    about(
      'events',
      freshForMs,
      () => events.reset(),
      async () => {
        for (const { vendor, phase, events: count } of await client.countByPhase(vendors)) {
          events.set({ vendor, phase }, count);
        }
      },
    ),
    about(
      'workers',
      freshForMs,
      () => workers.remove(),
      async () => workers.set(await client.workers()),
    ),
    about(
      'sweep',
      freshForMs,
      () => [sweptAt, sweepFailed].map((one) => one.remove()),
      async () => {
        const last = await client.lastSweep();
        if (!last) return;
        sweptAt.set(last.endedAt / 1_000);
        sweepFailed.set(last.report ? 0 : 1);
      },
    ),
    about(
      'schedules',
      schedulesFreshForMs,
      () => [recurring, missed].map((one) => one.reset()),
      async () => {
        const counted = { active: 0, paused: 0, missed: 0, skipped: 0 };
        for await (const schedule of schedules.list({ limit: mostSchedules })) {
          counted[schedule.paused ? 'paused' : 'active'] += 1;
          counted.missed += schedule.missed;
          counted.skipped += schedule.skipped;
        }
        for (const state of ['active', 'paused'] as const) recurring.set({ state }, counted[state]);
        missed.set({ why: 'nobody-ran' }, counted.missed);
        missed.set({ why: 'overlap' }, counted.skipped);
      },
    ),
  ];
  return () => Promise.all(gauges.map((refresh) => refresh()));
}

/** Runs the work at most once in that time, and once for all callers meanwhile. */
function cached(freshMs: number, now: () => number, work: () => Promise<void>): () => Promise<void> {
  let at = Number.NEGATIVE_INFINITY;
  let working: Promise<void> | undefined;
  return async () => {
    if (working === undefined && now() - at < freshMs) return;
    working ??= work().finally(() => {
      at = now();
      working = undefined;
    });
    await working;
  };
}
