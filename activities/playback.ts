import type { Channel } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import type { VendorDriver } from '../vendors/driver.ts';
import type { WithPlayback } from './contract.ts';

/** The result of a step, with where viewers watch. A vendor that does not say it now is asked again after the next step. */
export async function withPlayback<T extends object>(
  driver: VendorDriver,
  channel: Channel,
  result: T,
): Promise<T & WithPlayback> {
  try {
    return { ...result, playback: await driver.playback(channel) };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return result;
  }
}
