import { Refused } from './errors.ts';
import type { Credential } from './signature.ts';

export interface ChannelConfig {
  description: string;
  status: 'enabled' | 'disabled';
  fragDuration: number;
  fragCount: number;
  playlistName: string;
}

/** One push; `endedAt` absent while it goes on. Epoch milliseconds. */
export interface Push {
  startedAt: number;
  endedAt?: number;
  remoteAddr: string;
  /** The playlist this push writes. */
  playlistName: string;
  /** What is known of the picture now. */
  look(): PushLook;
}

export interface PushLook {
  video?: { width: number; height: number; frameRate: number; bytesPerSecond: number; codec: string };
  audio?: { sampleRate: number; bytesPerSecond: number; codec: string };
}

export interface Channel extends ChannelConfig {
  name: string;
  lastModified: number;
  /** Newest last. */
  pushes: Push[];
}

export interface TsFile {
  /** Without the channel in front. */
  name: string;
  startedAt: number;
  durationMs: number;
  discontinuity: boolean;
}

export type Acl = 'private' | 'public-read' | 'public-read-write';

/** documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelhistory) */
const historyLength = 10;
/** documented(https://www.alibabacloud.com/help/en/oss/support/0044-00000304) (the reference says less than this) */
const maxSpanSeconds = 86_400;

/** One bucket of one account: its channels, and which TS files each name has produced. */
export class OssState {
  readonly bucket: string;
  readonly credentials: readonly Credential[];
  readonly signRegion: string;
  acl: Acl = 'public-read';
  /** Actions that the keys are not allowed. */
  readonly denied: ReadonlySet<string>;
  readonly channels = new Map<string, Channel>();
  /** By channel name; they outlive the channel. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/deletelivechannel) */
  readonly #files = new Map<string, TsFile[]>();
  made = 0;

  constructor(bucket: string, signRegion: string, credentials: readonly Credential[], denied: readonly string[] = []) {
    this.denied = new Set(denied);
    this.bucket = bucket;
    this.signRegion = signRegion;
    this.credentials = credentials;
  }

  get(name: string): Channel {
    const channel = this.channels.get(name);
    if (!channel) throw new Refused('NoSuchLiveChannel');
    return channel;
  }

  /** An existing channel is overwritten, but not a live one. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel) */
  put(name: string, config: ChannelConfig): Channel {
    const existing = this.channels.get(name);
    if (existing && currentPush(existing)) throw new Refused('ChannelStillLive');
    const channel = { ...config, name, lastModified: Date.now(), pushes: [] };
    this.channels.set(name, channel);
    this.made += 1;
    return channel;
  }

  /** A live channel may only be disabled. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannelstatus) */
  setStatus(name: string, status: 'enabled' | 'disabled'): Channel {
    const channel = this.get(name);
    if (status === 'enabled' && channel.status === 'disabled' && currentPush(channel)) {
      throw new Refused('ChannelStillLive');
    }
    channel.status = status;
    channel.lastModified = Date.now();
    return channel;
  }

  /** Refused while live; never deletes recorded files. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/deletelivechannel) */
  delete(name: string): void {
    if (currentPush(this.get(name))) throw new Refused('ChannelStillLive');
    this.channels.delete(name);
  }

  /** Names in order, those after the marker. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/listlivechannel) */
  list(prefix: string, marker: string, max: number): { page: Channel[]; truncated: boolean } {
    const all = [...this.channels.values()]
      .filter(({ name }) => name.startsWith(prefix) && name > marker)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return { page: all.slice(0, max), truncated: all.length > max };
  }

  addFile(channel: string, file: TsFile): void {
    this.#files.set(channel, [...this.files(channel), file]);
  }

  files(channel: string): TsFile[] {
    return this.#files.get(channel) ?? [];
  }

  /** The files that begin inside the span. documented(https://www.alibabacloud.com/help/en/oss/developer-reference/postvodplaylist) */
  filesIn(channel: string, startSeconds: number, endSeconds: number): TsFile[] {
    if (!Number.isInteger(startSeconds)) throw new Refused('BadStartTime');
    if (!Number.isInteger(endSeconds) || endSeconds <= startSeconds) {
      throw new Refused('InvalidArgument', 'endTime must be later than startTime.');
    }
    if (endSeconds - startSeconds > maxSpanSeconds) throw new Refused('SpanTooLong');
    const inside = this.files(channel).filter(
      ({ startedAt }) => startedAt >= startSeconds * 1000 && startedAt <= endSeconds * 1000,
    );
    if (inside.length === 0) throw new Refused('NoTsFile');
    return inside;
  }
}

export const currentPush = (channel: Channel): Push | undefined => {
  const last = channel.pushes.at(-1);
  return last && last.endedAt === undefined ? last : undefined;
};

/**
 * documented(https://www.alibabacloud.com/help/en/oss/developer-reference/getlivechannelstat)
 * That a channel that was disabled says `Live` until its encoder has been dropped: assumed.
 */
export const statusOf = (channel: Channel): 'Disabled' | 'Idle' | 'Live' =>
  currentPush(channel) ? 'Live' : channel.status === 'disabled' ? 'Disabled' : 'Idle';

export function addPush(channel: Channel, push: Push): void {
  channel.pushes = [...channel.pushes, push].slice(-historyLength);
}
