import { loopbackCertificate } from '../kit/certificate.ts';
import type { ObjectStore } from '../kit/object-store.ts';
import { type Recording, record } from '../kit/recorder.ts';
import {
  type IngestRequest,
  type IngestSession,
  type IngestVerdict,
  onlyCodecs,
  RtmpIngest,
} from '../kit/rtmp-ingest.ts';
import type { TsSegment } from '../kit/ts-segmenter.ts';
import type { EventGrid } from './event-grid.ts';
import { durationMs, type JsonObject, objectOf } from './fields.ts';
import type { Archive, Asset, Fragment, LiveEvent, LiveOutput } from './records.ts';
import type { AccountState, StateListener } from './state.ts';

/** documented(https://learn.microsoft.com/azure/media-services/latest/live-event-error-codes-reference) */
type IngestCode =
  | 'MPE_RTMP_APPID_AUTH_FAILURE'
  | 'MPE_INGEST_ENCODER_CONNECTION_DENIED'
  | 'MPE_INGEST_CODEC_NOT_SUPPORTED'
  | 'MPE_CLIENT_TERMINATED_SESSION'
  | 'MPI_REST_API_CHANNEL_STOP'
  | 'MPI_REST_API_CHANNEL_RESET';

/** One line of what `getStreamEvents` answers. */
export interface StreamEvent {
  eventType: string;
  eventTime: string;
  eventLevel: 'Critical' | 'Error' | 'Warning' | 'Information';
  data: JsonObject;
}

/** What the service knows of the push to one live event. Epoch milliseconds. */
export interface Ingestion {
  streamName: string;
  begin: number;
  end?: number;
  endReason?: string;
  interruptions: { begin: number; end: number; reason: string }[];
}

interface EventMedia {
  session?: IngestSession;
  recording?: Recording;
  ingestion?: Ingestion;
  log: StreamEvent[];
  /** The newest fragments, recorded or not. */
  preview: Fragment[];
  /** How many fragments fell out of `preview`. */
  dropped: number;
  cut: number;
  /** Assets that a live output fills, or filled until a moment ago. */
  open: Set<Asset>;
}

const codecNotSupported = 'MPE_INGEST_CODEC_NOT_SUPPORTED' satisfies IngestCode;
const previewFragments = 6;
const defaultFragmentMs = 2_000;

/** The ingest and the recordings of one account. */
export class Media implements StateListener {
  readonly #account: AccountState;
  readonly #store: ObjectStore;
  readonly #note: (operation: string, note: string) => void;
  readonly #grid: EventGrid;
  readonly #baseUrl: () => string;
  readonly #flavour: 'azure' | 'ravnur';
  readonly #ingest: RtmpIngest;
  readonly #events = new Map<LiveEvent, EventMedia>();
  readonly #closeReasons = new Map<LiveEvent, string>();
  #ingestBases: string[] = [];

  constructor(
    account: AccountState,
    store: ObjectStore,
    note: (operation: string, note: string) => void,
    grid: EventGrid,
    baseUrl: () => string,
    flavour: 'azure' | 'ravnur' = 'azure',
  ) {
    this.#flavour = flavour;
    this.#baseUrl = baseUrl;
    this.#grid = grid;
    this.#account = account;
    this.#store = store;
    this.#note = note;
    this.#ingest = new RtmpIngest({
      authorize: (req) => this.#authorize(req),
      // documented(https://learn.microsoft.com/azure/media-services/latest/live-event-error-codes-reference)
      codecProblem: onlyCodecs(['AVC', 'AAC'], () => codecNotSupported),
    });
    this.#ingest.on('publish', (session) => this.#began(session));
    this.#ingest.on('unpublish', (session, reason) => this.#ended(session, reason));
    this.#ingest.on('refused', (_req, reason) => this.#note('rtmp:Publish', `refused: ${reason}`));
    account.listener = this;
  }

  /**
   * A primary and a secondary port, each of them in the clear and with TLS; says where the first is.
   * recorded(https://github.com/Azure/azure-cli#test_live_event_create)
   */
  async listen(port: number | undefined, host: string): Promise<string> {
    const certificate = loopbackCertificate();
    const first = `rtmp://${host}:${await this.#ingest.listen(port, host)}`;
    this.#ingestBases = [
      first,
      `rtmp://${host}:${await this.#ingest.listen(0, host)}`,
      `rtmps://${host}:${await this.#ingest.listenTls(certificate, 0, host)}`,
      `rtmps://${host}:${await this.#ingest.listenTls(certificate, 0, host)}`,
    ];
    return first;
  }

  async close(): Promise<void> {
    await this.#ingest.close();
    await Promise.all([...this.#events.values()].map((media) => media.recording?.finish()));
  }

  /**
   * The stream name that follows is the encoder's choice. On loopback a path segment stands for the host name, which
   * changes with each stop. recorded(https://github.com/Azure/azure-cli#test_live_event_create),
   * recorded(https://github.com/Azure/azure-cli#test_live_event_standby)
   */
  ingestEndpoints({ properties, hostLabel, accessToken }: LiveEvent): JsonObject[] {
    const protocol = objectOf(properties.input).streamingProtocol;
    if (protocol === 'RTMP') {
      // Ravnur: the token is the stream name. documented(https://github.com/Ravnur-Inc/ams-api-replacement-demo-app)
      const end = this.#flavour === 'ravnur' ? '' : `/${accessToken}`;
      return this.#ingestBases.map((base) => ({ protocol, url: `${base}/${hostLabel}/live${end}` }));
    }
    return [{ protocol, url: `${this.#baseUrl()}/${hostLabel}/${accessToken}/ingest.isml` }];
  }

  ingestionOf = (event: LiveEvent): Ingestion | undefined => this.#events.get(event)?.ingestion;
  sessionOf = (event: LiveEvent): IngestSession | undefined => this.#events.get(event)?.session;
  logOf = (event: LiveEvent): StreamEvent[] => this.#events.get(event)?.log ?? [];

  /** What the preview shows now: nothing without an encoder. */
  previewOf(event: LiveEvent): { fragments: Fragment[]; dropped: number } {
    const media = this.#events.get(event);
    return { fragments: media?.preview ?? [], dropped: media?.dropped ?? 0 };
  }

  read = async (storeKey: string): Promise<Buffer | undefined> => (await this.#store.get(storeKey))?.body;

  closed(event: LiveEvent, reason: string): void {
    this.#closeReasons.set(event, reason);
    this.#ingest.kick(keyOf(event), reason);
    const media = this.#events.get(event);
    if (media) media.preview = [];
  }

  outputOpened(event: LiveEvent, output: LiveOutput): void {
    const asset = this.#account.assets.get(output.assetName);
    if (!asset) return;
    asset.archive = {
      manifestName: output.manifestName,
      windowMs: durationMs(output.properties.archiveWindowLength) ?? 0,
      openedAt: output.created,
      ended: false,
      fragments: [],
      dropped: 0,
    };
    this.#mediaOf(event).open.add(asset);
  }

  /** The fragment in the making still belongs to the recording; the archive ends when it is in. */
  outputClosed(event: LiveEvent, output: LiveOutput): void {
    const media = this.#mediaOf(event);
    const asset = this.#account.assets.get(output.assetName);
    if (!asset?.archive) return;
    asset.archive.closedAt = Date.now();
    if (media.recording) return;
    asset.archive.ended = true;
    media.open.delete(asset);
  }

  /**
   * Why a push is refused stands in the log.
   * documented(https://learn.microsoft.com/azure/media-services/latest/live-event-error-codes-reference)
   */
  async #authorize(req: IngestRequest): Promise<IngestVerdict> {
    const [label, app, token] = req.path.split('/').filter((part) => part !== '');
    const event = this.#account.events.all().find((one) => one.accessToken === token && one.hostLabel === label);
    const code = refusalOf(app, event, req);
    if (code === undefined && event) return { ok: true, key: keyOf(event) };
    if (code && event) this.#grid.rejected(event, req, code);
    return refuse(code ?? 'MPE_RTMP_APPID_AUTH_FAILURE');
  }

  #began(session: IngestSession): void {
    const event = this.#account.events.get(session.key);
    if (!event) return;
    const media = this.#mediaOf(event);
    const { ingestion } = media;
    const interruptions = ingestion?.interruptions ?? [];
    if (ingestion?.end !== undefined) {
      interruptions.push({ begin: ingestion.end, end: session.startedAt, reason: ingestion.endReason ?? '' });
    }
    media.session = session;
    media.ingestion = { streamName: streamNameOf(session), begin: session.startedAt, interruptions };
    media.log.push(this.#entry('BeginIngest', session, 'S_OK', session.startedAt));
    this.#grid.connected(event, session);
    media.recording = record(session, {
      targetDurationMs: fragmentMsOf(event),
      startIndex: media.cut,
      onSegment: (segment) => this.#take(event, media, segment),
      onTrouble: (what) => this.#note('rtmp:Record', `${event.name}: ${what}`),
    });
  }

  #ended(session: IngestSession, reason: string): void {
    const event = this.#account.events.get(session.key);
    const media = event && this.#events.get(event);
    if (!event || media?.session !== session) return;
    const ended = reason === codecNotSupported ? codecNotSupported : 'MPE_CLIENT_TERMINATED_SESSION';
    const code = this.#closeReasons.get(event) ?? ended;
    if (code === codecNotSupported) this.#grid.rejected(event, session.req, code);
    this.#closeReasons.delete(event);
    this.#note('rtmp:Unpublish', `${event.name}: ${reason}`);
    const { recording } = media;
    delete media.session;
    const end = Date.now();
    if (media.ingestion) Object.assign(media.ingestion, { end, endReason: code });
    media.log.push(this.#entry('EndIngest', session, code, end));
    this.#grid.disconnected(event, session, code);
    void recording?.finish().then(() => {
      if (media.recording !== recording) return;
      delete media.recording;
      this.#endClosed(media);
    });
  }

  #endClosed(media: EventMedia): void {
    for (const asset of media.open) {
      if (asset.archive?.closedAt === undefined) continue;
      asset.archive.ended = true;
      media.open.delete(asset);
    }
  }

  async #take(event: LiveEvent, media: EventMedia, segment: TsSegment): Promise<void> {
    const { durationMs: lasts, startedAt, discontinuity } = segment;
    const storeKey = `${event.previewLocator}/${media.cut}.ts`;
    media.cut += 1;
    await this.#store.put(storeKey, segment.bytes, 'video/mp2t');
    const fragment: Fragment = { storeKey, durationMs: lasts, startedAt, discontinuity };
    const stats = media.session?.stats();
    media.preview.push(fragment);
    if (media.preview.length > previewFragments) {
      media.preview.shift();
      media.dropped += 1;
    }
    for (const asset of media.open) {
      const { archive } = asset;
      if (!archive || startedAt + lasts <= archive.openedAt) continue;
      if (archive.closedAt !== undefined && startedAt >= archive.closedAt) {
        archive.ended = true;
        media.open.delete(asset);
        continue;
      }
      append(archive, fragment);
      archive.bitsPerSecond ??= Math.ceil((segment.bytes.length * 8000) / Math.max(1, lasts));
      if (stats?.width && stats.height) archive.size ??= { width: stats.width, height: stats.height };
    }
  }

  #mediaOf(event: LiveEvent): EventMedia {
    const known = this.#events.get(event);
    if (known) return known;
    const media: EventMedia = { log: [], preview: [], dropped: 0, cut: 0, open: new Set() };
    this.#events.set(event, media);
    return media;
  }

  /** Times come without a Z. documented(https://github.com/Azure/azure-rest-api-specs#streamingservice.json) */
  #entry(type: string, session: IngestSession, resultCode: string, at: number): StreamEvent {
    return {
      eventType: `StreamEvent/${type}`,
      eventTime: new Date(at).toISOString().replace('Z', ''),
      eventLevel: 'Information',
      data: {
        streamName: streamNameOf(session),
        resultCode,
        remoteIp: session.req.remoteAddress.replace(/\d+$/, 'XXX'),
        remotePort: String(session.req.remotePort),
      },
    };
  }
}

function refusalOf(app: string | undefined, event: LiveEvent | undefined, req: IngestRequest): IngestCode | undefined {
  const takesRtmp = objectOf(event?.properties.input).streamingProtocol === 'RTMP';
  if (app !== 'live' || event?.state !== 'Running' || !takesRtmp) return 'MPE_RTMP_APPID_AUTH_FAILURE';
  return isAllowed(event, req.remoteAddress) ? undefined : 'MPE_INGEST_ENCODER_CONNECTION_DENIED';
}

/** Encoders divide the URL in their own ways; the name is what follows the token. */
const streamNameOf = ({ req }: IngestSession): string => req.name.split('/').at(-1) ?? '';

const refuse = (reason: IngestCode): IngestVerdict => ({ ok: false, reason });
const keyOf = (event: LiveEvent): string => event.name.toLowerCase();

/** What is older than the archive window is gone. documented(https://learn.microsoft.com/rest/api/media/live-outputs/create) */
function append(archive: Archive, fragment: Fragment): void {
  archive.fragments.push(fragment);
  const length = () => archive.fragments.reduce((sum, one) => sum + one.durationMs, 0);
  while (archive.fragments.length > 1 && length() - (archive.fragments[0]?.durationMs ?? 0) >= archive.windowMs) {
    archive.fragments.shift();
    archive.dropped += 1;
  }
}

function fragmentMsOf(event: LiveEvent): number {
  const input = objectOf(event.properties.input).keyFrameIntervalDuration;
  const encoded = objectOf(event.properties.encoding).keyFrameInterval;
  return durationMs(input) ?? durationMs(encoded) ?? defaultFragmentMs;
}

/**
 * An empty list lets no encoder in. documented(https://learn.microsoft.com/azure/media-services/latest/live-event-outputs-concept)
 * No list lets every encoder in: assumed.
 */
function isAllowed(event: LiveEvent, address: string): boolean {
  const allow = objectOf(objectOf(objectOf(event.properties.input).accessControl).ip).allow;
  if (!Array.isArray(allow)) return true;
  const sender = numberOf(address.replace(/^::ffff:/, ''));
  return allow.map(objectOf).some((range) => {
    const bits = Number(range.subnetPrefixLength ?? 32);
    const size = 2 ** (32 - bits);
    return Math.floor(sender / size) === Math.floor(numberOf(String(range.address)) / size);
  });
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
