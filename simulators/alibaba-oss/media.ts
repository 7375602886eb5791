import { setTimeout as wait } from 'node:timers/promises';
import type { ObjectStore } from '../kit/object-store.ts';
import { mediaPlaylist } from '../kit/playlist.ts';
import { type Recording, record } from '../kit/recorder.ts';
import {
  type IngestRequest,
  type IngestSession,
  type IngestVerdict,
  onlyCodecs,
  RtmpIngest,
} from '../kit/rtmp-ingest.ts';
import type { TsSegment } from '../kit/ts-segmenter.ts';
import { publishProblem } from './signature.ts';
import { addPush, type Channel, type OssState, type Push, type PushLook, type TsFile } from './state.ts';

/** Within about 10 s. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannelstatus) */
const dropMs = 3_000;
/** A TS file is there only after its upload, documented(https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist); how long that takes is ours. */
const uploadMs = 1_000;
/** A picture that has not come for this long has a rate of 0. */
const silentMs = 3_000;
const playlistType = 'application/x-mpegURL';

export interface MediaOptions {
  state: OssState;
  store: ObjectStore;
  slowness: number;
  /** Called for each refused push, without its secrets. */
  refused(channel: string, reason: string): void;
  /** Called with what a recording lacks, and why a push was cut. */
  note(channel: string, what: string): void;
  /** Called when a push begins or ends. */
  changed(): void;
}

/** Takes pushes, cuts them into TS files in the bucket, writes playlists. */
export class OssMedia {
  readonly #state: OssState;
  readonly #store: ObjectStore;
  readonly #slowness: number;
  readonly #ingest: RtmpIngest;
  readonly #note: MediaOptions['note'];
  readonly #changed: MediaOptions['changed'];
  readonly #recordings = new Set<Recording>();
  readonly #closing = new AbortController();

  constructor({ state, store, slowness, refused, note, changed }: MediaOptions) {
    this.#changed = changed;
    this.#state = state;
    this.#store = store;
    this.#slowness = slowness;
    this.#note = note;
    this.#ingest = new RtmpIngest({
      authorize: async (req) => this.#authorize(req),
      // Sound in other codecs than AAC is left out.
      // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/rtmp-based-stream-ingest)
      codecProblem: (codec, track) => (track === 'audio' ? undefined : onlyCodecs(['AVC'])(codec)),
    });
    this.#ingest.on('unpublish', (session, reason) => note(session.key, `the push ended: ${reason}`));
    this.#ingest.on('refused', (req, reason) => refused(req.name, reason));
    this.#ingest.on('publish', (session) => this.#published(session));
  }

  listen(port: number, host: string): Promise<number> {
    return this.#ingest.listen(port, host);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ingest.close();
    await Promise.all([...this.#recordings].map((recording) => recording.finish()));
  }

  /** After the channel was disabled. */
  async drop(channel: Channel): Promise<void> {
    await this.#later(dropMs);
    if (channel.status === 'disabled') this.#ingest.kick(channel.name, 'the channel was disabled');
  }

  /**
   * documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getvodplaylist) — it ends and names no type.
   * That a reconnect is a discontinuity: assumed.
   */
  vodPlaylist(files: readonly TsFile[]): string {
    return mediaPlaylist({ segments: files.map(asSegment), type: 'LIVE', ended: true });
  }

  /** documented(https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist) */
  async saveVodPlaylist(channel: string, name: string, files: readonly TsFile[]): Promise<{ etag: string }> {
    return this.#store.put(`${channel}/${name}`, this.vodPlaylist(files), playlistType);
  }

  /**
   * A disabled channel refuses pushes; a signature is needed unless the bucket is public-read-write; its expiry counts
   * only here. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/rtmp-ingest-urls-and-signatures) The words of the refusal are ours.
   */
  #authorize({ app, name, query }: IngestRequest): IngestVerdict {
    const refuse = (reason: string): IngestVerdict => ({ ok: false, reason });
    const { bucket, acl, credentials, channels } = this.#state;
    if (app !== 'live' && app !== `${bucket}/live`) return refuse('NoSuchBucket: publish to /live/{channel}');
    const channel = channels.get(name);
    if (acl !== 'public-read-write') {
      const problem = publishProblem(query, { bucket, channel: name }, credentials, Date.now());
      if (problem) return refuse(problem);
    }
    if (!channel) return refuse('NoSuchLiveChannel');
    if (channel.status === 'disabled') return refuse('LiveChannelDisabled');
    return { ok: true, key: name };
  }

  #published(session: IngestSession): void {
    const channel = this.#state.get(session.key);
    const { remoteAddress, remotePort, query } = session.req;
    const push: Push = {
      startedAt: session.startedAt,
      remoteAddr: `${remoteAddress}:${remotePort}`,
      // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/rtmp-ingest-urls-and-signatures)
      playlistName: query.playlistName || channel.playlistName,
      look: () => lookOf(session),
    };
    addPush(channel, push);
    this.#changed();
    session.on('end', () => {
      push.endedAt = Date.now();
      this.#changed();
    });
    const recording = record(session, {
      targetDurationMs: channel.fragDuration * 1000,
      // documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel)
      maxDurationMs: Math.max(2 * channel.fragDuration, 60) * 1000,
      codecs: ['AVC', 'AAC'],
      onSegment: (segment) => this.#upload(channel, push, segment),
      onTrouble: (what) => this.#note(channel.name, what),
    });
    this.#recordings.add(recording);
    session.on('end', () => {
      void recording.finish().then(() => this.#recordings.delete(recording));
    });
  }

  async #upload(channel: Channel, push: Push, segment: TsSegment): Promise<void> {
    await this.#later(uploadMs);
    const { startedAt, durationMs, discontinuity } = segment;
    const file = { name: this.#freeName(channel.name, startedAt), startedAt, durationMs, discontinuity };
    await this.#store.put(`${channel.name}/${file.name}`, segment.bytes, 'video/mp2t');
    this.#state.addFile(channel.name, file);
    const files = this.#state.files(channel.name);
    const shown = files.slice(-channel.fragCount);
    const gone = files.slice(0, -channel.fragCount);
    const playlist = mediaPlaylist({
      segments: shown.map(asSegment),
      type: 'LIVE',
      ended: false,
      mediaSequence: gone.length,
      discontinuitySequence: gone.slice(1).filter((one) => one.discontinuity).length,
    });
    await this.#store.put(`${channel.name}/${push.playlistName}`, playlist, playlistType);
  }

  /** Names are milliseconds, as in the example. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getvodplaylist) */
  #freeName(channel: string, startedAt: number): string {
    const taken = new Set(this.#state.files(channel).map(({ name }) => name));
    let milliseconds = Math.round(startedAt);
    while (taken.has(`${milliseconds}.ts`)) milliseconds += 1;
    return `${milliseconds}.ts`;
  }

  /** At once when nothing is slow, and when the simulator closes. */
  async #later(ms: number): Promise<void> {
    if (this.#slowness <= 0 || this.#closing.signal.aborted) return;
    await wait(ms * this.#slowness, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}

const asSegment = ({ name, ...rest }: TsFile) => ({ uri: name, ...rest });

function lookOf(session: IngestSession): PushLook {
  const stats = session.stats();
  const seconds = Math.max(0.001, (Date.now() - session.startedAt) / 1000);
  const silent = stats.lastTagAt === undefined || Date.now() - stats.lastTagAt > silentMs;
  const rate = (amount: number) => (silent ? 0 : Math.round(amount / seconds));
  return {
    ...(stats.videoCodec && {
      video: {
        width: stats.width ?? 0,
        height: stats.height ?? 0,
        frameRate: rate(stats.frames),
        bytesPerSecond: rate(stats.videoBytes),
        codec: stats.videoCodec === 'AVC' ? 'H264' : stats.videoCodec,
      },
    }),
    ...(stats.audioCodec && {
      audio: {
        sampleRate: stats.audioSampleRate ?? 0,
        bytesPerSecond: rate(stats.audioBytes),
        codec: stats.audioCodec,
      },
    }),
  };
}
