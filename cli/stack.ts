import { Client } from '@temporalio/client';
import { ShowcallerClient } from '../client/client.ts';
import { defaultTaskQueue } from '../domain/ids.ts';
import { type RunningSimulators, startSimulators } from '../simulators/start.ts';
import { connect } from '../temporal/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../temporal/embedded-server.ts';
import { nativeConnect } from '../temporal/native-connection.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { hubDoor } from '../worker/hub-door.ts';
import { sweepDoor } from '../worker/sweep-door.ts';
import { observe } from '../worker/telemetry.ts';
import { telemetryFrom } from '../worker/telemetry-settings.ts';
import { activitiesOf, createWorker } from '../worker/worker.ts';
import { accountsFrom } from './context.ts';
import { say } from './io.ts';

export interface StackOptions {
  /** Port of the Temporal UI; true for any free one. */
  ui?: number | boolean;
  port?: number;
  dbFile?: string;
  /** Multiplies the waits of activities and simulators' transitions. */
  pace?: number;
  proofPatienceMs?: number;
  taskQueue?: string;
}

/** Everything showcaller needs, in one process tree: Temporal, the simulators, a worker. */
export interface Stack {
  temporal: EmbeddedServer;
  simulators: RunningSimulators;
  accounts: Accounts;
  client: ShowcallerClient;
  stop(): Promise<void>;
}

/** Brings the whole stack up, or takes down what had come up when a part fails. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopPart of started.splice(0).reverse()) await stopPart();
  };
  try {
    const temporal = await startEmbeddedServer({
      ui: options.ui ?? true,
      port: options.port,
      dbFile: options.dbFile,
      log: say,
    });
    started.push(() => temporal.stop());
    const simulators = await startSimulators({ slowness: options.pace, control: true });
    started.push(() => simulators.close());
    const accounts = accountsFrom(simulators.env);
    const { client, connection } = await connect({ address: temporal.address, namespace: temporal.namespace });
    started.push(() => connection.close());
    await ensureSearchAttributes(connection, temporal.namespace);
    started.push(await runWorker(temporal, accounts, options));
    return { temporal, simulators, accounts, client: new ShowcallerClient(client, options), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function runWorker(
  temporal: EmbeddedServer,
  accounts: Accounts,
  options: StackOptions,
): Promise<() => Promise<void>> {
  const observation = await observe({ level: 'WARN', telemetry: telemetryFrom(process.env), accounts });
  const { namespace } = temporal;
  const { connection, dataConverter } = await nativeConnect({ address: temporal.address, namespace });
  const client = new Client({ connection, namespace, dataConverter });
  const { taskQueue = defaultTaskQueue } = options;
  const stopping = new AbortController();
  const worker = await createWorker({
    connection,
    namespace,
    dataConverter,
    activities: activitiesOf(accounts, {
      ...options,
      hub: observation.hub(hubDoor(client, taskQueue)),
      sweep: sweepDoor(client),
      stopping: stopping.signal,
    }),
    steps: observation.steps,
    taskQueue,
  });
  const running = worker.run();
  // A worker that dies by itself must not be noticed only at the end.
  running.catch((error: unknown) => say(`the worker died: ${error instanceof Error ? error.message : String(error)}`));
  return async () => {
    stopping.abort();
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running.catch(() => {});
    await connection.close();
    await observation.close();
  };
}
