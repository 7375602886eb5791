import { Client } from '@temporalio/client';
import { createAuth } from '../api/auth/auth.ts';
import { permissions } from '../api/auth/permissions.ts';
import { newToken, tokenRecogniser } from '../api/auth/tokens.ts';
import { ShowcallerClient } from '../client/client.ts';
import { defaultTaskQueue } from '../domain/ids.ts';
import { type RunningSimulators, startSimulators } from '../simulators/start.ts';
import { connect } from '../temporal/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../temporal/dev-server/embedded-server.ts';
import { nativeConnect } from '../temporal/native-connection.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { pollerPort } from '../worker/poller.ts';
import { sweepPort } from '../worker/sweep.ts';
import { observe } from '../worker/telemetry/observe.ts';
import { telemetryFrom } from '../worker/telemetry/settings.ts';
import { activitiesOf, createWorker } from '../worker/worker.ts';
import { accountsFrom } from './context.ts';
import { say } from './io.ts';
import { type RunningApi, startApi } from './run-api.ts';

export interface StackOptions {
  /** Port of the Temporal UI; true for any free one. */
  ui?: number | boolean;
  port?: number;
  dbFile?: string;
  /** Multiplies the waits of activities and simulators' transitions. */
  timeScale?: number;
  proofGraceMs?: number;
  taskQueue?: string;
  /** Port of the HTTP API, 0 for any free one; without it there is none. */
  apiPort?: number;
}

/** Everything showcaller needs, in one process tree: Temporal, the simulators, a worker. */
export interface Stack {
  temporal: EmbeddedServer;
  simulators: RunningSimulators;
  accounts: Accounts;
  client: ShowcallerClient;
  /** With a token that may do everything and is gone with the stack. */
  api?: { url: string; token: string };
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
    const simulators = await startSimulators({ slowness: options.timeScale, control: true });
    started.push(() => simulators.close());
    const accounts = accountsFrom(simulators.env);
    const { client, connection } = await connect({ address: temporal.address, namespace: temporal.namespace });
    started.push(() => connection.close());
    await ensureSearchAttributes(connection, temporal.namespace);
    started.push(await runWorker(temporal, accounts, options));
    const api = await openApi(client, accounts, options);
    if (api) started.push(() => api.close());
    return {
      temporal,
      simulators,
      accounts,
      client: new ShowcallerClient(client, options),
      ...(api && { api: { url: api.url, token: api.token } }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openApi(
  client: Client,
  accounts: Accounts,
  { apiPort, taskQueue }: StackOptions,
): Promise<(RunningApi & { token: string }) | undefined> {
  if (apiPort === undefined) return undefined;
  const { token, entry } = newToken({ name: 'dev', roles: [...permissions] });
  const auth = createAuth(tokenRecogniser(() => [entry]));
  // The simulators serve recordings on ports of their own.
  const mediaOrigins = ['http://127.0.0.1:*', 'http://*.localhost:*', 'http://localhost:*'];
  const where = { host: '127.0.0.1', port: apiPort };
  return { ...(await startApi({ client, accounts, auth, taskQueue, mediaOrigins, ...where })), token };
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
      poller: observation.poller(pollerPort(client, taskQueue)),
      sweep: sweepPort(client),
      stopping: stopping.signal,
    }),
    steps: observation.steps,
    taskQueue,
  });
  const running = worker.run();
  // A worker that dies by itself must be reported at once, not at the end.
  running.catch((error: unknown) => say(`the worker died: ${error instanceof Error ? error.message : String(error)}`));
  return async () => {
    stopping.abort();
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running.catch(() => {});
    await connection.close();
    await observation.close();
  };
}
