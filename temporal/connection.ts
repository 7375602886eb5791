import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { dataConverterWith } from './codec/data-converter.ts';
import { explainConnection } from './connection-error.ts';
import { checkNamespace } from './namespace.ts';
import { type ConnectOptions, type ConnectSettings, connectSettings } from './settings.ts';

export interface Connected {
  connection: Connection;
  client: Client;
  address: string;
  namespace: string;
  /** With the payload codec of the environment; what writes and reads payloads here needs it. */
  dataConverter: DataConverter;
}

/** By default gRPC waits up to two minutes before it connects again: a board would be blind for as long. */
const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 };

/**
 * A client for the Temporal that the environment names, once it has answered for the namespace.
 *
 * @throws Error that names the address, who chose it, and what to check; ConfigurationError.
 */
export async function connect(given: ConnectOptions | ConnectSettings = {}): Promise<Connected> {
  const settings = connectSettings(given);
  const { address, namespace, timeoutMs, options, keys } = settings;
  const dataConverter = dataConverterWith(namespace, keys);
  const connection = Connection.lazy({ address, connectTimeout: timeoutMs, channelArgs, ...options });
  try {
    await connection.ensureConnected();
    await checkNamespace(connection, namespace, timeoutMs);
  } catch (error) {
    await connection.close();
    throw explainConnection(error, settings);
  }
  const client = new Client({ connection, namespace, dataConverter });
  return { connection, client, address, namespace, dataConverter };
}
