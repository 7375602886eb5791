import { randomUUID } from 'node:crypto';
import type { DataConverter } from '@temporalio/common';
import { type MetricsBuffer, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import { ShowcallerClient } from '../../client/client.ts';
import type { Environment } from '../../domain/configuration/environment.ts';
import { type Connected, connect } from '../../temporal/connection.ts';
import { startEmbeddedServer } from '../../temporal/dev-server/embedded-server.ts';
import { bundleNow } from '../../worker/bundle-now.ts';
import type { WorkerConfig } from '../../worker/config.ts';
import { type RunningWorker, runWorker, type WorkerParts } from '../../worker/run.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
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
  /**
   * Default: the one that all test files share. `own`: one of its own, for what looks at all events there are: those that other
   * files left without a worker would each be waited for.
   */
  server?: TestServer | 'own';
  /** Gets what workers measure; of the first environment of a test file. */
  metrics?: MetricsBuffer;
}

/** A connection and a task queue of its own; workers started from it are shut down with it. */
export async function testEnvironment(options: EnvironmentOptions = {}): Promise<TestEnvironment> {
  quietRuntime(options.metrics);
  const own = options.server === 'own' ? await ownServer() : undefined;
  const shared = () => ({ address: inject('temporalAddress'), namespace: inject('temporalNamespace') });
  const { address, namespace } =
    own ?? (options.server === undefined || options.server === 'own' ? shared() : options.server);
  const connected = await connect({ address, namespace, env: options.env });
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
      await own?.stop();
    },
  };
  return environment;
}

const ownServer = () => startEmbeddedServer({ log: () => {}, searchAttributes: Object.values(searchAttributes) });

let encodedFailures: Promise<{ code: string }> | undefined;

/** Where failures are encrypted the workflows are bundled for it, once for each file of tests. */
function bundleFor({ failureConverterPath }: DataConverter): { code: string } | Promise<{ code: string }> {
  if (!failureConverterPath) return { code: inject('workflowCode') };
  encodedFailures ??= bundleNow(failureConverterPath);
  return encodedFailures;
}
