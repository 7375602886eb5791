import { fileResponse, playlistResponse } from '../kit/file-response.ts';
import type { ObjectStore } from '../kit/object-store.ts';
import { mediaPlaylist } from '../kit/playlist.ts';
import { type IngestRequest, type IngestSession, type IngestVerdict, RtmpIngest } from '../kit/rtmp-ingest.ts';
import type { SimRequest, SimResponse } from '../kit/types.ts';
import { LiveFlv } from './live-flv.ts';
import { playlistType, type Recordings, segmentType } from './recording.ts';
import { RelayPuller } from './relay.ts';
import { urlProblem } from './signature.ts';
import { keyOf, type LiveAccount, type LiveStream, type StreamName } from './state.ts';

/** Where the simulated TOS bucket is served; a real one has a host of its own. */
export const bucketPath = '/tos/';

export interface MediaOptions {
  account: LiveAccount;
  recordings: Recordings;
  store: ObjectStore;
  /** Called with the reason why a push was not accepted. */
  refused(req: IngestRequest, reason: string): void;
  /** Called with the reason when a push ended. */
  ended(session: IngestSession, reason: string): void;
}

export interface Media {
  ingest: RtmpIngest;
  /** The name of the read that a request is; undefined when it is an API call. */
  identify(req: SimRequest): string | undefined;
  serve(req: SimRequest): Promise<SimResponse>;
  close(): Promise<void>;
}

/** What is sent to the account and what is read from it: pushes, relays, playback, the bucket. */
export function createMedia({ account, recordings, store, refused, ended }: MediaOptions): Media {
  const flv = new LiveFlv();
  const begin = (stream: LiveStream) => {
    flv.follow(stream.session);
    account.wentLive(stream);
    recordings.begin(stream);
  };
  // That it takes all codecs that can be recorded: assumed.
  const ingest = new RtmpIngest({ authorize: async (req) => authorize(account, req) });
  const pushed = new Map<IngestSession, LiveStream>();
  ingest.on('refused', refused);
  ingest.on('publish', (session) => {
    const { app, name: stream } = session.req;
    const key = keyOf({ app, stream });
    const cut = (reason: string) => void ingest.kick(key, reason);
    const { startedAt } = session;
    const live = { id: account.nextId(), app, stream, domain: account.options.pushDomain, startedAt, session, cut };
    pushed.set(session, { ...live, source: 'push' });
    begin(pushed.get(session) ?? { ...live, source: 'push' });
  });
  ingest.on('unpublish', (session, reason) => {
    ended(session, reason);
    const stream = pushed.get(session);
    pushed.delete(session);
    if (stream) account.wentOff(stream);
  });
  const relays = new RelayPuller(account, { begin, end: (stream) => account.wentOff(stream) });

  return {
    ingest,
    identify: (req) => (req.query.has('Action') ? undefined : readOf(req.path)),
    serve: async (req) => {
      if (req.method !== 'GET' && req.method !== 'HEAD') return { status: 405 };
      const path = decodeURIComponent(req.path);
      if (path.startsWith(bucketPath)) return bucketObject(req, store, path.slice(bucketPath.length));
      return play(req, path, { account, recordings, relays, flv });
    },
    close: async () => {
      relays.close();
      await ingest.close();
    },
  };
}

const readOf = (path: string): string => {
  if (path.startsWith(bucketPath)) return 'media:GetObject';
  if (path.endsWith('.flv')) return 'media:PlayFlv';
  return path.endsWith('.m3u8') ? 'media:PlayHls' : 'media:PlaySegment';
};

/** documented(https://www.volcengine.com/docs/6469/107759): signed, not expired; and not forbidden. */
function authorize(account: LiveAccount, req: IngestRequest): IngestVerdict {
  const name = { app: req.app, stream: req.name };
  const problem = urlProblem(name, req.query, account.options.urlKey);
  if (problem) return { ok: false, reason: problem };
  if (account.ban(name)) return { ok: false, reason: 'the stream is forbidden' };
  if (account.live.has(keyOf(name))) return { ok: false, reason: 'the stream is online already' };
  return { ok: true, key: keyOf(name) };
}

/** In this account the bucket, or a CDN before it, is readable by everyone. */
async function bucketObject(req: SimRequest, store: ObjectStore, key: string): Promise<SimResponse> {
  const object = await store.get(key);
  if (!object) return { status: 404, headers: { 'content-type': 'application/json' }, body: '{"Code":"NoSuchKey"}' };
  return fileResponse(req, { ...object, lastModified: object.lastModified });
}

interface PlayContext {
  account: LiveAccount;
  recordings: Recordings;
  relays: RelayPuller;
  flv: LiveFlv;
}

/** Live HLS and HTTP-FLV on the pull domain. A V3 relay starts to pull when a viewer asks. */
function play(req: SimRequest, path: string, { account, recordings, relays, flv }: PlayContext): SimResponse {
  const match = /^\/([^/]+)\/([^/]+?)(?:\.m3u8|\.flv|\/(\d+)\.ts)$/.exec(path);
  const [, app = '', stream = '', number] = match ?? [];
  if (!match) return { status: 404 };
  const name: StreamName = { app, stream };
  if (number !== undefined) {
    const segment = recordings.segments(name).find((one) => one.number === Number(number));
    return segment ? fileResponse(req, { body: segment.bytes, contentType: segmentType }) : { status: 404 };
  }
  const problem = urlProblem(name, Object.fromEntries(req.query), account.options.urlKey);
  if (problem) return { status: 403, body: `${problem}\n` };
  if (account.ban(name)) return { status: 403, body: 'the stream is forbidden\n' };
  relays.viewed(name);
  if (path.endsWith('.flv')) {
    const live = account.live.get(keyOf(name));
    if (!live) return { status: 404 };
    const headers = { 'content-type': 'video/x-flv', 'access-control-allow-origin': '*' };
    return { status: 200, headers, stream: (out) => flv.play(live.session, out) };
  }
  const segments = recordings.segments(name);
  if (segments.length === 0) return { status: 404 };
  const text = mediaPlaylist({
    segments: segments.map((segment) => ({ ...segment, uri: `${stream}/${segment.number}.ts` })),
    type: 'LIVE',
    ended: false,
    mediaSequence: segments[0]?.number ?? 0,
  });
  return playlistResponse(req, text, playlistType);
}
