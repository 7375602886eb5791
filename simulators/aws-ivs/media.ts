import { fileResponse, playlistResponse } from '../kit/file-response.ts';
import type { ObjectStore } from '../kit/object-store.ts';
import { mediaPlaylist, multivariantPlaylist } from '../kit/playlist.ts';
import {
  type IngestRequest,
  type IngestSession,
  type IngestVerdict,
  onlyCodecs,
  RtmpIngest,
} from '../kit/rtmp-ingest.ts';
import type { SimRequest, SimResponse, SimulatorKit } from '../kit/types.ts';
import { isViewer } from './playback-token.ts';
import { Recorder } from './recording.ts';
import type { SessionRecord } from './records.ts';
import type { IvsAccount } from './state.ts';

export interface MediaOptions {
  account: IvsAccount;
  store: ObjectStore;
  kit: SimulatorKit;
  /** The bucket that the edge reads from. */
  edgeBucket: string;
  segmentMs: number;
  /** Every recording ends as failed. */
  recordingsFail: boolean;
  idleMs?: number;
}

export interface Media {
  ingest: RtmpIngest;
  playback: Playback;
  close(): Promise<void>;
}

/** What players see: recordings behind an edge, and the live playlist. */
export interface Playback {
  serve(req: SimRequest): Promise<SimResponse>;
}

const edgePath = '/vod/';
const livePath = '/api/video/v1/';
const renditionPath = '/v1/playlist/';
const playlistType = 'application/vnd.apple.mpegurl';

/** Undefined for requests that are no player's. */
export function playbackOperationOf(req: SimRequest): string | undefined {
  if (req.path.startsWith(edgePath)) return 'media:vod';
  return req.path.startsWith(livePath) || req.path.startsWith(renditionPath) ? 'media:live' : undefined;
}

/** Where the edge serves the recordings of the bucket. */
export const edgeUrl = (publicUrl: string): string => publicUrl + edgePath.slice(0, -1);

/** Real RTMP in, real files out. Plain RTMP stands for RTMPS, whose TLS would end in front of the service. */
export function createMedia(options: MediaOptions): Media {
  const { account, kit } = options;
  const log = (operation: string, status: number, name: string, note: string) =>
    kit.log.add({ at: Date.now(), vendor: 'aws-ivs', operation, method: 'RTMP', url: name, status, note });
  const trouble = (channelArn: string, what: string) => log('media:record', 0, channelArn, what);
  const recorder = new Recorder({ ...options, trouble });
  const live = new Map<IngestSession, SessionRecord>();
  const ingest = new RtmpIngest({
    authorize: async (req) => authorize(account, req),
    // documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config.html)
    codecProblem: onlyCodecs(['AVC', 'AAC']),
    idleMs: options.idleMs,
  });
  account.kick = (channelArn, reason) => {
    ingest.kick(channelArn, reason);
  };

  ingest.on('publish', (session) => {
    const record = account.streamStarted(session.key, () => session.stats());
    live.set(session, record);
    recorder.begin(session, record);
    log('media:publish', 200, session.key, record.streamId);
  });
  ingest.on('unpublish', (session, reason) => {
    const record = live.get(session);
    live.delete(session);
    if (record) account.streamEnded(record);
    log('media:unpublish', 200, session.key, reason);
  });
  ingest.on('refused', (req, reason) => log('media:publish', 403, `/${req.app}/***`, reason));
  return {
    ingest,
    playback: { serve: (req) => serve(options, recorder, req) },
    close: async () => {
      await ingest.close();
      await recorder.close();
    },
  };
}

/**
 * documented(https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config.html):
 * `/app/<stream key>`; a key that does not exist, or no longer, is refused.
 */
function authorize(account: IvsAccount, req: IngestRequest): IngestVerdict {
  if (req.app !== 'app') return { ok: false, reason: 'the application must be app' };
  const channel = account.channelOfKey(req.name);
  return channel ? { ok: true, key: channel.arn } : { ok: false, reason: 'the stream key is not valid' };
}

async function serve(options: MediaOptions, recorder: Recorder, req: SimRequest): Promise<SimResponse> {
  if (req.method !== 'GET' && req.method !== 'HEAD') return { status: 405 };
  if (!req.path.startsWith(edgePath)) return serveLive(options.account, recorder, req);
  const key = decodeURIComponent(req.path.slice(edgePath.length));
  const object = await options.store.get(`${options.edgeBucket}/${key}`);
  return object ? fileResponse(req, object) : { status: 404 };
}

/**
 * A multivariant playlist at the playback address, and one rendition behind it, of what is being recorded.
 * That a private channel answers 403 without a valid token: assumed.
 */
function serveLive(account: IvsAccount, recorder: Recorder, req: SimRequest): SimResponse {
  const isTop = req.path.startsWith(livePath);
  const file = req.path.slice((isTop ? livePath : renditionPath).length);
  const channel = [...account.channels.values()].find((one) => one.playbackUrl.endsWith(`/${file}`));
  if (!channel) return notFound;
  if (isTop && channel.authorized && !isViewer(account, channel.arn, req.query.get('token') ?? '')) return forbidden;
  const running = account.liveStream(channel.arn) ? recorder.running(channel.arn) : undefined;
  if (!running || running.segments.length === 0) return notFound;
  if (isTop) {
    const { width, height } = running.rendition;
    const variant = { uri: `${renditionPath}${file}`, bitsPerSecond: 1_000_000, width, height };
    return playlistResponse(req, multivariantPlaylist({ variants: [variant] }), playlistType);
  }
  const kept = running.segments.slice(-6);
  const segments = kept.map((one) => ({ ...one, uri: `${edgePath}${running.renditionPrefix}${one.uri}` }));
  const mediaSequence = running.segments.length - kept.length;
  const text = mediaPlaylist({ segments, type: 'LIVE', ended: false, programDateTime: true, mediaSequence });
  return playlistResponse(req, text, playlistType);
}

const cors = { 'access-control-allow-origin': '*' };
const notFound: SimResponse = { status: 404, headers: cors };
const forbidden: SimResponse = { status: 403, headers: cors };
