import type { Channel, Output } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { done, type Progress } from '../driver.ts';
import { vendor } from './names.ts';
import { getOwn } from './ownership.ts';
import type { Sdk } from './sdk.ts';

/** The channel records by itself, into the bucket, under its live playlist. */
export async function createOutput(sdk: Sdk, { ref }: Channel): Promise<Progress<Output>> {
  const { playlistName } = await getOwn(sdk, ref, 'GetLiveChannelInfo');
  if (playlistName) return done({ details: { playlistName } });
  throw new VendorError({
    kind: 'conflict',
    vendor,
    operation: 'GetLiveChannelInfo',
    resource: ref.name,
    message: 'the channel has no HLS target, so nothing would be recorded',
    advice: 'someone changed the channel; delete it and start the event again',
  });
}
