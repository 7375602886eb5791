import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import type { Env } from './dev-server/cache.ts';

export interface ConnectOptions {
  /** `host:port`. Default: what the environment says, then `localhost:7233`. */
  address?: string;
  /** Default: what the environment says, then `default`. */
  namespace?: string;
  /** Default: the environment of this process. */
  env?: Env;
  /** Gives up after this long. Default: ten seconds. */
  timeoutMs?: number;
}

/** Where to connect, and how. `options` may hold an API key and private keys. */
export interface ConnectSettings {
  address: string;
  /** Who chose the address, for messages. */
  addressFrom: string;
  namespace: string;
  timeoutMs: number;
  options: Pick<ClientConnectConfig['connectionOptions'], 'tls' | 'apiKey' | 'metadata'>;
}

/**
 * The settings every Temporal tool reads: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*,
 * TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE; https://docs.temporal.io/develop/environment-configuration
 *
 * @throws Error when a configuration file or a certificate cannot be read.
 */
export function connectSettings(given: ConnectOptions): ConnectSettings {
  const env = given.env ?? process.env;
  const configured = load(env);
  const { address, tls, apiKey, metadata } = configured.connectionOptions;
  const addressFrom = given.address
    ? 'given'
    : env.TEMPORAL_ADDRESS
      ? 'from TEMPORAL_ADDRESS'
      : address
        ? 'from the Temporal configuration file'
        : 'the default, because TEMPORAL_ADDRESS is not set';
  return {
    address: given.address ?? address ?? 'localhost:7233',
    addressFrom,
    namespace: given.namespace ?? configured.namespace ?? 'default',
    timeoutMs: given.timeoutMs ?? 10_000,
    options: { tls, apiKey, metadata },
  };
}

function load(env: Env): ClientConnectConfig {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) overrideEnvVars[name] = value;
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (cause) {
    throw new Error(
      `The Temporal connection settings could not be read: ${(cause as Error).message} — check TEMPORAL_CONFIG_FILE, ` +
        'TEMPORAL_PROFILE and the files that TEMPORAL_TLS_* name',
      { cause },
    );
  }
}
