import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { dataConverterFrom } from './codec/data-converter.ts';
import { explainConnection } from './connection-error.ts';
import { type ConnectOptions, connectSettings } from './settings.ts';

export interface Connected {
  connection: Connection;
  client: Client;
  address: string;
  namespace: string;
  /** With the payload codec of the environment; what writes and reads payloads here needs it. */
  dataConverter: DataConverter;
}

/**
 * A client for the Temporal that the environment names, once it has answered for the namespace.
 *
 * @throws Error that names the address, who chose it, and what to check; CodecSettingsError.
 */
export async function connect(given: ConnectOptions = {}): Promise<Connected> {
  const settings = connectSettings(given);
  const { address, namespace, timeoutMs, options } = settings;
  const dataConverter = dataConverterFrom(namespace, given.env);
  const connection = Connection.lazy({ address, connectTimeout: timeoutMs, ...options });
  try {
    await connection.ensureConnected();
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    await connection.close();
    throw explainConnection(error, settings);
  }
  const client = new Client({ connection, namespace, dataConverter });
  return { connection, client, address, namespace, dataConverter };
}
