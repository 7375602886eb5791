import type { IngestRequest, IngestSession } from '../kit/rtmp-ingest.ts';
import type { LogDelivery } from '../kit/types.ts';
import { Delivery, type Subscription } from './event-grid-delivery.ts';
import { gridEvent, type LiveMessage } from './event-grid-events.ts';
import type { JsonObject } from './fields.ts';
import type { LiveEvent } from './records.ts';

/** Every 20 seconds and for every track. documented(https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas) */
const heartbeatMs = 20_000;
const leastHeartbeatMs = 250;
/** A rate below half of what was announced, or above twice, is unexpected. documented(https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas) */
const unexpectedBy = 2;

interface GridTrack {
  trackType: 'video' | 'audio';
  bytes: number;
  announced: number;
}

/** What the push of one live event reported last. */
interface Beating {
  event: LiveEvent;
  session: IngestSession;
  bytes: Map<string, number>;
  at: number;
}

export interface EventGridOptions {
  topic: string;
  slowness: number;
  log: LogDelivery;
}

/** Event Grid as far as live events need it: subscriptions to one media account, and the events they get. */
export class EventGrid {
  readonly #options: EventGridOptions;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #beating = new Map<LiveEvent, Beating>();
  readonly #pulse: NodeJS.Timeout;

  constructor(options: EventGridOptions) {
    this.#options = options;
    this.#pulse = setInterval(() => this.#beat(), Math.max(leastHeartbeatMs, heartbeatMs * options.slowness));
    this.#pulse.unref();
  }

  close(): void {
    clearInterval(this.#pulse);
    for (const delivery of this.#deliveries.values()) delivery.close();
  }

  /** Made only when its endpoint agrees. */
  async subscribe(subscription: Subscription): Promise<boolean> {
    const delivery = new Delivery(subscription, this.#options.topic, this.#options.log);
    if (!(await delivery.validate())) return false;
    this.#deliveries.get(subscription.name)?.close();
    this.#deliveries.set(subscription.name, delivery);
    return true;
  }

  subscription = (name: string): Subscription | undefined => this.#deliveries.get(name)?.subscription;

  unsubscribe(name: string): void {
    this.#deliveries.get(name)?.close();
    this.#deliveries.delete(name);
  }

  /** For rehearsals of events that the simulator itself does not make. */
  publish(message: LiveMessage): void {
    const event = gridEvent(message);
    for (const delivery of this.#deliveries.values()) delivery.send(event);
  }

  rejected(event: LiveEvent, req: IngestRequest, resultCode: string): void {
    const { encoderIp, encoderPort, ...rest } = senderOf(req);
    // A number in the example of this one event alone.
    this.#publish(event, 'LiveEventConnectionRejected', {
      ...rest,
      encoderIp,
      encoderPort: Number(encoderPort),
      resultCode,
    });
  }

  connected(event: LiveEvent, session: IngestSession): void {
    this.#publish(event, 'LiveEventEncoderConnected', senderOf(session.req));
    this.#beating.set(event, { event, session, bytes: new Map(), at: Date.now() });
    session.once('tag', () => {
      const [video] = tracksOf(session);
      const { streamId: _, ...sender } = senderOf(session.req);
      const name = { trackType: 'video', trackName: 'video_1', bitrate: video?.announced ?? 0 };
      const time = { timestamp: '0', duration: '1000', timescale: '1000' };
      this.#publish(event, 'LiveEventIncomingStreamReceived', { ...sender, ...name, ...time });
    });
  }

  disconnected(event: LiveEvent, session: IngestSession, resultCode: string): void {
    this.#publish(event, 'LiveEventEncoderDisconnected', { ...senderOf(session.req), resultCode });
  }

  /** Heartbeats go on after the encoder left, and end with the live event. documented(https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas) */
  #beat(): void {
    for (const beating of this.#beating.values()) {
      if (beating.event.state !== 'Running') this.#beating.delete(beating.event);
      else for (const track of tracksOf(beating.session)) this.#heartbeat(beating, track);
      beating.at = Date.now();
    }
  }

  #heartbeat({ event, session, bytes, at }: Beating, { trackType, bytes: now, announced }: GridTrack): void {
    const sent = now - (bytes.get(trackType) ?? 0);
    bytes.set(trackType, now);
    const incomingBitrate = Math.round((sent * 8000) / Math.max(1, Date.now() - at));
    const unexpectedBitrate =
      incomingBitrate === 0 ||
      (announced > 0 && (incomingBitrate >= announced * unexpectedBy || incomingBitrate <= announced / unexpectedBy));
    this.#publish(event, 'LiveEventIngestHeartbeat', {
      trackType,
      trackName: `${trackType}_1`,
      bitrate: announced,
      incomingBitrate,
      lastTimestamp: String(session.timeline.positionMs),
      timescale: '1000',
      overlapCount: 0,
      discontinuityCount: 0,
      nonincreasingCount: 0,
      unexpectedBitrate,
      state: 'Running',
      healthy: !unexpectedBitrate,
      lastFragmentArrivalTime: new Date(session.stats().lastTagAt ?? at).toISOString().replace('Z', ''),
      ingestDriftValue: '0',
      transcriptionState: '',
      transcriptionLanguage: '',
    });
  }

  #publish(event: LiveEvent, type: string, data: JsonObject): void {
    this.publish({ type, liveEvent: event.name, at: Date.now(), data });
  }
}

/** The ingest URL is the real one, with the access token in it, as the service sends it. */
function senderOf(req: IngestRequest): JsonObject {
  return {
    streamId: req.name,
    ingestUrl: `${req.tcUrl}/${req.name}`,
    encoderIp: req.remoteAddress,
    encoderPort: String(req.remotePort),
  };
}

function tracksOf(session: IngestSession): GridTrack[] {
  const { videoBytes, audioBytes, videoBitsPerSecond = 0, audioBitsPerSecond = 0 } = session.stats();
  const all: GridTrack[] = [
    { trackType: 'video', bytes: videoBytes, announced: videoBitsPerSecond },
    { trackType: 'audio', bytes: audioBytes, announced: audioBitsPerSecond },
  ];
  return all.filter(({ bytes }) => bytes > 0);
}
