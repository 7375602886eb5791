import { ShowcallerClient } from '../client/client.ts';
import { orThrow } from '../domain/configuration/checked.ts';
import { connect } from '../temporal/connection.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { readVendorConfig } from '../vendors/config.ts';
import { type Drivers, driversOf } from '../vendors/drivers.ts';
import { createHttp, type HttpClient } from '../vendors/http.ts';
import { openViewer } from '../worker/viewer.ts';
import { sourcesWith } from './sources.ts';
import type { Viewing } from './viewer-strip.ts';

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
export function accountsHere(): { accounts: Accounts; drivers: Drivers; http: HttpClient } {
  const { accounts, network } = orThrow(readVendorConfig(sourcesWith({})));
  const http = createHttp(network);
  return { accounts, drivers: driversOf(accounts, { hooks: {}, http }), http };
}

/** What looks at live streams from here. Without an event's account an address is asked for without a token. */
export function viewingHere(): Viewing {
  const { accounts, drivers, http } = accountsHere();
  return ({ vendor, account, channel }, url) =>
    openViewer(http, url, async (one) => {
      if (!channel || !accounts.get(vendor, account)) return one;
      return (await drivers(vendor, account)).viewerUrl(channel, one);
    });
}
