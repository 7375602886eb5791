/** The fields that the status keeps of each event type, and whether it calls for a recheck. Names without `Microsoft.Media.` */

type Data = Readonly<Record<string, unknown>>;
export type EventFacts = Record<string, unknown>;

export interface EventRule {
  /** Whether the run must look at the encoder. */
  recheck?: (data: Data) => boolean;
  facts: (data: Data) => EventFacts;
  /** Set on periodic reports: delivered when `says` changes. */
  report?: (data: Data) => { of: string; says: string };
}

const always = () => true;

/** The first of several spellings that is there. */
const oneOf = (data: Data, ...names: string[]): unknown => names.map((name) => data[name]).find((v) => v !== undefined);

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** An ingest URL carries the access token in its path; only the host is kept. */
function hostOf(url: unknown): string | undefined {
  const text = asText(url);
  return text !== undefined && URL.canParse(text) ? new URL(text).hostname : undefined;
}

const sender = (data: Data): EventFacts => ({
  encoderIp: asText(data.encoderIp),
  encoderPort: asText(data.encoderPort),
  ingestHost: hostOf(data.ingestUrl),
  resultCode: asText(data.resultCode),
});

const track = (data: Data): EventFacts => ({
  trackType: asText(data.trackType)?.toLowerCase(),
  trackName: asText(data.trackName),
  bitrate: data.bitrate,
});

const heartbeat = (data: Data): EventFacts => ({
  ...track(data),
  incomingBitrate: data.incomingBitrate,
  overlapCount: data.overlapCount,
  discontinuityCount: data.discontinuityCount,
  nonIncreasingCount: oneOf(data, 'nonincreasingCount', 'nonIncreasingCount'),
  unexpectedBitrate: data.unexpectedBitrate,
  state: data.state,
  healthy: data.healthy,
  lastFragmentArrival: arrivalOf(data.lastFragmentArrivalTime),
  ingestDrift: asText(data.ingestDriftValue),
  transcriptionState: asText(data.transcriptionState),
  transcriptionLanguage: asText(data.transcriptionLanguage),
});

/** Seen as `2020-11-11T12:12:12.888999` and described as `2020-11-11 12:12:12:888999`. */
function arrivalOf(value: unknown): string | undefined {
  const text = asText(value)?.replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
  return text?.replace(/(T\d\d:\d\d:\d\d):(\d+)/, '$1.$2');
}

const isSilent = ({ incomingBitrate }: Data): boolean => incomingBitrate === 0;

/** Neither the bitrate nor the timestamps, which differ every time. */
function heartbeatNews(data: Data): { of: string; says: string } {
  const { trackType, trackName, overlapCount, discontinuityCount, nonIncreasingCount, state } = heartbeat(data);
  const counts = [overlapCount, discontinuityCount, nonIncreasingCount];
  const facts = [isSilent(data), data.healthy, data.unexpectedBitrate, state, ...counts];
  const says = facts.map((one) => (typeof one === 'object' ? '' : String(one))).join(' ');
  return { of: `heartbeat ${trackType}/${trackName}`.slice(0, 200), says: says.slice(0, 200) };
}

/** https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas */
export const liveRules: Readonly<Record<string, EventRule>> = {
  LiveEventConnectionRejected: { facts: sender },
  LiveEventEncoderConnected: { recheck: always, facts: sender },
  LiveEventEncoderDisconnected: { recheck: always, facts: sender },
  LiveEventIncomingDataChunkDropped: {
    facts: (data) => ({
      ...track(data),
      timestamp: asText(data.timestamp),
      timescale: asText(data.timescale),
      resultCode: asText(data.resultCode),
    }),
  },
  LiveEventIncomingStreamReceived: {
    recheck: always,
    facts: (data) => ({
      ...track(data),
      ...sender(data),
      timestamp: asText(data.timestamp),
      duration: asText(data.duration),
      timescale: asText(data.timescale),
    }),
  },
  LiveEventIncomingStreamsOutOfSync: {
    facts: (data) => ({
      minTimestamp: asText(data.minLastTimestamp),
      minTrack: asText(oneOf(data, 'typeOfTrackWithMinLastTimestamp', 'typeOfStreamWithMinLastTimestamp')),
      minTimescale: asText(data.timescaleOfMinLastTimestamp),
      maxTimestamp: asText(data.maxLastTimestamp),
      maxTrack: asText(oneOf(data, 'typeOfTrackWithMaxLastTimestamp', 'typeOfStreamWithMaxLastTimestamp')),
      maxTimescale: asText(data.timescaleOfMaxLastTimestamp),
    }),
  },
  LiveEventIncomingVideoStreamsOutOfSync: {
    facts: (data) => ({
      firstTimestamp: asText(data.firstTimestamp),
      firstDuration: asText(data.firstDuration),
      secondTimestamp: asText(data.secondTimestamp),
      secondDuration: asText(data.secondDuration),
      timescale: asText(data.timescale),
    }),
  },
  LiveEventIngestHeartbeat: { recheck: isSilent, facts: heartbeat, report: heartbeatNews },
  LiveEventChannelArchiveHeartbeat: {
    facts: (data) => ({
      channelLatencyMs: asText(data.channelLatencyMs),
      latencyResultCode: asText(data.latencyResultCode),
    }),
    report: (data) => ({ of: 'archive', says: (asText(data.latencyResultCode) ?? '').slice(0, 200) }),
  },
  LiveEventTrackDiscontinuityDetected: {
    facts: (data) => ({
      ...track(data),
      previousTimestamp: asText(data.previousTimestamp),
      newTimestamp: asText(data.newTimestamp),
      discontinuityGap: asText(data.discontinuityGap),
      timescale: asText(data.timescale),
    }),
  },
};
