import type { LiveWindow, Session, VodAsset } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { type ByteRange, done, notYet, type Progress, type VodFile } from '../driver.ts';
import type { ChannelDetails, OutputDetails, Settings } from './options.ts';
import { allPages, rfc3339, sessionsOf } from './presence.ts';
import type { Sdk } from './sdk.ts';
import type { IndexFile, RecordFile } from './shapes.ts';

const hour = 3_600_000;
/** https://www.volcengine.com/docs/6469/1126859 */
const maxHistorySpan = 7 * 24 * hour;
/** A file ends with its last whole segment, and instants have whole seconds. */
const fileSlack = 3000;
/** How late a loss may be detected. */
const detectionSlack = 60_000;

/** Cuts one playlist per live window out of the recording, once the files of all windows are there. */
export async function publishVod(
  sdk: Sdk,
  settings: Settings,
  stream: string,
  details: ChannelDetails,
  output: OutputDetails,
  windows: readonly LiveWindow[],
): Promise<Progress<VodAsset[]>> {
  if (output.record === 'off') return done([]);
  const lastFrame = windows.at(-1)?.to ?? 0;
  const since = (windows[0]?.from ?? details.startsAt) - hour;
  const sessions = await sessionsOf(sdk, stream, since);
  const files = await hlsFiles(sdk, stream, since);
  const missing = windows.filter((window) => !files.some((file) => reaches(file, window, sessions)));
  if (missing.length > 0 && sdk.now() < lastFrame + output.graceMs)
    return notYet(`the recording of ${missing.length} of ${windows.length} live windows`, 30_000);
  const cuts = windows.length > 0 ? windows : files.map(spanOf);
  const assets: VodAsset[] = [];
  const refusals: unknown[] = [];
  for (const window of cuts) {
    const file = files.findLast((candidate) => overlaps(candidate, window));
    if (!file) continue;
    try {
      assets.push(await cut(sdk, settings, stream, window, file));
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
  const until = sdk.now() + 1000;
  for (let from = since; from < until; from += maxHistorySpan) {
    const range = { DateFrom: rfc3339(from), DateTo: rfc3339(Math.min(from + maxHistorySpan, until)) };
    const page = (PageNum: number) => sdk.recordFiles({ Stream: stream, ...range, PageNum });
    files.push(...(await allPages('DescribeRecordTaskFileHistory', page)));
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
  const last = sessions
    .filter(({ startedAt, endedAt = 0 }) => startedAt <= window.to && endedAt >= window.from)
    .reduce<Session | undefined>((a, b) => ((a?.endedAt ?? 0) > (b.endedAt ?? 0) ? a : b), undefined);
  const end = Math.min(window.to, last?.endedAt ?? window.to);
  // A file of the sessions before the last, which may have been short, does not go to the end.
  const from = Math.min(end, Math.max(window.from, last?.startedAt ?? window.from));
  const slack = Math.min(last ? fileSlack : detectionSlack, (end - from) / 2);
  return overlaps(file, window) && spanOf(file).to >= end - slack;
}

async function cut(
  sdk: Sdk,
  settings: Settings,
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
    url: playbackUrl(index, settings),
    covers: window,
    ...(index.Duration !== undefined && { durationMs: Math.round(index.Duration * 1000) }),
    finality: `record file ${file.FileName} closed at ${file.EndTimeUTC}`,
  };
}

function playbackUrl(index: IndexFile, settings: Settings): string {
  const base = settings.playbackBaseUrl;
  if (!base) return index.RecordURL;
  const object = index.OutputObject ?? new URL(index.RecordURL).pathname;
  return `${base}/${object.replace(/^\/+/, '')}`;
}

/** A file of a recording as any player gets it. Ends of `range` are inclusive. */
export const fetchVod = (sdk: Sdk, url: string, range?: ByteRange, asset?: string): Promise<VodFile> =>
  sdk.fetchMedia(url, range, asset);
