import { readFileSync } from 'node:fs';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { accepted, type Checked, orThrow, refused, together } from '../domain/configuration/checked.ts';
import type { ConfigSources, Environment } from '../domain/configuration/environment.ts';
import { type KeyRing, readKeys } from './codec/keys.ts';

export interface ConnectOptions {
  /** `host:port`. Default: what the environment says, then `localhost:7233`. */
  address?: string;
  /** Default: what the environment says, then `default`. */
  namespace?: string;
  /** Default: the environment of this process. */
  env?: Environment;
  /** Gives up after this long. Default: ten seconds. */
  timeoutMs?: number;
}

/** Where to connect, how, and what reads the payloads. `options` may hold an API key and private keys. */
export interface ConnectSettings {
  address: string;
  /** Who chose the address, for messages. */
  addressFrom: string;
  namespace: string;
  timeoutMs: number;
  options: Pick<ClientConnectConfig['connectionOptions'], 'tls' | 'apiKey' | 'metadata'>;
  /** Of the payload codec; absent where nothing is encrypted. */
  keys?: KeyRing;
}

/**
 * The settings every Temporal tool reads: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*,
 * TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE; https://docs.temporal.io/develop/environment-configuration; and the keys of the
 * payload codec.
 */
export function readConnectSettings(
  given: Omit<ConnectOptions, 'env'>,
  sources: Pick<ConfigSources, 'env' | 'readFile'>,
): Checked<ConnectSettings> {
  const parts = together<{ configured: ClientConnectConfig; keys: KeyRing | undefined }>({
    configured: load(sources.env),
    keys: readKeys(sources),
  });
  if (!parts.ok) return parts;
  const { configured, keys } = parts.value;
  const { address, tls, apiKey, metadata } = configured.connectionOptions;
  const addressFrom = given.address
    ? 'given'
    : sources.env.TEMPORAL_ADDRESS
      ? 'from TEMPORAL_ADDRESS'
      : address
        ? 'from the Temporal configuration file'
        : 'the default, because TEMPORAL_ADDRESS is not set';
  return accepted({
    address: given.address ?? address ?? 'localhost:7233',
    addressFrom,
    namespace: given.namespace ?? configured.namespace ?? 'default',
    timeoutMs: given.timeoutMs ?? 10_000,
    options: { tls, apiKey, metadata },
    ...(keys && { keys }),
  });
}

/** The settings of a connection, read now unless they are given. @throws ConfigurationError with everything that is wrong. */
export function connectSettings(given: ConnectOptions | ConnectSettings): ConnectSettings {
  if ('addressFrom' in given) return given;
  const { env = process.env, ...options } = given;
  return orThrow(readConnectSettings(options, { env, readFile: (path) => readFileSync(path, 'utf8') }));
}

function load(env: Environment): Checked<ClientConnectConfig> {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) overrideEnvVars[name] = value;
  try {
    return accepted(loadClientConnectConfig({ overrideEnvVars }));
  } catch (error) {
    const message =
      `the connection settings of Temporal could not be read: ${(error as Error).message} — check TEMPORAL_CONFIG_FILE, ` +
      'TEMPORAL_PROFILE and the files that TEMPORAL_TLS_* name';
    return refused({ path: '', message });
  }
}
