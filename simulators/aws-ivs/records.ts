import type { IngestStats } from '../kit/ingest-session.ts';
import type { Sequenced } from './fields.ts';

export type Tags = Record<string, string>;

/** As IVS gives it, and its place in the lists. */
export interface ChannelRecord extends Sequenced {
  arn: string;
  name: string;
  latencyMode: string;
  type: string;
  recordingConfigurationArn: string;
  ingestEndpoint: string;
  playbackUrl: string;
  authorized: boolean;
  tags: Tags;
  insecureIngest: boolean;
  preset: string;
  playbackRestrictionPolicyArn: string;
  containerFormat: string;
}

export interface StreamKeyRecord extends Sequenced {
  arn: string;
  value: string;
  channelArn: string;
  tags: Tags;
}

export interface RestrictionPolicyRecord extends Sequenced {
  arn: string;
  allowedCountries: string[];
  allowedOrigins: string[];
  enableStrictOriginEnforcement: boolean;
  name: string;
  tags: Tags;
}

export interface KeyPairRecord extends Sequenced {
  arn: string;
  name: string;
  fingerprint: string;
  /** PEM; never given back. */
  publicKey: string;
  tags: Tags;
}

export interface RecordingConfigurationRecord extends Sequenced {
  arn: string;
  name: string;
  bucketName: string;
  recordingReconnectWindowSeconds: number;
  thumbnailConfiguration: object;
  renditionConfiguration: object;
  tags: Tags;
  /** Until then CREATING. */
  decidedAt: number;
  /** What it becomes. */
  outcome: 'ACTIVE' | 'CREATE_FAILED';
}

export interface StreamEventRecord {
  name: string;
  type: string;
  eventTime: string;
}

/** What the ingest knows of a push at this moment. */
export type PushFacts = Omit<IngestStats, 'bytes' | 'videoBytes' | 'audioBytes'>;

export interface SessionRecord extends Sequenced {
  streamId: string;
  startedAt: number;
  endedAt?: number;
  /** Both as they were when the stream began. */
  channel: ChannelRecord;
  recordingConfiguration?: RecordingConfigurationRecord;
  push: () => PushFacts;
  /** Newest first. */
  events: StreamEventRecord[];
  /** Passes on what is noted here. */
  onEvent: (name: string, type: string) => void;
}
