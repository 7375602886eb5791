import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Environment } from '../../domain/configuration/environment.ts';
import type { AttributeKey } from '../attribute-types.ts';
import { findServer } from './find-server.ts';
import { freePort } from './free-port.ts';
import { isListening, waitUntilReady } from './readiness.ts';
import { serverArgs } from './server-args.ts';
import { type SupervisedProcess, startSupervised } from './supervised-process.ts';

/** It takes 0.2 s usually; the rest is for a machine under load. */
const readyTimeoutMs = 60_000;
/** A free port can be taken between our look and the server's bind. */
const portAttempts = 3;

export interface EmbeddedServerOptions {
  /** Where everything is kept; without it, in memory. Its folder is made. */
  dbFile?: string;
  /** Default: any free one. */
  port?: number;
  /** The web interface: `true` for any free port, or the port. Default: none. */
  ui?: boolean | number;
  /** Default: `default`; with TEMPORAL_ADDRESS, what TEMPORAL_NAMESPACE says. */
  namespace?: string;
  /** Called with one line: what is tried and how long it takes. */
  log?: (line: string) => void;
  /** Registered before the server answers. */
  searchAttributes?: readonly AttributeKey[];
  /** Why it must not be the one that TEMPORAL_ADDRESS names. */
  own?: string;
  /** Default: the environment of this process. */
  env?: Environment;
}

export interface EmbeddedServer {
  /** `host:port` for clients and workers. */
  address: string;
  /** The web interface, where there is one. */
  uiUrl?: string;
  namespace: string;
  /** False for the one that TEMPORAL_ADDRESS names: then `stop` and `kill` do nothing. */
  owned: boolean;
  /** The server itself, not the watchdog before it. */
  pid?: number;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
  /** Kills it at once, to test a crash. */
  kill(): void;
}

/**
 * A Temporal to work with: the one TEMPORAL_ADDRESS names, or a development server of our own on loopback that answers
 * when this resolves and that dies with this process, however this process dies.
 *
 * @throws Error when none can be found (with every step tried), or when it does not get ready (with its stderr).
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const env = options.env ?? process.env;
  const log = options.log ?? (() => {});
  const found = await findServer({ env, log, own: options.own });
  if (found.kind === 'running') {
    const namespace = options.namespace ?? env.TEMPORAL_NAMESPACE ?? 'default';
    return { address: found.address, namespace, owned: false, stop: async () => {}, kill: () => {} };
  }
  if (options.dbFile) await mkdir(dirname(options.dbFile), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(found.path, options, env);
    } catch (error) {
      const portWasTaken = error instanceof Error && /address already in use/i.test(error.message);
      if (!portWasTaken || options.port !== undefined || attempt === portAttempts) throw error;
    }
  }
}

async function start(executable: string, options: EmbeddedServerOptions, env: Environment): Promise<EmbeddedServer> {
  const namespace = options.namespace ?? 'default';
  const port = options.port ?? (await freePort());
  const uiPort = options.ui === true ? await freePort() : options.ui || undefined;
  const address = `127.0.0.1:${port}`;
  // Another Temporal there would answer in place of ours while ours still fails.
  if (await isListening(address)) throw new Error(`No Temporal server was started: ${address}: address already in use`);
  const args = serverArgs({
    port,
    uiPort,
    namespace,
    dbFile: options.dbFile,
    searchAttributes: options.searchAttributes ?? [],
  });
  const server = await startSupervised(executable, args, serverEnvironment(env));
  const isReady = await waitUntilReady(address, namespace, {
    timeoutMs: readyTimeoutMs,
    isHopeless: server.hasEnded,
  });
  if (!isReady || server.hasEnded()) throw await notReady(server, `${executable} ${args.join(' ')}`, address);
  return {
    address,
    ...(uiPort !== undefined && { uiUrl: `http://127.0.0.1:${uiPort}` }),
    namespace,
    owned: true,
    pid: server.pid,
    stop: server.stop,
    kill: server.kill,
  };
}

async function notReady(server: SupervisedProcess, command: string, address: string): Promise<Error> {
  const what = server.hasEnded() ? 'ended at once' : `did not answer on ${address} within ${readyTimeoutMs / 1000} s`;
  await server.stop();
  const said = server.stderrTail() || 'nothing';
  return new Error(`The Temporal server ${what}.\nStarted as: ${command}\nIt said: ${said}`);
}

/**
 * Collects garbage more seldom than Go does by itself, until 1 GiB is used: a sixth less CPU for each run. Both can be set otherwise.
 * https://pkg.go.dev/runtime#hdr-Environment_Variables
 */
const garbage = { GOGC: '400', GOMEMLIMIT: '1GiB' };

/** Settings that are meant for clients must not reach a server of our own. */
const serverEnvironment = (env: Environment): Environment => ({
  ...garbage,
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'))),
});
