import type { Channel, IngestEndpoint } from '../domain/channel.ts';
import type { Drivers } from './drivers.ts';

/**
 * Where an encoder sends. Asked of the vendor with this process's own credentials, never through Temporal: what
 * passes through Temporal is kept in history.
 */
export async function ingestEndpoints(drivers: Drivers, { ref, ...channel }: Channel): Promise<IngestEndpoint[]> {
  const driver = await drivers(ref.vendor, ref.account);
  return driver.ingest({ ref, ...channel });
}
