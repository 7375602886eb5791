import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { dataConverterWith } from './codec/data-converter.ts';
import { explainConnection } from './connection-error.ts';
import { checkNamespace } from './namespace.ts';
import { type ConnectOptions, type ConnectSettings, connectSettings } from './settings.ts';

export interface NativeConnected {
  connection: NativeConnection;
  address: string;
  namespace: string;
  /** With the payload codec of the environment; the worker and its clients need it. */
  dataConverter: DataConverter;
}

/**
 * What workers connect with; a file of its own because it loads the native library, which clients do without.
 *
 * @throws Error that names the address, who chose it, and what to check; ConfigurationError.
 */
export async function nativeConnect(given: ConnectOptions | ConnectSettings = {}): Promise<NativeConnected> {
  const settings = connectSettings(given);
  const { address, namespace, timeoutMs, options, keys } = settings;
  const dataConverter = dataConverterWith(namespace, keys);
  const connection = await within(timeoutMs, NativeConnection.connect({ address, ...options })).catch((error) => {
    throw explainConnection(error, settings);
  });
  try {
    await checkNamespace(connection, namespace, timeoutMs);
  } catch (error) {
    await connection.close();
    throw explainConnection(error, settings);
  }
  return { connection, address, namespace, dataConverter };
}

/** The native side has no limit of its own for a host that swallows packets. */
async function within(timeoutMs: number, connecting: Promise<NativeConnection>): Promise<NativeConnection> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), timeoutMs);
  });
  try {
    return await Promise.race([connecting, tooLate]);
  } catch (error) {
    void connecting.then(
      (late) => late.close(),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
