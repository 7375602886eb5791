/** Each type of event as the documentation shows it, and what is kept of it. */
export interface Example {
  type: string;
  note: string;
  data: Record<string, unknown>;
  subject: string;
  /** Absent where it is of no event of ours. */
  facts?: Record<string, unknown>;
  look?: boolean;
}

export const topic = '/subscriptions/S/resourceGroups/R/providers/Microsoft.Media/MediaServices/account';

let made = 0;
const nextId = (): string => {
  made += 1;
  return `id-${made}`;
};
const time = '2026-11-20T18:00:00.123456';

export const gridEvent = (type: string, data: unknown, { subject = '' }: { subject?: string }, more = {}) => ({
  topic,
  subject,
  eventType: `Microsoft.Media.${type}`,
  eventTime: time,
  id: nextId(),
  data,
  dataVersion: '1.0',
  metadataVersion: '1',
  ...more,
});

export const cloudEvent = (type: string, data: unknown, { subject = '' }: { subject?: string }) => ({
  specversion: '1.0',
  id: nextId(),
  source: topic,
  type: `Microsoft.Media.${type}`,
  subject,
  time,
  data,
});

const job = 'transforms/VideoAnalyzerTransform/jobs/job-1';
const change = { previousState: 'Scheduled', state: 'Processing', correlationData: { a: 'b' } };
const output = {
  '@odata.type': '#Microsoft.Media.JobOutputAsset',
  assetName: 'asset',
  error: null,
  label: 'l',
  progress: 0,
  state: 'Processing',
};
const states = ['StateChange', 'Scheduled', 'Processing', 'Canceling'];
const ends = ['Finished', 'Canceled', 'Errored'];
const note = 'of no live event';
const jobs: Example[] = [
  ...states.map((what) => ({ type: `Job${what}`, note, data: change, subject: job })),
  ...ends.map((what) => ({ type: `Job${what}`, note, data: { outputs: [output], ...change }, subject: job })),
  ...[...states, ...ends].map((what) => ({
    type: `JobOutput${what}`,
    note,
    data: { previousState: 'Queued', output, jobCorrelationData: {} },
    subject: job,
  })),
  { type: 'JobOutputProgress', note, data: { label: 'l', progress: 50, jobCorrelationData: {} }, subject: job },
];

const subject = 'liveEvent/sc-show';
const tableSubject = '/LiveEvents/sc-show';
const ingestUrl = 'rtmp://liveevent-ec9d26a8.channel.media.azure.net:1935/live/cf1d2e3f4a5b';
const ingestHost = 'liveevent-ec9d26a8.channel.media.azure.net';
const encoder = { streamId: '15864-stream0', ingestUrl, encoderIp: '131.107.147.19', encoderPort: '27485' };
const encoderFacts = { encoderIp: '131.107.147.19', encoderPort: '27485', ingestHost };
const drop = {
  trackType: 'Video',
  trackName: 'Video',
  bitrate: 300_000,
  timestamp: '36656620000',
  timescale: '10000000',
};
const beat = {
  trackType: 'audio',
  trackName: 'audio',
  bitrate: 160_000,
  incomingBitrate: 155_903,
  lastTimestamp: '15336837535253637',
  timescale: '10000000',
  overlapCount: 0,
  discontinuityCount: 2,
  unexpectedBitrate: false,
  state: 'Running',
  healthy: true,
  ingestDriftValue: 'n/a',
  transcriptionState: '',
  transcriptionLanguage: '',
};
const beatFacts = {
  trackType: 'audio',
  trackName: 'audio',
  bitrate: 160_000,
  incomingBitrate: 155_903,
  overlapCount: 0,
  discontinuityCount: 2,
  nonIncreasingCount: 3,
  unexpectedBitrate: false,
  state: 'Running',
  healthy: true,
  lastFragmentArrival: '2020-11-11T12:12:12.888999',
  ingestDrift: 'n/a',
};
const syncFacts = {
  minTimestamp: '319996',
  minTrack: 'Audio',
  minTimescale: '10000000',
  maxTimestamp: '366000',
  maxTrack: 'Video',
  maxTimescale: '10000000',
};
const sync = {
  minLastTimestamp: '319996',
  maxLastTimestamp: '366000',
  timescaleOfMinLastTimestamp: '10000000',
  timescaleOfMaxLastTimestamp: '10000000',
};
const videos = { firstTimestamp: '1', firstDuration: '2', secondTimestamp: '3', secondDuration: '4', timescale: '5' };
const received = {
  ...encoder,
  trackType: 'video',
  trackName: 'video',
  bitrate: 2_962_000,
  timestamp: '15',
  timescale: '10',
};
const receivedFacts = {
  ...encoderFacts,
  trackType: 'video',
  trackName: 'video',
  bitrate: 2_962_000,
  timestamp: '15',
  timescale: '10',
};
const gap = { previousTimestamp: '1', newTimestamp: '9', discontinuityGap: '8', timescale: '10' };

const live: Example[] = [
  {
    type: 'LiveEventConnectionRejected',
    note: 'the port is a number in the example',
    data: { ...encoder, encoderPort: 27_485, resultCode: 'MPE_INGEST_CODEC_NOT_SUPPORTED' },
    subject,
    facts: { ...encoderFacts, resultCode: 'MPE_INGEST_CODEC_NOT_SUPPORTED' },
  },
  {
    type: 'LiveEventEncoderConnected',
    note: 'as in the example',
    data: encoder,
    subject,
    facts: encoderFacts,
    look: true,
  },
  {
    type: 'LiveEventEncoderDisconnected',
    note: 'with its reason',
    data: { ...encoder, resultCode: 'S_OK' },
    subject: tableSubject,
    facts: { ...encoderFacts, resultCode: 'S_OK' },
    look: true,
  },
  {
    type: 'LiveEventIncomingDataChunkDropped',
    note: 'as in the example',
    data: { ...drop, resultCode: 'FragmentDrop_OverlapTimestamp' },
    subject,
    facts: { ...drop, trackType: 'video', resultCode: 'FragmentDrop_OverlapTimestamp' },
  },
  {
    type: 'LiveEventIncomingStreamReceived',
    note: 'with a duration, as in the example',
    data: { ...received, duration: '330' },
    subject,
    facts: { ...receivedFacts, duration: '330' },
    look: true,
  },
  {
    type: 'LiveEventIncomingStreamReceived',
    note: 'without a duration, as in the table',
    data: received,
    subject: tableSubject,
    facts: receivedFacts,
    look: true,
  },
  {
    type: 'LiveEventIncomingStreamsOutOfSync',
    note: 'typeOfStream, as in the example',
    data: { ...sync, typeOfStreamWithMinLastTimestamp: 'Audio', typeOfStreamWithMaxLastTimestamp: 'Video' },
    subject,
    facts: syncFacts,
  },
  {
    type: 'LiveEventIncomingStreamsOutOfSync',
    note: 'typeOfTrack, as in the table',
    data: { ...sync, typeOfTrackWithMinLastTimestamp: 'Audio', typeOfTrackWithMaxLastTimestamp: 'Video' },
    subject: tableSubject,
    facts: syncFacts,
  },
  { type: 'LiveEventIncomingVideoStreamsOutOfSync', note: 'as in the example', data: videos, subject, facts: videos },
  {
    type: 'LiveEventIngestHeartbeat',
    note: 'nonincreasingCount, as in the example',
    data: { ...beat, nonincreasingCount: 3, lastFragmentArrivalTime: '2020-11-11T12:12:12.888999' },
    subject,
    facts: beatFacts,
  },
  {
    type: 'LiveEventIngestHeartbeat',
    note: 'nonIncreasingCount and the odd instant, as in the table',
    data: { ...beat, nonIncreasingCount: 3, lastFragmentArrivalTime: '2020-11-11 12:12:12:888999' },
    subject: tableSubject,
    facts: beatFacts,
  },
  {
    type: 'LiveEventIngestHeartbeat',
    note: 'without a bitrate it is a reason to look',
    data: { ...beat, nonincreasingCount: 3, incomingBitrate: 0, lastFragmentArrivalTime: '2020-11-11T12:12:12.888999' },
    subject,
    facts: { ...beatFacts, incomingBitrate: 0 },
    look: true,
  },
  {
    type: 'LiveEventChannelArchiveHeartbeat',
    note: 'as in the example',
    data: { channelLatencyMs: '10', latencyResultCode: 'S_OK' },
    subject,
    facts: { channelLatencyMs: '10', latencyResultCode: 'S_OK' },
  },
  {
    type: 'LiveEventTrackDiscontinuityDetected',
    note: 'as in the example',
    data: { trackType: 'video', trackName: 'video', bitrate: 2_962_000, ...gap },
    subject,
    facts: { trackType: 'video', trackName: 'video', bitrate: 2_962_000, ...gap },
  },
];

export const catalogue: readonly Example[] = [...jobs, ...live];
