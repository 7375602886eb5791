import type { Channel, LiveWindow, Output, VodAsset } from '../../domain/channel.ts';
import type { Json } from '../../domain/json.ts';
import { type ByteRange, done, notYet, type Progress, type VodFile } from '../driver.ts';
import { detail, partsOfArn } from './names.ts';
import type { Settings } from './options.ts';
import type { Sdk } from './sdk.ts';

/** AWS promises no bound for the end of a recording after the reconnect window; later than this is said to be late. */
const endingMs = 120_000;
/** The times in a recording's events need not match those of the session. */
const slackMs = 120_000;
/** `<year>/<month>/<day>/<hour>/<minute>/<recording id>` below the channel's prefix. */
const folderDepth = 6;

/** Where IVS puts the recordings of a channel. */
export const recordingPrefix = (channelArn: string): string => {
  const { account, id } = partsOfArn(channelArn);
  return `ivs/v1/${account}/${id}/`;
};

/** One recording as its newest event file describes it. */
interface Recording {
  /** Ends with `/`. */
  prefix: string;
  /** `recording-started.json`, `recording-ended.json` or `recording-failed.json`. */
  eventFile: string;
  startedAt?: number;
  endedAt?: number;
  durationMs?: number;
  message?: string;
  /** Key of the multivariant playlist. */
  playlist?: string;
}

/**
 * Recordings are found in the bucket and trusted only once `recording-ended.json` (or `-failed.json`) is there: the
 * playlist of a running recording carries ENDLIST too.
 * https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html
 */
export async function publishVod(
  sdk: Sdk,
  settings: Settings,
  channel: Channel,
  output: Output,
  windows: readonly LiveWindow[],
): Promise<Progress<VodAsset[]>> {
  const bucket = detail(output, 'bucket');
  const recordings = await findRecordings(sdk, bucket, recordingPrefix(detail(channel, 'arn')));
  const waiting = stillWaitingFor(recordings, windows, reconnectWindowMs(output), sdk.now());
  if (waiting) return waiting;
  const assets = recordings.flatMap((recording) => assetOf(settings, bucket, recording) ?? []);
  return done(assets.sort((a, b) => (a.covers?.from ?? 0) - (b.covers?.from ?? 0)));
}

const reconnectWindowMs = (output: Output): number => Number(output.details.reconnectWindowSeconds ?? 0) * 1000;

/** A walk folder by folder: media files are far too many to be listed. */
async function findRecordings(sdk: Sdk, bucket: string, root: string): Promise<Recording[]> {
  let folders = [root];
  for (let depth = 0; depth < folderDepth; depth += 1) {
    const deeper: string[] = [];
    for (const folder of folders) deeper.push(...(await sdk.listObjects(bucket, folder)).folders);
    folders = deeper;
  }
  const recordings: Recording[] = [];
  for (const prefix of folders) {
    const recording = await readRecording(sdk, bucket, prefix);
    if (recording) recordings.push(recording);
  }
  return recordings;
}

const eventFiles = ['recording-ended.json', 'recording-failed.json', 'recording-started.json'];

async function readRecording(sdk: Sdk, bucket: string, prefix: string): Promise<Recording | undefined> {
  const { keys } = await sdk.listObjects(bucket, `${prefix}events/`);
  const eventFile = eventFiles.find((name) => keys.includes(`${prefix}events/${name}`));
  if (!eventFile) return undefined;
  const file = await sdk.getObject(bucket, `${prefix}events/${eventFile}`);
  if (file.status !== 200) return undefined;
  return { prefix, eventFile, ...describe(prefix, Buffer.from(file.body).toString()) };
}

function describe(prefix: string, text: string): Partial<Recording> {
  const report = parse(text);
  const hls = report.at('media', 'hls');
  const path = hls.text('path');
  const playlist = hls.text('playlist');
  return {
    startedAt: instant(report.text('recording_started_at')),
    endedAt: instant(report.text('recording_ended_at')),
    durationMs: hls.number('duration_ms'),
    message: report.text('recording_status_message'),
    ...(path && playlist && { playlist: `${prefix}${path}/${playlist}` }),
  };
}

interface FieldReader {
  at(...path: string[]): FieldReader;
  text(key: string): string | undefined;
  number(key: string): number | undefined;
}

/** Reads what is there; a file cut short reads as empty, and is asked for again. */
function parse(text: string): FieldReader {
  try {
    return reader(JSON.parse(text) as Json);
  } catch {
    return reader(null);
  }
}

function reader(json: Json): FieldReader {
  const get = (key: string): Json =>
    typeof json === 'object' && json !== null && !Array.isArray(json) ? (json[key] ?? null) : null;
  return {
    at: (...[key, ...rest]) => (key === undefined ? reader(json) : reader(get(key)).at(...rest)),
    text: (key) => textOf(get(key)),
    number: (key) => numberOf(get(key)),
  };
}

const textOf = (json: Json): string | undefined => (typeof json === 'string' && json !== '' ? json : undefined);
const numberOf = (json: Json): number | undefined => (typeof json === 'number' ? json : undefined);

function instant(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** What is not final yet, and what must still appear because an encoder was seen sending. */
function stillWaitingFor(
  recordings: readonly Recording[],
  windows: readonly LiveWindow[],
  windowMs: number,
  now: number,
): Progress<never> | undefined {
  const lastSeen = Math.max(0, ...windows.map((window) => window.to));
  const dueAt = lastSeen + windowMs;
  const retryAfterMs = Math.min(30_000, Math.max(5_000, dueAt - now));
  const open = recordings.filter((recording) => !isFinal(recording));
  if (open.length > 0) {
    const late = lastSeen > 0 && now > dueAt + endingMs ? ', which is late' : '';
    return notYet(
      `recording-ended.json of ${open.map((recording) => recording.prefix).join(', ')}${late}`,
      retryAfterMs,
    );
  }
  const missing = windows.some((window) => now < window.to + windowMs + endingMs && !recordings.some(covering(window)));
  return missing ? notYet('the first files of the recording in the bucket', retryAfterMs) : undefined;
}

const isFinal = (recording: Recording): boolean =>
  recording.eventFile !== 'recording-started.json' && recording.playlist !== undefined;

const covering =
  (window: LiveWindow) =>
  ({ startedAt = 0, endedAt = Number.POSITIVE_INFINITY }: Recording): boolean =>
    startedAt - slackMs <= window.to && window.from <= endedAt + slackMs;

function assetOf(settings: Settings, bucket: string, recording: Recording): VodAsset | undefined {
  const { startedAt, endedAt, durationMs, playlist, eventFile, message } = recording;
  if (!playlist) return undefined;
  const failed = eventFile === 'recording-failed.json';
  return {
    url: `${settings.playbackBaseUrl ?? `s3://${bucket}`}/${encodeURI(playlist)}`,
    ...(startedAt !== undefined && endedAt !== undefined && { covers: { from: startedAt, to: endedAt } }),
    ...(durationMs !== undefined && { durationMs }),
    finality: failed ? `${eventFile}: ${message ?? 'IVS gave no reason'}` : eventFile,
  };
}

/** `s3:` through the SDK with the account's rights, `http(s):` as any player. Ends of `range` are inclusive. */
export function fetchVod(sdk: Sdk, url: string, range?: ByteRange, asset?: string): Promise<VodFile> {
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol !== 's3:') return sdk.fetchMedia(url, range, asset);
  return sdk.getObject(hostname, decodeURIComponent(pathname.slice(1)), range);
}
