import { randomInt } from 'node:crypto';
import { BillingMeter } from '../kit/billing-meter.ts';
import type { SimResource } from '../kit/types.ts';
import { IvsError } from './errors.ts';
import type {
  ChannelRecord,
  KeyPairRecord,
  PushFacts,
  RecordingConfigurationRecord,
  RestrictionPolicyRecord,
  SessionRecord,
  StreamKeyRecord,
  Tags,
} from './records.ts';

export interface AccountOptions {
  accountId: string;
  region: string;
  /** Where players reach this account, no slash at the end. */
  publicUrl: () => string;
  slowness: number;
  /** ListStreams shows a start or an end only this much later. */
  listLagMs: number;
  /** ListChannels shows a new channel only this much later; GetChannel is not behind. */
  createLagMs: number;
  maxChannels: number;
  /** Actions that the account's keys are not allowed. */
  denied: ReadonlySet<string>;
  /** Region of each bucket that IVS may write to. */
  buckets: ReadonlyMap<string, string>;
}

/** A new recording configuration is CREATING first, documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_RecordingConfiguration.html); for a time of ours. */
const bucketCheckMs = 1_000;
/** documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html) */
const quotas = { recordingConfigurations: 20, policies: 20, keyPairs: 3 };
/** documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_Stream.html) Without a frame for this long, a time of ours. */
const starvingAfterMs = 3_000;

/** One AWS account in one region, as far as IVS goes. */
export class IvsAccount {
  readonly options: AccountOptions;
  readonly channels = new Map<string, ChannelRecord>();
  readonly streamKeys = new Map<string, StreamKeyRecord>();
  readonly recordings = new Map<string, RecordingConfigurationRecord>();
  readonly policies = new Map<string, RestrictionPolicyRecord>();
  readonly keyPairs = new Map<string, KeyPairRecord>();
  readonly made: Record<string, number> = {};
  /** Set by the ingest: cuts who publishes to this channel. */
  kick: (channelArn: string, reason: string) => void = () => undefined;
  /** Called for every event of a session. */
  onEvent: (session: SessionRecord, name: string, type: string) => void = () => undefined;
  readonly meter = new BillingMeter(() => this.resources());
  readonly #sessions = new Map<string, SessionRecord[]>();
  /** Ended ones are kept for lists that lag behind. */
  #streams: SessionRecord[] = [];
  readonly #madeAt = new Map<string, number>();
  #seq = 0;

  constructor(options: AccountOptions) {
    this.options = options;
  }

  createChannel(settings: Pick<ChannelRecord, 'name' | 'tags'> & Partial<ChannelRecord>): ChannelRecord {
    if (this.channels.size >= this.options.maxChannels) throw exceeded('channels per region');
    const { region, accountId, publicUrl } = this.options;
    const { arn, id, seq } = this.#make('channel');
    const channel: ChannelRecord = {
      latencyMode: 'LOW',
      type: 'STANDARD',
      recordingConfigurationArn: '',
      authorized: false,
      insecureIngest: false,
      preset: '',
      playbackRestrictionPolicyArn: '',
      containerFormat: 'TS',
      ...settings,
      arn,
      seq,
      ingestEndpoint: `${id.toLowerCase()}.global-contribute.live-video.net`,
      playbackUrl: `${publicUrl()}/api/video/v1/${region}.${accountId}.channel.${id}.m3u8`,
    };
    this.channels.set(arn, channel);
    return channel;
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteChannel.html):
   * deleting a channel deletes its stream keys, and is refused while it is live.
   */
  deleteChannel(arn: string): void {
    this.refuseIfLive(this.channel(arn));
    for (const key of this.keysOf(arn)) this.streamKeys.delete(key.arn);
    this.channels.delete(arn);
    this.#sessions.delete(arn);
  }

  channel(arn: string): ChannelRecord {
    return this.#found(this.channels, arn);
  }

  refuseIfLive(channel: ChannelRecord): void {
    if (this.liveStream(channel.arn)) throw new IvsError('ConflictException', `Channel: ${channel.arn} is live`);
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateStreamKey.html): one key per
   * channel, the one that CreateChannel makes included. That one is not counted as made: no client asked for it.
   */
  createStreamKey(channelArn: string, tags: Tags, counted = true): StreamKeyRecord {
    this.channel(channelArn);
    if (this.keysOf(channelArn).length > 0) throw exceeded('stream keys per channel');
    const { arn, seq } = this.#make('stream-key', counted);
    const value = `sk_${this.options.region}_${letters(12)}_${letters(30)}`;
    const key = { arn, seq, value, channelArn, tags };
    this.streamKeys.set(arn, key);
    return key;
  }

  keysOf(channelArn: string): StreamKeyRecord[] {
    return [...this.streamKeys.values()].filter((key) => key.channelArn === channelArn);
  }

  channelOfKey(value: string): ChannelRecord | undefined {
    const key = [...this.streamKeys.values()].find((one) => one.value === value);
    return key && this.channels.get(key.channelArn);
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateRecordingConfiguration.html):
   * a bucket in another region is found out later, and the state says so.
   */
  createRecordingConfiguration(
    settings: Omit<RecordingConfigurationRecord, 'arn' | 'seq' | 'decidedAt' | 'outcome'>,
  ): RecordingConfigurationRecord {
    if (this.recordings.size >= quotas.recordingConfigurations) throw exceeded('recording configurations per region');
    const region = this.options.buckets.get(settings.bucketName);
    if (!region) throw new IvsError('ValidationException', `Bucket ${settings.bucketName} does not exist.`);
    const outcome = region === this.options.region ? 'ACTIVE' : 'CREATE_FAILED';
    const decidedAt = Date.now() + bucketCheckMs * this.options.slowness;
    return this.#keep(this.recordings, 'recording-configuration', { ...settings, outcome, decidedAt });
  }

  deleteRecordingConfiguration(arn: string): void {
    this.recording(arn);
    const used = [...this.channels.values()].some((channel) => channel.recordingConfigurationArn === arn);
    if (used) throw new IvsError('ConflictException', `Recording configuration ${arn} is associated with a channel`);
    this.recordings.delete(arn);
  }

  recording(arn: string): RecordingConfigurationRecord {
    return this.#found(this.recordings, arn);
  }

  createPolicy(settings: Omit<RestrictionPolicyRecord, 'arn' | 'seq'>): RestrictionPolicyRecord {
    if (this.policies.size >= quotas.policies) throw exceeded('playback restriction policies per region');
    return this.#keep(this.policies, 'playback-restriction-policy', settings);
  }

  policy(arn: string): RestrictionPolicyRecord {
    return this.#found(this.policies, arn);
  }

  deletePolicy(arn: string): void {
    this.policy(arn);
    const used = [...this.channels.values()].some((channel) => channel.playbackRestrictionPolicyArn === arn);
    if (used) throw new IvsError('ConflictException', `Policy ${arn} is associated with a channel`);
    this.policies.delete(arn);
  }

  importKeyPair(settings: Omit<KeyPairRecord, 'arn' | 'seq'>): KeyPairRecord {
    if (this.keyPairs.size >= quotas.keyPairs) throw exceeded('playback key pairs per region');
    return this.#keep(this.keyPairs, 'playback-key', settings);
  }

  keyPair(arn: string): KeyPairRecord {
    return this.#found(this.keyPairs, arn);
  }

  #found<T>(all: ReadonlyMap<string, T>, arn: string): T {
    const found = all.get(arn);
    if (found) return found;
    throw new IvsError('ResourceNotFoundException', `Resource: ${arn} not found`);
  }

  stateOf(recording: RecordingConfigurationRecord): 'CREATING' | 'ACTIVE' | 'CREATE_FAILED' {
    return Date.now() < recording.decidedAt ? 'CREATING' : recording.outcome;
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StreamSession.html):
   * every connection is a session with an id of its own, also a reconnect.
   */
  streamStarted(channelArn: string, push: () => PushFacts): SessionRecord {
    const channel = this.channel(channelArn);
    const recordingConfiguration = this.recordings.get(channel.recordingConfigurationArn);
    const session: SessionRecord = {
      seq: this.#next(),
      streamId: `st-${letters(23)}`,
      startedAt: Date.now(),
      channel: { ...channel },
      ...(recordingConfiguration && { recordingConfiguration: { ...recordingConfiguration } }),
      push,
      events: [],
      onEvent: (name, type) => this.onEvent(session, name, type),
    };
    for (const name of ['Session Created', 'Stream Start']) noteEvent(session, name, 'IVS Stream State Change');
    this.#sessions.set(channelArn, [...this.sessionsOf(channelArn), session]);
    this.#streams.push(session);
    this.meter.read();
    return session;
  }

  streamEnded(session: SessionRecord): void {
    session.endedAt = Date.now();
    this.meter.read();
    for (const name of ['Stream End', 'Session Ended']) noteEvent(session, name, 'IVS Stream State Change');
    this.#streams = this.#streams.filter((one) => this.#shown(one) || one.endedAt === undefined);
  }

  /** Oldest first. */
  sessionsOf(channelArn: string): SessionRecord[] {
    return this.#sessions.get(channelArn) ?? [];
  }

  liveStream(channelArn: string): SessionRecord | undefined {
    return this.sessionsOf(channelArn).find((session) => session.endedAt === undefined);
  }

  /** What ListStreams shows now. */
  listedStreams(): SessionRecord[] {
    return this.#streams.filter((session) => this.#shown(session));
  }

  healthOf(session: SessionRecord): 'HEALTHY' | 'STARVING' | 'UNKNOWN' {
    const { frames, lastTagAt } = session.push();
    if (frames === 0 || lastTagAt === undefined) return 'UNKNOWN';
    return Date.now() - lastTagAt > starvingAfterMs ? 'STARVING' : 'HEALTHY';
  }

  /**
   * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_TagResource.html):
   * whatever has an ARN can be tagged.
   */
  tagged(arn: string): { tags: Tags } {
    const { channels, streamKeys, recordings, policies, keyPairs } = this;
    const all: Iterable<[string, { tags: Tags }]>[] = [channels, streamKeys, recordings, policies, keyPairs];
    return this.#found(new Map(all.flatMap((one) => [...one])), arn);
  }

  /** IVS bills hours of input, not channels that wait. */
  resources(): SimResource[] {
    const of = (kind: string, name: string, billed: boolean, state?: string): SimResource => ({
      vendor: 'aws-ivs',
      kind,
      name,
      billed,
      ...(state && { state }),
    });
    return [
      ...[...this.channels.values()].map(({ arn, name }) => {
        const live = this.liveStream(arn) !== undefined;
        return of('channel', name, live, live ? 'LIVE' : 'OFFLINE');
      }),
      ...[...this.streamKeys.values()].map(({ channelArn }) =>
        of('stream-key', this.channels.get(channelArn)?.name ?? channelArn, false),
      ),
      ...[...this.recordings.values()].map((one) => of('recording-configuration', one.name, false, this.stateOf(one))),
    ];
  }

  #shown({ startedAt, endedAt }: SessionRecord): boolean {
    const seenUntil = Date.now() - this.options.listLagMs;
    return startedAt <= seenUntil && (endedAt === undefined || endedAt > seenUntil);
  }

  #keep<Settings extends object>(
    all: Map<string, Settings & { arn: string; seq: number }>,
    noun: string,
    settings: Settings,
  ): Settings & { arn: string; seq: number } {
    const { arn, seq } = this.#make(noun);
    const made = { ...settings, arn, seq };
    all.set(arn, made);
    return made;
  }

  #make(noun: string, counted = true): { arn: string; id: string; seq: number } {
    if (counted) this.made[noun] = (this.made[noun] ?? 0) + 1;
    const id = letters(12);
    const arn = `arn:aws:ivs:${this.options.region}:${this.options.accountId}:${noun}/${id}`;
    this.#madeAt.set(arn, Date.now());
    return { arn, id, seq: this.#next() };
  }

  /** Whether ListChannels shows it yet. That it may be behind: assumed. */
  isListed = ({ arn }: { arn: string }): boolean =>
    (this.#madeAt.get(arn) ?? 0) <= Date.now() - this.options.createLagMs;

  #next(): number {
    this.#seq += 1;
    return this.#seq;
  }
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StreamSession.html):
 * at most 500 are kept, the newest first.
 */
export function noteEvent(session: SessionRecord, name: string, type: string): void {
  session.events.unshift({ name, type, eventTime: new Date().toISOString() });
  session.events.splice(500);
  session.onEvent(name, type);
}

const exceeded = (what: string): IvsError =>
  new IvsError('ServiceQuotaExceededException', `Request would exceed the quota of ${what}.`);

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const letters = (length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
