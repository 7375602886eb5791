import { hostname } from 'node:os';
import type { Client } from '@temporalio/client';
import { ShowcallerClient } from '../client/client.ts';
import { workersSeen } from '../client/workers.ts';
import { orThrow } from '../domain/configuration/checked.ts';
import type { Environment, ReadFile } from '../domain/configuration/environment.ts';
import { type Json, kindOf } from '../domain/json.ts';
import { messageOf } from '../domain/message-of.ts';
import { type RunningSimulators, startSimulators } from '../simulators/start.ts';
import { connect } from '../temporal/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../temporal/dev-server/embedded-server.ts';
import { wantedAttributes } from '../temporal/search-attributes.ts';
import type { VendorConfigSources } from '../vendors/config.ts';
import { type Drivers, driversOf } from '../vendors/drivers.ts';
import { createHttp } from '../vendors/http.ts';
import { vendors } from '../vendors/registry.ts';
import { readWorkerConfig, type WorkerConfig } from '../worker/config.ts';
import { say, UsageError } from './io.ts';
import { sourcesWith } from './sources.ts';
import { stackBundle } from './stack-bundle.ts';

export interface StackOptions {
  /** Whose simulators run, and whose SDKs are loaded at the start. Default: of all. */
  vendors?: readonly string[];
  /** Port of the Temporal UI; true for any free one. */
  ui?: number | boolean;
  port?: number;
  dbFile?: string;
  /** Multiplies the waits of activities and simulators' transitions. */
  timeScale?: number;
  proofGraceMs?: number;
  taskQueue?: string;
  /** Delivers webhooks to the configured subscribers. Default: to none, because a rehearsal must alarm no one. */
  webhooks?: boolean;
  /** Why it must have a Temporal of its own, and not the one that TEMPORAL_ADDRESS names. */
  own?: string;
  /** Port of the HTTP API, 0 for any free one; without it there is none. */
  apiPort?: number;
}

/** Everything showcaller needs, in one process tree: Temporal, the simulators, a worker. */
export interface Stack {
  temporal: EmbeddedServer;
  simulators: RunningSimulators;
  /** Speak to the simulators. */
  drivers: Drivers;
  client: ShowcallerClient;
  /** The API, with a token of every permission that is valid while the stack runs. */
  api?: { url: string; token: string };
  stop(): Promise<void>;
}

/** Starts the whole stack; when a part fails, stops those that had started. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopPart of started.splice(0).reverse()) await stopPart();
  };
  try {
    const { ui = true, port, dbFile, own, vendors: named } = options;
    const needed = vendors.filter(({ name }) => named?.includes(name) ?? true);
    const embedded = { ui, port, dbFile, own, log: say, searchAttributes: wantedAttributes };
    // None of these needs another, and each takes up to two seconds.
    const [temporal, simulators, bundle, { runWorker }] = await allOrNone([
      startEmbeddedServer(embedded).then((server) => {
        started.push(() => server.stop());
        return server;
      }),
      startSimulators({ ...(named && { vendors: named }), slowness: options.timeScale, control: true }).then(
        (running) => {
          started.push(() => running.close());
          return running;
        },
      ),
      stackBundle(),
      import('../worker/run.ts'),
      Promise.all(needed.map(({ load }) => load())),
    ]);
    const config = onThisMachine(orThrow(readWorkerConfig(sourcesOf(temporal, simulators, options))));
    const { client, connection } = await connect(config.temporal);
    started.push(() => connection.close());
    if (!temporal.owned) await refuseBesideOthers(client, config.taskQueue, temporal.address);
    const worker = await runWorker(config, { bundle, identity });
    started.push(() => worker.stop());
    // Report at once, not at the end, that the worker died.
    worker.done.catch((error: unknown) => say(`the worker died: ${messageOf(error)}`));
    const http = createHttp(config.network);
    started.push(async () => http.close());
    const drivers = driversOf(config.accounts, { hooks: {}, http });
    const stack = { temporal, simulators, drivers, client: new ShowcallerClient(client, options), stop };
    const { apiPort } = options;
    if (apiPort === undefined) return stack;
    const { openApi } = await import('./stack-api.ts');
    const api = await openApi({
      client,
      config,
      http,
      port: apiPort,
      taskQueue: config.taskQueue,
      uiUrl: temporal.uiUrl,
    });
    started.push(() => api.close());
    return { ...stack, api: { url: api.url, token: api.token } };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ofSimulators = 'simulators-';
const identity = `${ofSimulators}${process.pid}@${hostname()}`;

/**
 * Workers of one task queue take each other's steps: a real show would get the channel of a simulator, and a show of the stack a real
 * one, which is billed.
 */
async function refuseBesideOthers(client: Client, taskQueue: string, address: string): Promise<void> {
  const others = (await workersSeen(client, taskQueue)).filter((worker) => !worker.identity.startsWith(ofSimulators));
  if (others.length === 0) return;
  const names = others.map((worker) => worker.identity).join(', ');
  throw new UsageError(
    `the Temporal at ${address} (TEMPORAL_ADDRESS) has workers on task queue ${taskQueue} (${names}): a worker of simulators ` +
      'would take steps of their shows — unset TEMPORAL_ADDRESS, and a Temporal of its own is started',
  );
}

/** Waits for all, also where one fails: what has started by then can be stopped. */
async function allOrNone<T extends readonly unknown[]>(
  parts: readonly [...{ [P in keyof T]: Promise<T[P]> }],
): Promise<T> {
  await Promise.allSettled(parts);
  return (await Promise.all(parts)) as unknown as T;
}

/** The accounts are the simulators', whatever else this machine is configured for. */
function sourcesOf(temporal: EmbeddedServer, { env }: RunningSimulators, options: StackOptions): VendorConfigSources {
  const { address, namespace } = temporal;
  const { timeScale: pace, proofGraceMs: proofPatience, taskQueue, webhooks = false } = options;
  const flags = { address, namespace, taskQueue, pace, proofPatience, logLevel: 'WARN' };
  const sources = sourcesWith(flags);
  const ignored = [
    'SHOWCALLER_DEPLOYMENT',
    'SHOWCALLER_BUILD_ID',
    ...(webhooks ? [] : webhookVariables(sources.env)),
    // How another Temporal is reached does not hold for one of our own.
    ...(temporal.owned ? Object.keys(sources.env).filter((variable) => variable.startsWith('TEMPORAL_')) : []),
  ];
  const without = Object.fromEntries(ignored.map((variable) => [variable, undefined]));
  return { ...sources, readFile: sectionsOf(sources), env: { ...sources.env, ...without }, accountsFrom: env };
}

/** What the stack takes of the configuration file: tenants, prices and bookings are those of real accounts. */
const taken = ['webhooks', 'network'];

function sectionsOf({ env, readFile }: VendorConfigSources): ReadFile {
  return (path) => {
    const text = readFile(path);
    if (path !== env.SHOWCALLER_CONFIG) return text;
    try {
      return JSON.stringify(picked(JSON.parse(text)));
    } catch {
      // The reader of the configuration says what is wrong with it.
      return text;
    }
  };
}

const picked = (root: unknown): unknown =>
  kindOf(root as Json) === 'an object'
    ? Object.fromEntries(Object.entries(root as object).filter(([section]) => taken.includes(section)))
    : root;

/** No proxy leads to the simulators. */
const onThisMachine = ({ network, ...rest }: WorkerConfig): WorkerConfig => ({
  ...rest,
  network: { ...network, noProxy: [...network.noProxy, 'localhost', '127.0.0.0/8'] },
});

const webhookVariables = (env: Environment): string[] =>
  Object.keys(env).filter((variable) => variable === 'SHOWCALLER_CONFIG' || variable.startsWith('SHOWCALLER_WEBHOOK_'));
