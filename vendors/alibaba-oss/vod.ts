import type { LiveWindow, VodAsset } from '../../domain/channel.ts';
import { readPlaylist } from '../../domain/hls.ts';
import { type ByteRange, done, notYet, type Progress, type VodFile } from '../driver.ts';
import { isNothingRecorded } from './errors.ts';
import type { Settings } from './options.ts';
import { sessionsOf } from './presence.ts';
import type { Sdk, UnixSpan } from './sdk.ts';

/** The reference says less than a day, the page of the error says a day at most. */
const longestSpanSeconds = 86_399;
/** Files are found by when they begin; a window may have been seen a little late. */
const padSeconds = 30;
/** Instants of the vendor's push records are whole seconds, at both ends. */
const toleranceMs = 2_000;
/** The last file is uploaded within this as a rule; it may be shorter than the tolerance, so it is always waited for. */
const uploadMs = 3_000;
/** OSS keeps this many push records. */
const recordsKept = 10;

/** What is needed to publish one channel's recording. */
export interface ChannelRecording {
  channel: string;
  /** Everything before `/{playlist}`. */
  baseUrl: string;
  fragDurationSeconds: number;
  /** Oldest first, not empty. */
  windows: readonly LiveWindow[];
}

interface Piece {
  span: UnixSpan;
  recordedMs: number;
}

/**
 * One playlist for each day of the show. Not yet while the end of the last window may still be on its way: OSS uploads
 * a file when it is cut, at the latest after `max(2 × FragDuration, 60 s)`.
 */
export async function publishVod(sdk: Sdk, recording: ChannelRecording, now: number): Promise<Progress<VodAsset[]>> {
  const spans = spansOf(recording.windows, now);
  const found = await Promise.all(spans.map((span) => look(sdk, recording.channel, span)));
  const pieces = found.filter((piece) => piece !== undefined);
  const recordedMs = pieces.reduce((sum, piece) => sum + piece.recordedMs, 0);
  const expectedMs = await expected(sdk, recording);
  const lastEnd = recording.windows.at(-1)?.to ?? 0;
  const complete = recordedMs >= expectedMs - toleranceMs && now >= lastEnd + uploadMs;
  if (!complete && now < settledAt(recording)) {
    const seen = `${(recordedMs / 1000).toFixed(1)} of ${(expectedMs / 1000).toFixed(1)} s`;
    return notYet(`the last TS files of ${recording.channel} (${seen} uploaded)`, 2_000);
  }
  const assets: VodAsset[] = [];
  for (const { span, recordedMs: durationMs } of pieces) {
    const name = `vod-${compactUtc(span.startTime)}.m3u8`;
    await sdk.postVodPlaylist(recording.channel, name, span);
    assets.push({
      url: `${recording.baseUrl}/${name}`,
      covers: coverOf(span, recording.windows),
      durationMs,
      finality: 'PostVodPlaylist',
    });
  }
  return done(assets);
}

/** From a little before the first window to a little after the last, cut at days; days without a window are left out. */
export function spansOf(windows: readonly LiveWindow[], now: number): UnixSpan[] {
  const first = windows[0];
  const last = windows.at(-1);
  if (!first || !last) return [];
  const from = Math.floor(first.from / 1000) - padSeconds;
  const to = Math.min(
    Math.ceil(last.to / 1000) + padSeconds,
    Math.max(Math.ceil(now / 1000), Math.ceil(last.to / 1000)),
  );
  const spans: UnixSpan[] = [];
  for (let startTime = from; startTime < to; startTime += longestSpanSeconds) {
    const span = { startTime, endTime: Math.min(startTime + longestSpanSeconds, to) };
    if (windows.some((window) => overlaps(window, span))) spans.push(span);
  }
  return spans;
}

const overlaps = (window: LiveWindow, span: UnixSpan): boolean =>
  window.from < span.endTime * 1000 && window.to > span.startTime * 1000;

function coverOf(span: UnixSpan, windows: readonly LiveWindow[]): LiveWindow {
  const inside = windows.filter((window) => overlaps(window, span));
  return {
    from: Math.max(span.startTime * 1000, inside[0]?.from ?? 0),
    to: Math.min(span.endTime * 1000, inside.at(-1)?.to ?? Number.POSITIVE_INFINITY),
  };
}

async function look(sdk: Sdk, channel: string, span: UnixSpan): Promise<Piece | undefined> {
  try {
    return { span, recordedMs: durationOf(await sdk.getVodPlaylist(channel, span)) };
  } catch (error) {
    if (isNothingRecorded(error)) return undefined;
    throw error;
  }
}

function durationOf(body: string): number {
  const playlist = readPlaylist(body);
  return playlist?.kind === 'media' ? playlist.durationMs : 0;
}

/** The vendor's own push records are sharper than what was seen by looking now and then, as long as it has them all. */
async function expected(sdk: Sdk, { channel, windows }: ChannelRecording): Promise<number> {
  const seenMs = windows.reduce((sum, window) => sum + (window.to - window.from), 0);
  const sessions = sessionsOf(await sdk.getChannelHistory(channel));
  if (sessions.length === 0 || sessions.length >= recordsKept) return seenMs;
  const pushedMs = sessions.reduce(
    (sum, { startedAt, endedAt }) => sum + Math.max(0, (endedAt ?? startedAt) - startedAt),
    0,
  );
  return Math.min(seenMs, pushedMs);
}

const settledAt = ({ windows, fragDurationSeconds }: ChannelRecording): number =>
  (windows.at(-1)?.to ?? 0) + Math.max(2 * fragDurationSeconds, 60) * 1000;

/** `20261201T180000Z`: a later show under the same name does not overwrite this one's playlist. */
const compactUtc = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, '');

/** With the account's signature where the bucket is private, else as any player. Ends of `range` are inclusive. */
export function fetchVod(
  sdk: Sdk,
  settings: Settings,
  url: string,
  range?: ByteRange,
  asset?: string,
): Promise<VodFile> {
  const ours = `${settings.playbackBaseUrl}/`;
  if (!settings.signedPlayback || !url.startsWith(ours)) return sdk.fetchMedia(url, range, asset);
  return sdk.getSigned(decodeURIComponent(url.slice(ours.length).split('?')[0] ?? ''), range);
}
