import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataConverter } from '@temporalio/common';
import { type MetricsBuffer, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import { createActivities } from '../../activities/index.ts';
import type { PollerPort } from '../../activities/ports.ts';
import { ShowcallerClient } from '../../client/client.ts';
import type { Environment } from '../../domain/configuration/environment.ts';
import type { Plan } from '../../domain/plan.ts';
import { type Connected, connect } from '../../temporal/connection.ts';
import { bundleNow } from '../../worker/bundle.ts';
import type { WorkerConfig } from '../../worker/config.ts';
import { type RunningWorker, runWorker, type WorkerParts } from '../../worker/run.ts';
import { FakeVendor } from './fake-driver.ts';
import { workerConfig } from './worker-config.ts';

let quiet = false;
function quietRuntime(metrics?: MetricsBuffer): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn() {},
      error: (message, meta) => console.error(message, meta),
    },
    telemetryOptions: {
      logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} },
      ...(metrics && { metrics: { buffer: metrics } }),
    },
  });
}

export interface TestEnvironment extends Connected {
  taskQueue: string;
  showcaller: ShowcallerClient;
  native: NativeConnection;
  /** Starts a worker with these activities on the environment's own task queue. */
  work(activities: Activities): Promise<Worker>;
  /** Starts a worker that is configured like this. */
  run(config: Partial<WorkerConfig>, parts?: WorkerParts): Promise<Worker>;
  close(): Promise<void>;
}

export interface TestServer {
  address: string;
  namespace: string;
}

export interface EnvironmentOptions {
  /** What the client and the workers find in their environment. Default: that of this process. */
  env?: Environment;
  /** Default: one of its own. */
  taskQueue?: string;
  /** Default: the one that all test files share. */
  server?: TestServer;
  /** Gets what workers measure; of the first environment of a test file. */
  metrics?: MetricsBuffer;
}

/** A connection and a task queue of its own; workers started from it are shut down with it. */
export async function testEnvironment(options: EnvironmentOptions = {}): Promise<TestEnvironment> {
  quietRuntime(options.metrics);
  const { server = { address: inject('temporalAddress'), namespace: inject('temporalNamespace') } } = options;
  const connected = await connect({ ...server, env: options.env });
  const native = await NativeConnection.connect({ address: connected.address });
  const { dataConverter } = connected;
  const { taskQueue = `test-${randomUUID()}` } = options;
  const running: RunningWorker[] = [];
  const environment: TestEnvironment = {
    ...connected,
    native,
    taskQueue,
    showcaller: new ShowcallerClient(connected.client, { taskQueue }),
    async work(activities) {
      return environment.run({}, { activities: () => activities });
    },
    async run(config, parts = {}) {
      const started = await runWorker(workerConfig({ taskQueue, ...config }), {
        runtime: { warn: () => {} },
        connected: { ...connected, connection: native },
        bundle: await bundleFor(dataConverter),
        ...parts,
      });
      running.push(started);
      return started.worker;
    },
    async close() {
      await Promise.allSettled(running.map((worker) => worker.stop()));
      await native.close();
      await connected.connection.close();
    },
  };
  return environment;
}

let encodedFailures: Promise<{ code: string }> | undefined;

/** Where failures are encrypted the workflows are bundled for it, once for each file of tests. */
function bundleFor({ failureConverterPath }: DataConverter): { code: string } | Promise<{ code: string }> {
  if (!failureConverterPath) return { code: inject('workflowCode') };
  encodedFailures ??= bundleNow(failureConverterPath);
  return encodedFailures;
}

/** Waits take this share of their usual time in tests of the workflow. */
export const testTimeScale = 0.02;

/** A vendor in memory and the activities that speak to it. */
export function fakeVendor(poller?: PollerPort): { vendor: FakeVendor; activities: Activities } {
  const vendor = new FakeVendor();
  const activities = createActivities({
    driver: async (_vendor, account) => vendor.driver(account),
    accounts: () => ['default', 'poller-test'],
    secrets: () => [],
    timeScale: testTimeScale,
    proofGraceMs: 5000,
    poller,
  });
  return { vendor, activities };
}

let events = 0;
/** A plan for a show that starts now; every test names an event of its own. */
export function planFor(overrides: Partial<Plan> = {}): Plan & { eventId: string } {
  events += 1;
  return {
    eventId: `t-${randomUUID().slice(0, 8)}-${events}`,
    vendor: 'alibaba-oss',
    duration: '6s',
    warmUp: '1s',
    startLead: '1s',
    waits: { firstConnect: '5s', encoderLost: '1s' },
    ...overrides,
  };
}

const lookAgainMs = 25;

/** Waits for a condition; what never comes is reported by the test's own time limit. */
export async function until<T>(condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value as T;
    await pause(lookAgainMs);
  }
}
