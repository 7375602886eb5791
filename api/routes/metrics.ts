import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { billedMinutes } from '../../client/billed-minutes.ts';
import type { ShowcallerClient } from '../../client/client.ts';
import { undefinedIfRefused } from '../../client/errors.ts';
import { Overview } from '../../client/overview.ts';
import { runningEvents } from '../../client/running-events.ts';
import type { ShowcallerSchedules } from '../../client/schedules/schedules.ts';
import { spentBudgets } from '../../client/spent-budgets.ts';
import { monthOf } from '../../domain/usage/month.ts';
import type { PriceList } from '../../domain/usage/prices.ts';
import type { BudgetOf } from '../../plan/budgets.ts';
import { atMostEvery } from '../../temporal/at-most-every.ts';
import { ByTenant } from '../auth/by-tenant.ts';
import { scopeOf } from '../auth/tenancy.ts';
import type { CountedDelivery } from '../counted-delivery.ts';
import type { TokenFileState } from '../deps.ts';

export interface MetricsDeps {
  client: ShowcallerClient;
  schedules: ShowcallerSchedules;
  /** Names of all vendors, so that a phase without events counts 0. */
  vendors: readonly string[];
  vendorEvents?: CountedDelivery['counts'];
  tokens?: TokenFileState;
  budgetOf?: BudgetOf;
  prices?: PriceList;
  /** Milliseconds of a monotonic clock. */
  now?: () => number;
}

/** However many scrapers there are, Temporal is asked once in this time. */
const freshForMs = 15_000;
/** Each schedule takes a request of its own. */
const schedulesFreshForMs = 60_000;
const mostSchedules = 500;
const schedulesAtOnce = 100;
const answerMs = 5_000;
/** A scrape must not wait for runs that do not answer. */
const runAnswersMs = 2_000;
/** Those whose conditions are known. */
const mostEvents = 200;
const usageFreshForMs = 60_000;
/** At most so many series of usage; the rest is summed under the tenant `(others)`. */
const mostBilled = 500;
/** Of so many tenants the last values are kept; each takes some ten kilobytes. */
const mostTenants = 1_000;

/**
 * `GET /metrics` in Prometheus' text format, for viewers: what Temporal knows of events, workers, sweeps and schedules,
 * and how this process does. A value that Temporal does not give is left out; the last one is not repeated. A caller of one tenant gets its own events and schedules alone.
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
  const { tokens, vendorEvents } = deps;
  if (vendorEvents)
    new Counter({
      name: 'showcaller_api_vendor_events_total',
      help: 'Vendor events of webhooks and queues, by what came of them; of a request that Temporal did not answer, none',
      labelNames: ['vendor', 'outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [vendor, counts] of vendorEvents)
          for (const [outcome, count] of Object.entries(counts)) this.inc({ vendor, outcome }, count);
      },
    });
  if (tokens)
    new Gauge({
      name: 'showcaller_api_token_file_ok',
      help: 'Whether every entry of the token file counts: 1, or 0 while the file is gone, no list, or has a wrong entry',
      registers: [registry],
      collect() {
        this.set(tokens.isWhole() ? 1 : 0);
      },
    });
  const refresh = temporalGauges(registry, deps, [
    eventGauges,
    conditionGauges,
    workerGauges,
    sweepGauges,
    scheduleGauges,
    usageGauges,
  ]);
  const ofTenant = new ByTenant((tenant) => {
    const own = new Registry();
    const [client, schedules] = [deps.client.forTenant(tenant), deps.schedules.forTenant(tenant)];
    return {
      registry: own,
      refresh: temporalGauges(own, { ...deps, client, schedules }, [
        eventGauges,
        conditionGauges,
        scheduleGauges,
        usageGauges,
      ]),
    };
  }, mostTenants);
  const routes = async (app: FastifyInstance) => {
    app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
      const route = routeOptions.url ?? 'none';
      requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    });
    const options = { config: { permission: 'viewer', tenancy: 'own' } as const, schema: { hide: true } };
    app.get('/metrics', options, async (request, reply) => {
      const { tenant } = scopeOf(request);
      const metrics = tenant === undefined ? { registry, refresh } : ofTenant.of(tenant);
      await metrics.refresh();
      return reply.type(registry.contentType).send(await metrics.registry.metrics());
    });
  };
  // Requests of all routes are counted, not only of its own.
  return Object.assign(routes, { [Symbol.for('skip-override')]: true });
}

/** Gauges that are read from Temporal: how they are emptied, and how their values are read. */
interface Gauges {
  about: string;
  freshMs: number;
  clear: () => void;
  fill: () => Promise<void>;
}

type Make = <L extends string>(name: string, help: string, labelNames: readonly L[]) => Gauge<L>;
type MakeGauges = (make: Make, deps: MetricsDeps) => Gauges;

/** Registers these gauges; returns what refreshes them. */
function temporalGauges(registry: Registry, deps: MetricsDeps, made: readonly MakeGauges[]): () => Promise<unknown> {
  const { client, now } = deps;
  const make: Make = (name, help, labelNames) => new Gauge({ name, help, labelNames, registers: [registry] });
  const up = make('showcaller_temporal_up', 'Whether Temporal answered what was last asked: 1 or 0', ['about']);
  const refreshes = made.map((one) => {
    const { about, freshMs, clear, fill } = one(make, deps);
    const refresh = async () => {
      try {
        await client.within(answerMs, fill);
        up.set({ about }, 1);
      } catch {
        clear();
        up.set({ about }, 0);
      }
    };
    return atMostEvery(freshMs, refresh, now);
  });
  return () => Promise.all(refreshes.map((refresh) => refresh()));
}

const eventGauges: MakeGauges = (make, { client, vendors }) => {
  const events = make('showcaller_events', 'Events that are not over', ['vendor', 'phase']);
  return {
    about: 'events',
    freshMs: freshForMs,
    clear: () => events.reset(),
    fill: async () => {
      for (const { vendor, phase, events: count } of await client.countByPhase(vendors)) {
        events.set({ vendor, phase }, count);
      }
    },
  };
};

/** By event: only those with which something is wrong have a series, so that there are few. */
const conditionGauges: MakeGauges = (make, { client }) => {
  const since = make(
    'showcaller_event_condition_since_timestamp_seconds',
    'Since when something is wrong with an event, by what it is; absent while nothing is',
    ['event', 'tenant', 'vendor', 'account', 'condition'],
  );
  const cut = make('showcaller_event_conditions_cut', 'Whether more events run than are looked at: 1 or 0', []);
  const overview = new Overview(client, runAnswersMs, runAnswersMs);
  return {
    about: 'conditions',
    freshMs: freshForMs,
    clear: () => {
      since.reset();
      cut.remove();
    },
    fill: async () => {
      const running = await runningEvents(client, mostEvents);
      const { events } = await overview.look(running.events);
      since.reset();
      cut.set(running.hasMore ? 1 : 0);
      for (const { summary, conditions } of events) {
        const { eventId: event, tenant = '', vendor = '', account = '' } = summary;
        for (const { name, since: at } of conditions)
          since.set({ event, tenant, vendor, account, condition: name }, at / 1_000);
      }
    },
  };
};

/** A month of UTC. Each run that is over is read once. */
const usageGauges: MakeGauges = (make, { client, budgetOf, prices }) => {
  const labels = ['tenant', 'vendor', 'account', 'resource', 'state'] as const;
  const billed = make('showcaller_billed_seconds', 'Seconds that vendors billed in this month of UTC', labels);
  const share = make('showcaller_tenant_budget_used_ratio', 'What is used of the budget of this month; 1 is all', [
    'tenant',
    'unit',
  ]);
  return {
    about: 'usage',
    freshMs: usageFreshForMs,
    clear: () => {
      billed.reset();
      share.reset();
    },
    fill: async () => {
      // More than are read: there are none of these metrics, and Temporal answers all the same.
      const month = await client.usageOfMonth(monthOf(Date.now())).catch(undefinedIfRefused);
      billed.reset();
      share.reset();
      if (!month) return;
      for (const { minutes, ...of } of billedMinutes(month, mostBilled)) billed.set(of, minutes * 60);
      if (!budgetOf) return;
      for (const { tenant, unit, used, limit } of spentBudgets(month, { budgetOf, prices }).slice(0, mostBilled))
        share.set({ tenant, unit }, used / limit);
    },
  };
};

const workerGauges: MakeGauges = (make, { client }) => {
  const workers = make('showcaller_workers', 'Workers that ask for the runs of the task queue', []);
  return {
    about: 'workers',
    freshMs: freshForMs,
    clear: () => workers.remove(),
    fill: async () => workers.set(await client.workers()),
  };
};

const sweepGauges: MakeGauges = (make, { client }) => {
  const sweptAt = make('showcaller_sweep_ended_timestamp_seconds', 'When the last sweep ended', []);
  const sweepFailed = make('showcaller_sweep_failed', 'Whether the last sweep failed: 1 or 0', []);
  return {
    about: 'sweep',
    freshMs: freshForMs,
    clear: () => {
      for (const gauge of [sweptAt, sweepFailed]) gauge.remove();
    },
    fill: async () => {
      const last = await client.lastSweep();
      if (!last) return;
      sweptAt.set(last.endedAt / 1_000);
      sweepFailed.set(last.report ? 0 : 1);
    },
  };
};

const scheduleGauges: MakeGauges = (make, { schedules }) => {
  const recurring = make('showcaller_schedules', 'Recurring shows', ['state']);
  const cut = make('showcaller_schedules_cut', 'Whether there are more schedules than are counted: 1 or 0', []);
  const missedShows = make('showcaller_schedule_missed_shows', 'Shows never begun, of the schedules there are', [
    'why',
  ]);
  return {
    about: 'schedules',
    freshMs: schedulesFreshForMs,
    clear: () => {
      recurring.reset();
      cut.remove();
      missedShows.reset();
    },
    fill: async () => {
      const counted = { active: 0, paused: 0, unreadable: 0 };
      const neverBegun = { 'nobody-ran': 0, overlap: 0 };
      // A full page names a next one also where that is empty: only one schedule more shows that there are more.
      let left = mostSchedules + 1;
      let cursor: string | undefined;
      do {
        const page = await schedules.page({ limit: Math.min(left, schedulesAtOnce), cursor });
        const { schedules: found, unreadable = [] } = page;
        for (const { paused, missed, skipped } of found) {
          counted[paused ? 'paused' : 'active'] += 1;
          neverBegun['nobody-ran'] += missed;
          neverBegun.overlap += skipped;
        }
        counted.unreadable += unreadable.length;
        left -= found.length + unreadable.length;
        cursor = page.cursor;
      } while (cursor !== undefined && left > 0);
      for (const [state, count] of Object.entries(counted)) recurring.set({ state }, count);
      for (const [why, count] of Object.entries(neverBegun)) missedShows.set({ why }, count);
      cut.set(left > 0 ? 0 : 1);
    },
  };
};
