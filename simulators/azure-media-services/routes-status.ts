import type { SimResponse } from '../kit/types.ts';
import { empty, json, pollUrl } from './answers.ts';
import { ArmError } from './errors.ts';
import type { JsonObject } from './fields.ts';
import type { LiveEvent } from './records.ts';
import type { Call, Route } from './routes.ts';
import { eventOf } from './routes-live-events.ts';

/** Without a tag for this long a push is silent, milliseconds: ours, the service averages over 20 s. */
const silentAfterMs = 3_000;

/**
 * Three questions of api-version 2022-11-01. documented(https://github.com/Azure/azure-rest-api-specs#streamingservice.json)
 * The object form of the status: documented(https://docs.ravnur.com/hc/en-us/articles/32081700018194)
 */
export const statusRoutes: Route[] = [
  question('LiveEvents_ListGetStatus', 'getStatus', (call, event) =>
    call.world.behaviour.flavour === 'ravnur' ? ravnurStatus(call, event) : status(call, event),
  ),
  question('LiveEvents_ListGetStreamEvents', 'getStreamEvents', (call, event) => call.world.media.logOf(event)),
  question('LiveEvents_ListGetTrackIngestHeartbeats', 'getTrackIngestHeartbeats', heartbeats),
  {
    // documented(https://learn.microsoft.com/rest/api/media/live-events/status-location)
    operation: 'LiveEvents_StatusLocation',
    method: 'GET',
    path: 'liveEvents/:event/statusLocations/:action',
    handle: (call) => {
      const answer = statusRoutes.find((route) => route.path.toLowerCase().endsWith(`/${call.params.action}`));
      if (!answer) throw new ArmError('NotFound');
      return answer.handle({
        ...call,
        world: { ...call.world, behaviour: { ...call.world.behaviour, statusApi: 'at-once' } },
      });
    },
  },
];

function question(
  operation: string,
  action: string,
  answer: (call: Call, event: LiveEvent) => readonly object[],
): Route {
  return {
    operation,
    method: 'POST',
    path: `liveEvents/:event/${action}`,
    handle: (call): SimResponse => {
      const { flavour, statusApi } = call.world.behaviour;
      if (statusApi === 'absent') throw new ArmError('InvalidResourceType');
      // Older versions do not have it. documented(https://learn.microsoft.com/rest/api/media/live-events/list-get-status)
      if (flavour === 'azure' && call.version < '2022-11-01') throw new ArmError('InvalidResourceType');
      const event = eventOf(call);
      if (statusApi === 'at-once') return json(call, 200, { value: answer(call, event) });
      const path = `liveevents/${event.name}/statuslocations/${action.toLowerCase()}`;
      return empty(202, { location: pollUrl(call, path, { 'api-version': call.version }), 'retry-after': '0' });
    },
  };
}

function status({ world }: Call, event: LiveEvent): JsonObject[] {
  const { media } = world;
  const ingestion = media.ingestionOf(event);
  return [
    {
      state: event.state === 'Running' ? 'Running' : 'Stopped',
      healthStatus: isSending(world, event) ? 'Excellent' : '',
      healthDescriptions: [],
      lastUpdatedTime: new Date().toISOString(),
      ...(ingestion && {
        ingestion: {
          streamName: ingestion.streamName,
          begin: bare(ingestion.begin),
          ...(ingestion.end !== undefined && { end: bare(ingestion.end), endReason: ingestion.endReason }),
          ingestInterruptions: ingestion.interruptions.map(({ begin, end, reason }) => ({
            begin: bare(begin),
            end: bare(end),
            duration: `PT${((end - begin) / 1000).toFixed(3)}S`,
            reason,
          })),
        },
      }),
      trackStatus: tracks(world, event).map(({ trackId, rate, expected }) => ({
        trackId,
        expectedBitrate: expected,
        incomingBitrate: rate,
        ingestDrift: 0,
      })),
    },
  ];
}

function ravnurStatus({ world }: Call, event: LiveEvent): JsonObject[] {
  const session = world.media.sessionOf(event);
  return [
    {
      state: event.state,
      healthStatus: isSending(world, event) ? 'Excellent' : 'Poor',
      healthDescriptions: {
        isSourceOnline: isSending(world, event),
        sourceConnectionsCount: session ? 1 : 0,
        videoBitrate: tracks(world, event).find((track) => track.trackId === 'video')?.rate ?? 0,
      },
      lastUpdatedTime: new Date().toISOString(),
    },
  ];
}

/** One per track; goes on after the encoder left, as the service's own do. documented(https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas) */
function heartbeats({ world }: Call, event: LiveEvent): JsonObject[] {
  return tracks(world, event).map(({ trackId, rate, expected }) => ({
    eventType: 'TrackEvent/IngestHeartbeat',
    eventTime: bare(Date.now()),
    data: {
      trackType: trackId,
      trackName: trackId,
      bitrate: expected,
      incomingBitrate: rate ?? 0,
      overlapCount: 0,
      discontinuityCount: 0,
      nonincreasingCount: 0,
      unexpectedBitrate: false,
      state: rate ? 'Running' : 'Stopped',
      healthy: Boolean(rate),
      ingestDriftValue: 'n/a',
    },
  }));
}

interface StatusTrack {
  trackId: 'video' | 'audio';
  /** Bits per second; null while there is no average yet. */
  rate: number | null;
  expected: number;
}

function tracks({ media }: Call['world'], event: LiveEvent): StatusTrack[] {
  const session = media.sessionOf(event);
  if (!session) return [];
  const stats = session.stats();
  const seconds = Math.max(1, (Date.now() - session.startedAt) / 1000);
  const silent = stats.lastTagAt === undefined || Date.now() - stats.lastTagAt > silentAfterMs;
  const rate = (bytes: number) =>
    silent ? (stats.lastTagAt === undefined ? null : 0) : Math.round((bytes * 8) / seconds);
  const all: StatusTrack[] = [
    { trackId: 'video', rate: rate(stats.videoBytes), expected: stats.videoBitsPerSecond ?? 0 },
    { trackId: 'audio', rate: rate(stats.audioBytes), expected: stats.audioBitsPerSecond ?? 0 },
  ];
  return all.filter(({ trackId }) => trackId === 'video' || stats.audioBytes > 0);
}

const isSending = (world: Call['world'], event: LiveEvent): boolean =>
  tracks(world, event).some(({ rate }) => rate !== null && rate > 0);

/** Times of this API come without their Z. documented(https://github.com/Azure/azure-rest-api-specs#streamingservice.json) */
const bare = (at: number): string => new Date(at).toISOString().replace('Z', '');
