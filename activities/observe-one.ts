import type { Channel, Observation } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import type { VendorDriver } from '../vendors/driver.ts';

/** What the vendor says of one channel. */
export async function observeOne(driver: VendorDriver, channel: Channel): Promise<Observation> {
  try {
    const [seen] = await driver.observe([channel]);
    if (seen) return seen;
  } catch (error) {
    // A channel that is definitely gone has no encoder: the run must see that, not retry.
    if (!(error instanceof VendorError) || error.kind !== 'not-found') throw error;
  }
  return { encoder: 'absent', vendorState: 'not found' };
}
