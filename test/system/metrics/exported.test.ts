import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuth } from '../../../api/auth/auth.ts';
import { metricsRoutes } from '../../../api/routes/metrics.ts';
import { createApi } from '../../../api/server.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { sweepNow } from '../../../client/sweep.ts';
import type { OnAirState } from '../../../domain/on-air.ts';
import { freePort } from '../../../temporal/dev-server/free-port.ts';
import { type OtlpCollector, startOtlpCollector } from '../../support/otlp-collector.ts';
import { type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { type Show, ShowHarness } from '../../support/show-harness.ts';
import { planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { namesIn, samplesOf, total } from './exposition.ts';
import { metricsIn, queries } from './promql.ts';
import { promtool } from './promtool.ts';

/** It lists, so that a poller runs too. */
const vendor = 'aws-ivs';
const owner = { vendor, account: 'default' };
const another = 'alibaba-oss';

/** A show with a loss, a throttled step and a sweep, on a worker of its own; and what it exported. */
describe('what a worker and the API export of a show', () => {
  let harness: ShowHarness;
  let collector: OtlpCollector;
  let worker: WorkerProcess;
  let show: Show;
  let runId: string;
  let ofWorker: string;
  let ofApi: string;
  /** While an event has no encoder. */
  let inTrouble: string;
  let stopped: number | null;

  beforeAll(async () => {
    collector = await startOtlpCollector();
    harness = await ShowHarness.open({
      vendors: [vendor, another],
      // Pollers of other files would look at these shows too.
      server: 'own',
      settings: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }),
    });
    const address = `127.0.0.1:${await freePort()}`;
    worker = await workerProcess(harness, ['--metrics', address]);
    harness.simulators.kit.faults.add(vendor, { operation: 'CreateStreamKey', kind: 'throttle', times: 1 });
    show = await harness.show(vendor);
    // Its budget is in the metrics before it has cost anything.
    const later = planFor({ vendor: another, startsAfter: '1h' });
    const acme = harness.env.showcaller.forTenant('acme');
    await acme.start(later);
    const waited = await harness.show(another, { waits: { firstConnect: '20s' } });
    const scrapedInTrouble = until(async () => {
      const text = await scrapedFromApi(harness);
      return namesIn(text).has('showcaller_event_condition_since_timestamp_seconds') && text;
    });
    const encoder = await show.airs(1_000);
    const viewersGet = (state: OnAirState) =>
      until(async () => (await harness.env.showcaller.status(show.eventId)).onAir?.state === state);
    await viewersGet('on-air');
    harness.simulators.kit.faults.add(vendor, { operation: '*', kind: 'freeze' });
    await viewersGet('frozen');
    harness.simulators.kit.faults.clear(vendor);
    await viewersGet('on-air');
    await encoder.drop();
    await show.reaches('encoder-lost');
    await show.connect();
    await show.reaches('live');
    await show.stopNow();
    await Promise.all([show.result(), waited.result()]);
    inTrouble = await scrapedInTrouble;
    const { client, taskQueue } = harness.env;
    ({ runId } = await client.workflow.getHandle(`live-event/${show.eventId}`).describe());
    await sweepNow(client, { taskQueue, graceMs: 0 });
    const stuck = await client.workflow.start('noSuchType', { taskQueue, workflowId: `stuck-${show.eventId}` });
    const scraped = async () => (await fetch(`http://${address}/metrics`)).text();
    ofWorker = await until(async () => {
      const text = await scraped();
      const names = namesIn(text);
      const last = ['temporal_workflow_task_execution_failed_total', 'showcaller_viewer_gap_seconds_bucket'];
      return last.every((name) => names.has(name)) && text;
    });
    await stuck.terminate('it was there to be stuck');
    ofApi = await until(async () => {
      const text = await scrapedFromApi(harness);
      return namesIn(text).has('showcaller_sweep_ended_timestamp_seconds') && text;
    });
    await acme.cancel(later.eventId);
    stopped = await worker.stop();
  });

  afterAll(async () => {
    await worker?.kill();
    await harness?.close();
    await collector?.close();
  });

  it('holds every metric that an alert or a panel asks for', () => {
    const exported = new Set([...namesIn(ofWorker), ...namesIn(ofApi), ...namesIn(inTrouble)]);
    const asked = queries().flatMap(({ by, expr }) => metricsIn(expr).map((metric) => `${metric} (${by})`));
    expect(asked.length).toBeGreaterThan(40);
    expect(asked.filter((metric) => !exported.has(metric.split(' ')[0] ?? ''))).toEqual([]);
  });

  it('is named as Prometheus wants it', async (context) => {
    const check = await promtool();
    if (!check) return context.skip('there is no promtool');
    for (const text of [ofWorker, ofApi]) {
      const ours = text.replace(/^(# \w+ )?(temporal|nodejs|process)_.*\n/gm, '');
      const { output } = await check(['check', 'metrics'], ours);
      // The SDK puts labels of its own, `taskQueue` and `workflowType`, on the metrics of runs.
      expect(output.split('\n').filter((line) => line !== '' && !line.endsWith("not 'camelCase'"))).toEqual([]);
    }
  });

  it('counts what happened', () => {
    const calls = 'showcaller_vendor_calls_total';
    expect(total(ofWorker, calls, { ...owner, operation: 'CreateStreamKey', outcome: 'throttled' })).toBe(1);
    expect(total(ofWorker, calls, { ...owner, operation: 'CreateStreamKey', outcome: 'ok' })).toBe(1);
    const attempts = 'showcaller_step_attempts_total';
    expect(total(ofWorker, attempts, { ...owner, step: 'start', outcome: 'throttled' })).toBe(1);
    for (const step of ['allocate', 'start', 'stop', 'publishVod', 'cleanUp']) {
      expect(total(ofWorker, attempts, { ...owner, step, outcome: 'done' })).toBe(1);
    }
    expect(total(ofWorker, 'showcaller_encoder_losses_total', owner)).toBe(1);
    expect(total(ofWorker, 'showcaller_vod_proofs_total', { ...owner, proved: 'true' })).toBe(1);
    const ended = 'showcaller_events_ended_total';
    expect(total(ofWorker, ended, { ...owner, end_reason: 'stopped-by-operator' })).toBe(1);
    expect(total(ofWorker, ended, { vendor: another, end_reason: 'encoder-never-connected' })).toBe(1);
    expect(total(ofWorker, 'showcaller_sweep_releases_total', { ...owner, outcome: 'released' })).toBe(0);
    expect(total(ofWorker, 'showcaller_sweep_orphans', owner)).toBe(0);
  });

  it('names no event and no secret: there are few series', () => {
    const exported = `${ofWorker}${ofApi}`;
    expect(exported).not.toContain(show.eventId);
    for (const secret of [...harness.keys, ...harness.accounts.secrets()]) expect(exported).not.toContain(secret);
    const series = samplesOf(ofWorker).filter(({ name }) => name.startsWith('showcaller_') && !/_bucket$/.test(name));
    expect(series.length).toBeLessThan(300);
  });

  it('logs whose step failed, in JSON, with the event, the run and the attempt', () => {
    const lines = worker
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    const failed = lines.map((line) => JSON.parse(line)).find(({ errorType }) => errorType === 'throttled');
    expect(failed, worker.stderr()).toMatchObject({
      level: 'WARN',
      eventId: show.eventId,
      workflowId: `live-event/${show.eventId}`,
      runId,
      vendor,
      account: 'default',
      activityType: 'start',
      // A slow machine may have failed one before it.
      attempt: expect.any(Number),
    });
    for (const secret of [...harness.keys, ...harness.accounts.secrets()])
      expect(worker.stderr()).not.toContain(secret);
  });

  it('ends by itself at SIGTERM, and sends what it has not sent yet', () => {
    expect(stopped, worker.stderr()).toBe(0);
    expect(worker.stderr()).not.toContain('traces: ');
  });

  it('sends the show as one trace, whose id is the id of its run', () => {
    const traceId = runId.replaceAll('-', '');
    const spans = collector.spans.filter((span) => span.attributes['showcaller.event_id'] === show.eventId);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const trace = collector.spans.filter((span) => span.traceId === traceId);
    const roots = trace.filter(({ parentId }) => parentId === '');
    expect(roots.map(({ name }) => name)).toEqual(['liveEvent']);
    const known = new Set(trace.map(({ spanId }) => spanId));
    expect(trace.filter(({ parentId }) => parentId !== '' && !known.has(parentId))).toEqual([]);
    const steps = trace.filter(({ parentId }) => parentId === roots[0]?.spanId).map(({ name }) => name);
    expect(steps).toEqual(expect.arrayContaining(['preparePlan', 'allocate', 'start', 'watchEncoder', 'cleanUp']));
  });

  it('puts the calls to the vendor under their step', () => {
    const start = collector.spans.filter(
      (span) => span.name === 'start' && span.attributes['showcaller.vendor'] === vendor,
    );
    const outcomes = start.map(({ attributes }) => attributes['showcaller.outcome']);
    expect(outcomes, worker.stderr()).toEqual(expect.arrayContaining(['done', 'throttled']));
    const under = new Set(start.map(({ spanId }) => spanId));
    const calls = collector.spans.filter(({ name }) => name === `${vendor} CreateStreamKey`);
    expect(calls).toHaveLength(2);
    for (const call of calls) expect(under.has(call.parentId)).toBe(true);
    for (const secret of [...harness.keys, ...harness.accounts.secrets()]) {
      expect(collector.bodies.some((body) => body.includes(secret))).toBe(false);
    }
  });
});

async function scrapedFromApi({ env }: ShowHarness): Promise<string> {
  const client = env.showcaller;
  const schedules = new ShowcallerSchedules(env.client, { taskQueue: env.taskQueue });
  const metrics = metricsRoutes({
    ...{ client, schedules, vendors: [vendor, another] },
    budgetOf: () => ({ minutes: 600, onLimit: 'warn' }),
    tokens: { isWhole: () => true, refusesAll: () => false },
  });
  const app = await createApi({ client, schedules, auth: openAuth, metrics });
  try {
    await app.inject('/metrics');
    return (await app.inject('/metrics')).body;
  } finally {
    await app.close();
  }
}
