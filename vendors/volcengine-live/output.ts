import type { Channel, Output } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { done, type Progress } from '../driver.ts';
import { noRecording } from './errors.ts';
import { vendor } from './names.ts';
import { detailsOf, type Settings } from './options.ts';
import { requireOwn } from './ownership.ts';
import type { Sdk } from './sdk.ts';
import type { RecordPreset, RecordPresetConfig } from './shapes.ts';

/** The vendor's default of ContinueDuration, in seconds. https://www.volcengine.com/docs/6469/1126855 */
const defaultReconnectWait = 180;
const longestReconnectWait = 3600;
/** No latency is published for the file history; upload and listing get this on top of the reconnect wait. */
const uploadAllowance = 10 * 60_000;

const noPreset = 'there is no record preset';

/** A record preset of the account records every stream. */
export async function createOutput(sdk: Sdk, settings: Settings, channel: Channel): Promise<Progress<Output>> {
  const { record } = detailsOf(channel);
  if (record === 'off') return done({ details: { record, graceMs: 0 } });
  requireOwn(channel.ref, 'ListVhostRecordPresetV2');
  const preset = await requirePreset(sdk, settings, channel.ref.name);
  return done({ details: { record, graceMs: graceOf(preset, settings) } });
}

/** The preset that records our streams, or the error that says why none does. */
export async function requirePreset(sdk: Sdk, settings: Settings, stream: string): Promise<RecordPreset> {
  const preset = effectivePreset(await sdk.recordPresets(), settings);
  if (!preset) throw noRecording('ListVhostRecordPresetV2', stream, noPreset);
  const reason = unusable(preset.SlicePresetV2?.RecordPresetConfig);
  if (reason !== undefined) throw noRecording('ListVhostRecordPresetV2', stream, reason);
  return preset;
}

/** An App preset wins over a Vhost preset. https://www.volcengine.com/docs/6469/1126855 */
export function effectivePreset(presets: readonly RecordPreset[], settings: Settings): RecordPreset | undefined {
  const { vhost, app } = settings;
  const ours = presets.filter((preset) => preset.Vhost === vhost && !preset.Stream);
  return ours.find((preset) => preset.App === app) ?? ours.find((preset) => !preset.App);
}

/** Index files are cut from HLS recordings in TOS only. */
export function unusable(config: RecordPresetConfig | undefined): string | undefined {
  if (!config) return noPreset;
  if (!config.HlsParam?.Enable) return 'the record preset does not record HLS';
  if (!config.HlsParam.TOSParam?.Enable) return 'the record preset does not store in TOS';
  return config.OriginRecord === 1 ? undefined : 'the record preset does not record the original stream';
}

/**
 * How long after the last frame files may still come, in milliseconds. The listing of presets does not give their wait
 * for a reconnect, so it is taken for the longest that a preset may have.
 */
function graceOf(preset: RecordPreset, settings: Settings): number {
  if (settings.recordGraceMs !== undefined) return settings.recordGraceMs;
  const hls = preset.SlicePresetV2?.RecordPresetConfig?.HlsParam;
  const wait = Math.max(longestReconnectWait, hls?.Splice ?? 0);
  return wait * 1000 + uploadAllowance;
}

/** Makes the Vhost + App record preset that events rely on. What is there and usable is left alone. */
export async function ensureRecordPreset(sdk: Sdk, settings: Settings): Promise<string[]> {
  const { vhost, app, tosBucket } = settings;
  const preset = effectivePreset(await sdk.recordPresets(), settings);
  const name = preset?.SlicePresetV2?.Name;
  const reason = unusable(preset?.SlicePresetV2?.RecordPresetConfig);
  if (preset && !reason) return [`record preset ${name ?? ''} already records ${vhost}/${app} as HLS to TOS`];
  if (!tosBucket)
    throw new VendorError({
      kind: 'invalid-request',
      vendor,
      operation: 'CreateRecordPresetV2',
      resource: `${vhost}/${app}`,
      message: `${reason}, and the account has no tosBucket to make one with`,
      advice: 'set tosBucket of the account to a bucket that VeLive may write to',
    });
  const wanted = presetFor(tosBucket);
  if (preset?.App === app && name) {
    await sdk.updateRecordPreset(name, wanted);
    return [`updated record preset ${name} of ${vhost}/${app}: ${reason}; ${applies}`];
  }
  await sdk.createRecordPreset(wanted);
  return [`created a record preset for ${vhost}/${app}: HLS to TOS bucket ${tosBucket}; ${applies}`];
}

const applies = 'it applies to pushes that start 3 to 5 minutes from now';

const presetFor = (bucket: string): RecordPresetConfig => ({
  HlsParam: {
    Enable: true,
    ContinueDuration: defaultReconnectWait,
    // The longest there is: the fewer files, the fewer seams.
    RealtimeRecordDuration: 21_600,
    TOSParam: { Enable: true, Bucket: bucket },
  },
  OriginRecord: 1,
  TranscodeRecord: 0,
  SliceDuration: 10,
});
