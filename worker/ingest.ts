import type { Channel, IngestEndpoint } from '../domain/channel.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { driversOf } from './drivers.ts';

/**
 * Where an encoder sends. Asked of the vendor with this process's own credentials, never through Temporal: what
 * passes through Temporal is kept in history.
 */
export async function ingestEndpoints(accounts: Accounts, channel: Channel): Promise<IngestEndpoint[]> {
  const driver = await driversOf(accounts)(channel.ref.vendor, channel.ref.account);
  return driver.ingest(channel);
}
