import type { LiveWindow, Session, VodAsset } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { done, notYet, type Progress } from '../driver.ts';
import type { Account } from '../manifest.ts';
import { noRecording, vendorName } from './errors.ts';
import type { ChannelDetails, OutputDetails } from './options.ts';
import { allPages, rfc3339, sessionsSince } from './presence.ts';
import type { Sdk } from './sdk.ts';
import type { IndexFile, RecordFile, RecordPreset, RecordPresetConfig } from './wire.ts';

const hour = 3_600_000;
/** https://www.volcengine.com/docs/6469/1126859 */
const maxHistorySpan = 7 * 24 * hour;
/** The vendor's default of ContinueDuration, in seconds. https://www.volcengine.com/docs/6469/1126855 */
const defaultReconnectWait = 180;
const longestReconnectWait = 3600;
/** No latency is published for the file history; upload and listing get this on top of the reconnect wait. */
const uploadAllowance = 10 * 60_000;

/** A file ends with its last whole segment, and instants have whole seconds. */
const fileSlack = 3000;
/** How late a loss may be detected. */
const detectionSlack = 60_000;

/** The preset that records our streams, or the error that says why none does. */
export async function requirePreset(sdk: Sdk, account: Account, stream: string): Promise<RecordPreset> {
  const preset = effectivePreset(await sdk.recordPresets(), account);
  const reason = unusable(preset?.SlicePresetV2?.RecordPresetConfig);
  if (!preset || reason) throw noRecording('ListVhostRecordPresetV2', stream, reason ?? 'there is no record preset');
  return preset;
}

/** An App preset wins over a Vhost preset. https://www.volcengine.com/docs/6469/1126855 */
function effectivePreset(presets: readonly RecordPreset[], account: Account): RecordPreset | undefined {
  const { vhost, app } = account.settings;
  const ours = presets.filter((preset) => preset.Vhost === vhost && !preset.Stream);
  return ours.find((preset) => preset.App === app) ?? ours.find((preset) => !preset.App);
}

/** Index files are cut from HLS recordings in TOS only. */
function unusable(config: RecordPresetConfig | undefined): string | undefined {
  if (!config) return 'there is no record preset';
  if (!config.HlsParam?.Enable) return 'the record preset does not record HLS';
  if (!config.HlsParam.TOSParam?.Enable) return 'the record preset does not store in TOS';
  return config.OriginRecord === 1 ? undefined : 'the record preset does not record the original stream';
}

/**
 * How long after the last frame files may still come, in milliseconds. The listing of presets does not give their wait
 * for a reconnect, so it is taken for the longest that a preset may have.
 */
export function graceOf(preset: RecordPreset, account: Account): number {
  const set = account.settings.recordGraceMs;
  if (set) return Number(set);
  const hls = preset.SlicePresetV2?.RecordPresetConfig?.HlsParam;
  const wait = Math.max(longestReconnectWait, hls?.Splice ?? 0);
  return wait * 1000 + uploadAllowance;
}

/** Makes the Vhost + App record preset that events rely on. What is there and usable is left alone. */
export async function ensureRecordPreset(sdk: Sdk, account: Account): Promise<string[]> {
  const { vhost, app, tosBucket } = account.settings;
  const preset = effectivePreset(await sdk.recordPresets(), account);
  const name = preset?.SlicePresetV2?.Name;
  const reason = unusable(preset?.SlicePresetV2?.RecordPresetConfig);
  if (preset && !reason) return [`record preset ${name ?? ''} already records ${vhost}/${app} as HLS to TOS`];
  if (!tosBucket)
    throw new VendorError({
      kind: 'invalid-request',
      vendor: vendorName,
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

/** Cuts one playlist per live window out of the recording, once the files of all windows are there. */
export async function publishVod(
  sdk: Sdk,
  account: Account,
  stream: string,
  details: ChannelDetails,
  output: OutputDetails,
  windows: readonly LiveWindow[],
): Promise<Progress<VodAsset[]>> {
  if (output.record === 'off') return done([]);
  const lastFrame = windows.at(-1)?.to ?? 0;
  const since = (windows[0]?.from ?? details.startsAt) - hour;
  const sessions = await sessionsSince(sdk, stream, since);
  const files = await hlsFiles(sdk, stream, since);
  const missing = windows.filter((window) => !files.some((file) => reaches(file, window, sessions)));
  if (missing.length > 0 && Date.now() < lastFrame + output.graceMs)
    return notYet(`the recording of ${missing.length} of ${windows.length} live windows`, 30_000);
  const cuts = windows.length > 0 ? windows : files.map(spanOf);
  const assets: VodAsset[] = [];
  const refusals: unknown[] = [];
  for (const window of cuts) {
    const file = files.findLast((candidate) => overlaps(candidate, window));
    if (!file) continue;
    try {
      assets.push(await cut(sdk, account, stream, window, file));
    } catch (error) {
      // A window without a frame on file: the others are published, and the proof names what is missing.
      if (!isRefused(error)) throw error;
      refusals.push(error);
    }
  }
  if (assets.length === 0 && refusals.length > 0) throw refusals[0];
  return done(assets);
}

const isRefused = (error: unknown): boolean => error instanceof VendorError && error.kind === 'invalid-request';

async function hlsFiles(sdk: Sdk, stream: string, since: number): Promise<RecordFile[]> {
  const files: RecordFile[] = [];
  const until = Date.now() + 1000;
  for (let from = since; from < until; from += maxHistorySpan) {
    const range = { DateFrom: rfc3339(from), DateTo: rfc3339(Math.min(from + maxHistorySpan, until)) };
    files.push(...(await allPages((PageNum) => sdk.recordFiles({ Stream: stream, ...range, PageNum }))));
  }
  return files.filter((file) => /hls|m3u8/i.test(file.Format));
}

const spanOf = (file: RecordFile): LiveWindow => ({
  from: Date.parse(file.StartTimeUTC),
  to: Date.parse(file.EndTimeUTC),
});

const overlaps = (file: RecordFile, window: LiveWindow): boolean => {
  const span = spanOf(file);
  return span.from <= window.to && span.to >= window.from;
};

/**
 * Whether the file goes to the end of the window: a long show has several files, and the last one comes last. The
 * window ends when the loss was detected, the vendor's own session when it happened.
 */
function reaches(file: RecordFile, window: LiveWindow, sessions: readonly Session[]): boolean {
  const ends = sessions
    .filter((session) => session.startedAt <= window.to && (session.endedAt ?? 0) >= window.from)
    .map((session) => session.endedAt ?? 0);
  const end = Math.min(window.to, ends.length > 0 ? Math.max(...ends) : window.to);
  const slack = Math.min(ends.length > 0 ? fileSlack : detectionSlack, (window.to - window.from) / 2);
  return overlaps(file, window) && spanOf(file).to >= end - slack;
}

async function cut(
  sdk: Sdk,
  account: Account,
  stream: string,
  window: LiveWindow,
  file: RecordFile,
): Promise<VodAsset> {
  const from = Math.floor(window.from / 1000);
  const to = Math.ceil(window.to / 1000);
  const index = await sdk.createIndexFile({
    Stream: stream,
    StartTimeUTC: rfc3339(from * 1000),
    EndTimeUTC: rfc3339(to * 1000),
    // The same window gives the same object, so that a repeated cut replaces instead of adding.
    OutputObject: [file.Path, `${stream}_${from}_${to}.m3u8`].filter(Boolean).join('/'),
  });
  return {
    url: playbackUrl(index, account),
    covers: window,
    ...(index.Duration !== undefined && { durationMs: Math.round(index.Duration * 1000) }),
    finality: `record file ${file.FileName} closed at ${file.EndTimeUTC}`,
  };
}

function playbackUrl(index: IndexFile, account: Account): string {
  const base = account.settings.playbackBaseUrl;
  if (!base) return index.RecordURL;
  const object = index.OutputObject ?? new URL(index.RecordURL).pathname;
  return `${base.replace(/\/+$/, '')}/${object.replace(/^\/+/, '')}`;
}
