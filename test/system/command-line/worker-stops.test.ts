import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../../temporal/dev-server/embedded-server.ts';
import { freePort } from '../../../temporal/dev-server/free-port.ts';
import { connectionFlags, type WorkerProcess, workerProcess } from '../../support/processes.ts';
import { type Show, ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';

/** What an orchestrator gives a worker before it kills it; `terminationGracePeriodSeconds` of the chart is longer. */
const graceMs = 55_000;
const vendor = 'alibaba-oss';

async function ask(port: number, path: string): Promise<string> {
  // A connection that was kept may be closed by the server just as it is used again.
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  return `${answer.status} ${(await answer.text()).trim()}`;
}

async function stopIn(worker: WorkerProcess) {
  const startedAt = performance.now();
  const code = await worker.stop();
  return { code, ms: performance.now() - startedAt };
}

describe('a worker that gets SIGTERM while the vendor is answering', () => {
  let harness: ShowHarness;
  let worker: WorkerProcess;
  let show: Show;
  const seen = { before: '', alive: '', ready: '' };
  let stopped: { code: number | null; ms: number };

  beforeAll(async () => {
    harness = await ShowHarness.open({ vendors: [vendor] });
    const port = await freePort();
    worker = await workerProcess(harness, ['--health-port', String(port)]);
    await until(async () => (await ask(port, '/readyz')) === '200 polling');
    seen.before = await ask(port, '/readyz');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    harness.simulators.kit.replace = async ({ operation }, serve) => {
      const answer = await serve();
      // The preflight asks for it too, in a way that the vendor refuses.
      if (operation === 'PutLiveChannel' && answer.status < 300) await released;
      return answer;
    };
    show = await harness.show(vendor);
    await until(() => harness.channelsMade(vendor) === 1);
    const stopping = stopIn(worker);
    await until(async () => {
      seen.ready = await ask(port, '/readyz');
      return seen.ready.startsWith('503');
    });
    seen.alive = await ask(port, '/healthz');
    release();
    stopped = await stopping;
  });

  afterAll(async () => {
    await worker?.kill();
    await harness?.env.client.workflow.getHandle(`live-event/${show.eventId}`).terminate('the test is over');
    await harness?.close();
  });

  it('ends by itself, with 0, before it would be killed', () => {
    expect(stopped.code).toBe(0);
    expect(stopped.ms).toBeLessThan(graceMs);
  });

  it('gives the answer to Temporal: nothing is asked again', async () => {
    const { raw } = await show.history();
    const events = raw.events ?? [];
    const scheduled = events.find(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'allocate',
    );
    const isOfStep = ({ scheduledEventId }: { scheduledEventId?: unknown }) =>
      String(scheduledEventId) === String(scheduled?.eventId);
    const started = events.flatMap(({ activityTaskStartedEventAttributes: attempt }) => attempt ?? []).filter(isOfStep);
    const completed = events.flatMap(({ activityTaskCompletedEventAttributes: result }) => result ?? []);
    expect(completed.filter(isOfStep)).toHaveLength(1);
    expect(started.map(({ attempt, lastFailure }) => ({ attempt, lastFailure }))).toEqual([
      { attempt: 1, lastFailure: null },
    ]);
    const made = harness
      .calls(vendor)
      .filter(({ operation, status }) => operation === 'PutLiveChannel' && status < 300);
    expect(made).toHaveLength(1);
    expect(harness.channelsMade(vendor)).toBe(1);
  });

  it('says that it is ready while it takes work, and only that it is alive afterwards', () => {
    expect(seen).toEqual({ before: '200 polling', alive: '200 alive', ready: expect.stringContaining('DRAINING') });
  });
});

describe('a worker whose Temporal is gone', () => {
  let harness: ShowHarness;
  let server: EmbeddedServer;

  beforeAll(async () => {
    harness = await ShowHarness.open({ vendors: [vendor] });
    server = await startEmbeddedServer({ log() {} });
  });
  afterAll(async () => {
    await server?.stop();
    await harness?.close();
  });

  it('is alive but not ready, and still ends at SIGTERM', async () => {
    const port = await freePort();
    const flags = [...connectionFlags(harness), '--address', server.address, '--namespace', server.namespace];
    const worker = await workerProcess(harness, [...flags, '--health-port', String(port)]);
    await until(async () => (await ask(port, '/readyz')) === '200 polling');
    await server.stop();
    expect(await ask(port, '/readyz')).toBe('503 Temporal does not answer');
    expect(await ask(port, '/healthz')).toBe('200 alive');
    const { code, ms } = await stopIn(worker);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(graceMs);
  });
});
