import type { Channel, Output } from '../../domain/channel.ts';
import { done, type Progress } from '../driver.ts';
import { detail } from './names.ts';
import { getOwn } from './ownership.ts';
import type { RecordingFinder } from './recording.ts';
import type { Sdk } from './sdk.ts';
import { recordingPrefix } from './vod.ts';

/** The channel records by itself, as its recording configuration says. */
export async function createOutput(sdk: Sdk, recordings: RecordingFinder, channel: Channel): Promise<Progress<Output>> {
  const arn = detail(channel, 'arn');
  const { recordingConfigurationArn } = await getOwn(sdk, channel.ref, 'GetRecordingConfiguration', arn);
  const recording = await recordings.ready(recordingConfigurationArn ?? '');
  if (!recording.done) return recording;
  const { bucket, reconnectWindowSeconds } = recording.value;
  // A bucket that cannot be read would show only after the show.
  await sdk.listObjects(bucket, recordingPrefix(arn));
  return done({ details: { bucket, reconnectWindowSeconds, recordingConfigurationArn: recording.value.arn } });
}
