import type { ObjectStore } from '../kit/object-store.ts';
import { mediaPlaylist, multivariantPlaylist, type PlaylistSegment } from '../kit/playlist.ts';
import { record, type TsSegment } from '../kit/recorder.ts';
import type { IngestSession } from '../kit/rtmp-ingest.ts';
import type { RecordingConfigurationRecord, SessionRecord } from './records.ts';
import { type IvsAccount, letters, noteEvent } from './state.ts';

export interface RecorderOptions {
  account: IvsAccount;
  store: ObjectStore;
  segmentMs: number;
  recordingsFail: boolean;
  /** Called with what a recording lacks. */
  trouble(channelArn: string, what: string): void;
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html):
 * "usually" objects are there within 10 s of the end; shorter here.
 */
const writeDelayMs = 1_000;
const playlistType = 'application/vnd.apple.mpegurl';

/** One recording: a prefix in a bucket, filled by one session or, within the reconnect window, by several. */
interface Running {
  channelArn: string;
  configuration: RecordingConfigurationRecord;
  /** `ivs/v1/…/<recording id>/`; empty until the first segment. */
  prefix: string;
  renditionPrefix: string;
  rendition: { path: string; width: number; height: number };
  segments: PlaylistSegment[];
  bytes: number;
  startedAt: number;
  /** Newest session; gets the recording's events. */
  session: SessionRecord;
  /** One file after the other. */
  writing: Promise<void>;
  /** Resolved when the segments of the session that left are all with us. */
  flushed: Promise<void>;
  /** When the encoder left; absent while it sends. */
  leftAt?: number;
  ending?: NodeJS.Timeout;
}

/**
 * Auto-record to S3.
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html): layout, event files, merging.
 * Not simulated: several renditions, thumbnails, byte-range playlists, fMP4.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  /** By channel; the one that a returning encoder would continue. */
  readonly #running = new Map<string, Running>();
  readonly #unfinished = new Set<Running>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  running(channelArn: string): Running | undefined {
    return this.#running.get(channelArn);
  }

  /** Records the session when its channel says so. */
  begin(session: IngestSession, entry: SessionRecord): void {
    const { account, segmentMs } = this.#options;
    const { recordingConfiguration: configuration } = entry;
    if (!configuration || account.stateOf(configuration) !== 'ACTIVE') return;
    const running = this.#resume(entry) ?? this.#open(entry, configuration);
    const recording = record(session, {
      targetDurationMs: segmentMs,
      onSegment: (segment) => this.#enqueue(running, () => this.#write(running, segment, session)),
      onTrouble: (what) => this.#options.trouble(session.key, what),
    });
    session.once('end', () => void this.#left(running, entry, recording.finish()));
  }

  /** Drops what has not ended. */
  async close(): Promise<void> {
    for (const running of this.#unfinished) {
      clearTimeout(running.ending);
      await running.flushed;
      await running.writing;
    }
    this.#running.clear();
    this.#unfinished.clear();
  }

  #open(session: SessionRecord, configuration: RecordingConfigurationRecord): Running {
    const opened: Running = {
      channelArn: session.channel.arn,
      configuration,
      prefix: '',
      renditionPrefix: '',
      rendition: { path: '', width: 0, height: 0 },
      segments: [],
      bytes: 0,
      startedAt: 0,
      session,
      writing: Promise.resolve(),
      flushed: Promise.resolve(),
    };
    this.#running.set(session.channel.arn, opened);
    this.#unfinished.add(opened);
    return opened;
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html):
   * back within the window continues the recording; later, or without a window, begins another.
   */
  #resume(session: SessionRecord): Running | undefined {
    const running = this.#running.get(session.channel.arn);
    if (running?.leftAt === undefined) return undefined;
    if (Date.now() - running.leftAt >= this.#windowMs(running)) return undefined;
    clearTimeout(running.ending);
    running.leftAt = undefined;
    running.ending = undefined;
    running.session = session;
    return running;
  }

  #windowMs(running: Running): number {
    return running.configuration.recordingReconnectWindowSeconds * 1000 * this.#options.account.options.slowness;
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html):
   * the end is reported no sooner than the reconnect window after the encoder left.
   */
  async #left(running: Running, session: SessionRecord, flushed: Promise<void>): Promise<void> {
    running.leftAt = Date.now();
    running.flushed = flushed;
    const delay = this.#windowMs(running) + writeDelayMs * this.#options.account.options.slowness;
    running.ending = setTimeout(() => void this.#end(running), delay);
    running.ending.unref();
    await flushed;
    // Nothing was recorded, so there is nothing that the next session could continue.
    if (running.segments.length === 0 && running.session === session) this.#forget(running);
  }

  async #end(running: Running): Promise<void> {
    await running.flushed;
    const failed = this.#options.recordingsFail;
    if (running.segments.length > 0) {
      noteEvent(running.session, failed ? 'Recording End Failure' : 'Recording End', 'IVS Recording State Change');
      const [file, status] = failed
        ? ['recording-failed.json', 'RECORDING_ENDED_WITH_FAILURE']
        : ['recording-ended.json', 'RECORDING_ENDED'];
      await this.#enqueue(running, () => this.#putEvent(running, file, status));
    }
    this.#forget(running);
  }

  #forget(running: Running): void {
    clearTimeout(running.ending);
    this.#unfinished.delete(running);
    if (this.#running.get(running.channelArn) === running) this.#running.delete(running.channelArn);
  }

  #enqueue(running: Running, work: () => Promise<void>): Promise<void> {
    running.writing = running.writing.then(work);
    return running.writing;
  }

  async #write(running: Running, segment: TsSegment, session: IngestSession): Promise<void> {
    if (running.prefix === '') await this.#start(running, segment.startedAt, session);
    const index = running.segments.length;
    const uri = `${index}.ts`;
    const discontinuity = segment.discontinuity && index > 0;
    await this.#put(running, `${running.renditionPrefix}${uri}`, segment.bytes, 'video/mp2t');
    running.bytes += segment.bytes.length;
    running.segments.push({ uri, durationMs: segment.durationMs, startedAt: segment.startedAt, discontinuity });
    await this.#writePlaylists(running, session);
  }

  async #start(running: Running, startedAt: number, session: IngestSession): Promise<void> {
    const { width = 0, height = 0, frameRate = 30 } = session.stats();
    const path = `${height || 720}p${Math.round(frameRate)}`;
    running.startedAt = startedAt;
    running.rendition = { path, width, height };
    running.prefix = prefixOf(running.channelArn, startedAt);
    running.renditionPrefix = `${running.prefix}media/hls/${path}/`;
    noteEvent(running.session, 'Recording Start', 'IVS Recording State Change');
    await this.#putEvent(running, 'recording-started.json', 'RECORDING_STARTED');
  }

  /**
   * recorded(https://github.com/aws-samples/amazon-ivs-dvr-web-demo):
   * the playlist of a running recording carries ENDLIST all the time.
   */
  async #writePlaylists(running: Running, session: IngestSession): Promise<void> {
    const { segments, rendition, renditionPrefix, prefix } = running;
    const media = mediaPlaylist({ segments, type: 'VOD', ended: true, programDateTime: true });
    await this.#put(running, `${renditionPrefix}playlist.m3u8`, media, playlistType);
    const seconds = segments.reduce((sum, one) => sum + one.durationMs, 0) / 1000;
    const { frameRate } = session.stats();
    const { width, height } = rendition;
    const uri = `${rendition.path}/playlist.m3u8`;
    const bitsPerSecond = (running.bytes * 8) / Math.max(seconds, 1);
    const master = multivariantPlaylist({ variants: [{ uri, bitsPerSecond, width, height, frameRate }] });
    await this.#put(running, `${prefix}media/hls/master.m3u8`, master, playlistType);
  }

  #putEvent(running: Running, file: string, status: string): Promise<void> {
    const json = JSON.stringify(eventOf(running, status), undefined, 2);
    return this.#put(running, `${running.prefix}events/${file}`, json, 'application/json');
  }

  async #put(running: Running, key: string, body: Buffer | string, contentType: string): Promise<void> {
    await this.#options.store.put(`${running.configuration.bucketName}/${key}`, body, contentType);
  }
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html):
 * UTC, without zero padding.
 */
function prefixOf(channelArn: string, startedAt: number): string {
  const [, , , , account = '', resource = ''] = channelArn.split(':');
  const at = new Date(startedAt);
  const folders = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()];
  return ['ivs/v1', account, resource.split('/')[1], ...folders, letters(12), ''].join('/');
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html):
 * the fields, and that the duration is only known at the end.
 */
function eventOf({ channelArn, segments, startedAt, rendition }: Running, status: string): object {
  const ended = status !== 'RECORDING_STARTED';
  const failed = status === 'RECORDING_ENDED_WITH_FAILURE';
  const last = segments.at(-1);
  const durationMs = Math.round(segments.reduce((sum, one) => sum + one.durationMs, 0));
  const endedAt = last && new Date(last.startedAt + last.durationMs).toISOString();
  return {
    version: 'v1',
    channel_arn: channelArn,
    recording_started_at: new Date(startedAt).toISOString(),
    ...(ended && { recording_ended_at: endedAt }),
    recording_status: status,
    ...(failed && { recording_status_message: 'The simulator is set to let recordings fail.' }),
    media: {
      hls: {
        path: 'media/hls',
        playlist: 'master.m3u8',
        ...(ended && { duration_ms: durationMs }),
        renditions: [
          {
            path: rendition.path,
            playlist: 'playlist.m3u8',
            resolution_width: rendition.width,
            resolution_height: rendition.height,
          },
        ],
      },
    },
  };
}
