import { posix } from 'node:path';
import type { ObjectStore } from '../kit/object-store.ts';
import { mediaPlaylist } from '../kit/playlist.ts';
import { type Recording, record } from '../kit/recorder.ts';
import { keyOf, type LiveAccount, type LiveStream, type PresetConfig, type StreamName } from './state.ts';

interface Segment {
  key: string;
  durationMs: number;
  startedAt: number;
  discontinuity: boolean;
}

/** A recording that goes on over reconnects until nothing came for the wait of its preset. */
interface Task extends StreamName {
  bucket: string;
  config: PresetConfig;
  startedAt: number;
  segments: Segment[];
  width: number;
  height: number;
  sessions: number;
  closing?: NodeJS.Timeout;
}

/** What the history lists. */
export interface RecordFile extends StreamName {
  bucket: string;
  path: string;
  fileName: string;
  startedAt: number;
  endedAt: number;
  durationMs: number;
}

export interface IndexWish {
  from: number;
  to: number;
  bucket: string | undefined;
  object: string | undefined;
}

export interface IndexFile {
  url: string;
  bucket: string;
  object: string;
  durationMs: number;
  width: number;
  height: number;
}

/** The live playlist holds this many segments. */
const liveWindow = 6;
/** documented(https://www.volcengine.com/docs/6469/1126855) */
const defaultContinueSeconds = 180;
const playbackTargetMs = 2000;
export const playlistType = 'application/vnd.apple.mpegurl';
export const segmentType = 'video/mp2t';

export interface LiveSegment {
  number: number;
  bytes: Buffer;
  durationMs: number;
  startedAt: number;
  discontinuity: boolean;
}

/** Cuts everything that is sent: for viewers, and into TOS where a preset was in force when it began. */
export class Recordings {
  readonly files: RecordFile[] = [];
  readonly #account: LiveAccount;
  readonly #store: ObjectStore;
  readonly #bucketUrl: (bucket: string) => string;
  readonly #trouble: (name: StreamName, what: string) => void;
  readonly #open = new Map<string, Task>();
  readonly #closed: Task[] = [];
  readonly #running = new Map<LiveStream, Recording>();
  readonly #live = new Map<string, LiveSegment[]>();
  readonly #busy = new Set<Promise<void>>();

  /** `trouble` is called with what a recording lacks. */
  constructor(
    account: LiveAccount,
    store: ObjectStore,
    bucketUrl: (bucket: string) => string,
    trouble: (name: StreamName, what: string) => void,
  ) {
    this.#trouble = trouble;
    this.#account = account;
    this.#store = store;
    this.#bucketUrl = bucketUrl;
  }

  begin(stream: LiveStream): void {
    const task = this.#taskFor(stream);
    if (task) task.sessions += 1;
    const targetDurationMs = (task?.config.SliceDuration ?? playbackTargetMs / 1000) * 1000;
    const recording = record(stream.session, {
      targetDurationMs,
      startIndex: task?.segments.length ?? 0,
      onTrouble: (what) => this.#trouble(stream, what),
      onSegment: async (segment) => {
        this.#show(stream, segment);
        if (!task) return;
        const key = `${folderOf(this.#account, task)}/${task.startedAt}_${task.segments.length}.ts`;
        task.segments.push({ ...segment, key });
        const { width, height } = stream.session.stats();
        Object.assign(task, width && height ? { width, height } : {});
        await this.#store.put(`${task.bucket}/${key}`, segment.bytes, segmentType);
      },
    });
    this.#running.set(stream, recording);
    stream.session.once('end', () => this.#track(this.#end(stream, recording, task)));
  }

  /** The newest segments of a stream that is sending. */
  segments = (name: StreamName): readonly LiveSegment[] => this.#live.get(keyOf(name)) ?? [];

  async createIndex(name: StreamName, wish: IndexWish): Promise<IndexFile | undefined> {
    const tasks = this.#closed.filter((task) => keyOf(task) === keyOf(name));
    const segments = tasks.flatMap((task) =>
      task.segments.filter(({ startedAt, durationMs }) => startedAt < wish.to && startedAt + durationMs > wish.from),
    );
    const task = tasks.at(-1);
    if (!task || segments.length === 0) return undefined;
    const bucket = wish.bucket ?? task.bucket;
    const seconds = [wish.from, wish.to].map((at) => Math.floor(at / 1000));
    const object = wish.object ?? `${folderOf(this.#account, name)}/index_${seconds.join('_')}.m3u8`;
    await this.#putPlaylist(bucket, object, segments);
    return {
      url: `${this.#bucketUrl(bucket)}/${object}`,
      bucket,
      object,
      durationMs: durationOf(segments),
      width: task.width,
      height: task.height,
    };
  }

  async close(): Promise<void> {
    for (const task of this.#open.values()) clearTimeout(task.closing);
    await Promise.all([...this.#running.values()].map((recording) => recording.finish()));
    await Promise.all(this.#busy);
  }

  #track(work: Promise<void>): void {
    this.#busy.add(work);
    void work.finally(() => this.#busy.delete(work));
  }

  #taskFor(stream: LiveStream): Task | undefined {
    const open = this.#open.get(keyOf(stream));
    if (open) {
      clearTimeout(open.closing);
      return open;
    }
    const config = this.#account.recordingConfig(stream);
    const bucket = config?.HlsParam?.TOSParam?.Bucket;
    if (!config?.HlsParam?.Enable || !bucket || !config.OriginRecord) return undefined;
    const { app, stream: name, startedAt } = stream;
    const task = { app, stream: name, bucket, config, startedAt, segments: [], width: 0, height: 0, sessions: 0 };
    this.#open.set(keyOf(stream), task);
    return task;
  }

  async #end(stream: LiveStream, recording: Recording, task: Task | undefined): Promise<void> {
    await recording.finish();
    this.#running.delete(stream);
    if (!this.#account.live.has(keyOf(stream))) this.#live.delete(keyOf(stream));
    if (!task) return;
    task.sessions -= 1;
    if (task.sessions > 0) return;
    const waitSeconds = task.config.HlsParam?.ContinueDuration ?? defaultContinueSeconds;
    const waitMs = waitSeconds * 1000 * this.#account.options.slowness;
    if (waitMs === 0) return this.#closeTask(task);
    task.closing = setTimeout(() => this.#track(this.#closeTask(task)), waitMs);
  }

  /** documented(https://www.volcengine.com/docs/6469/1126855): a file is closed when the break outlasts the wait. */
  async #closeTask(task: Task): Promise<void> {
    this.#open.delete(keyOf(task));
    const [first, last] = [task.segments[0], task.segments.at(-1)];
    if (!first || !last) return;
    const endedAt = last.startedAt + last.durationMs;
    const path = folderOf(this.#account, task);
    const name = `${Math.floor(first.startedAt / 1000)}_${Math.floor(endedAt / 1000)}`;
    // Ours: what would have the name of an earlier file gets a number.
    const same = this.files.filter((file) => file.path === path && file.fileName.startsWith(`${name}.`)).length;
    const fileName = `${name}${same > 0 ? `.${same}` : ''}.m3u8`;
    await this.#putPlaylist(task.bucket, `${path}/${fileName}`, task.segments);
    this.#closed.push(task);
    const { app, stream, bucket } = task;
    const durationMs = durationOf(task.segments);
    this.files.push({ app, stream, bucket, path, fileName, startedAt: first.startedAt, endedAt, durationMs });
  }

  /** That segments stand in a playlist relative to it, unless it is in another bucket: assumed. */
  async #putPlaylist(bucket: string, object: string, segments: readonly Segment[]): Promise<void> {
    const home = segments[0] && this.#closedIn(segments[0].key);
    const uriOf = ({ key }: Segment) =>
      home === undefined || home === bucket
        ? posix.relative(posix.dirname(`/${object}`), `/${key}`)
        : `${this.#bucketUrl(home)}/${key}`;
    const listed = segments.map((segment) => ({ ...segment, uri: uriOf(segment) }));
    const text = mediaPlaylist({ segments: listed, type: 'VOD', ended: true, programDateTime: true });
    await this.#store.put(`${bucket}/${object}`, text, playlistType);
  }

  #closedIn = (key: string): string | undefined =>
    this.#closed.find((task) => task.segments.some((segment) => segment.key === key))?.bucket;

  #show(stream: LiveStream, segment: Omit<LiveSegment, 'number'>): void {
    const shown = this.#live.get(keyOf(stream)) ?? [];
    const { bytes, durationMs, startedAt, discontinuity } = segment;
    const number = (shown.at(-1)?.number ?? -1) + 1;
    this.#live.set(
      keyOf(stream),
      [...shown, { number, bytes, durationMs, startedAt, discontinuity }].slice(-liveWindow),
    );
  }
}

/** documented(https://www.volcengine.com/docs/6469/1126855): record/{PubDomain}/{App}/{Stream}. */
const folderOf = (account: LiveAccount, { app, stream }: StreamName): string =>
  `record/${account.options.vhost}/${app}/${stream}`;

const durationOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
