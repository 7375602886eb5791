import { ShowcallerClient } from '../client/client.ts';
import { orThrow } from '../domain/configuration/checked.ts';
import { connect } from '../temporal/connection.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { readVendorConfig } from '../vendors/config.ts';
import { type Drivers, driversOf } from '../vendors/drivers.ts';
import { createHttp } from '../vendors/http.ts';
import { sourcesWith } from './sources.ts';

export interface ConnectionFlags {
  address?: string;
  namespace?: string;
  taskQueue?: string;
  json?: boolean;
}

/** Runs a command with a client, and closes the connection whatever happens. */
export async function withClient<T>(
  flags: ConnectionFlags,
  work: (client: ShowcallerClient) => Promise<T>,
): Promise<T> {
  const { client, connection } = await connect({ address: flags.address, namespace: flags.namespace });
  try {
    return await work(new ShowcallerClient(client, { taskQueue: flags.taskQueue }));
  } finally {
    await connection.close();
  }
}

/** The accounts of this process, and what speaks to their vendors; or everything wrong with the configuration. */
export function accountsHere(): { accounts: Accounts; drivers: Drivers } {
  const { accounts, network } = orThrow(readVendorConfig(sourcesWith({})));
  return { accounts, drivers: driversOf(accounts, { hooks: {}, http: createHttp(network) }) };
}
