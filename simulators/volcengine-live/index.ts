import { randomBytes } from 'node:crypto';
import { inWholeSeconds } from '../kit/billing-meter.ts';
import { serveVendor } from '../kit/http.ts';
import { ObjectStore } from '../kit/object-store.ts';
import type { RunningSimulator, SimulatorKit, SimulatorModule, SimulatorOptions } from '../kit/types.ts';
import { Callbacks } from './callbacks.ts';
import { faultResponse } from './errors.ts';
import { bucketPath, createMedia } from './media.ts';
import { Recordings } from './recording.ts';
import { callFacts, createRouter } from './routes.ts';
import { type AccountOptions, LiveAccount } from './state.ts';

const vendor = 'volcengine-live';
const region = 'cn-north-1';
const vhost = 'live.simulator.test';
const app = 'live';
const bucket = 'showcaller-recordings';
/** Of the preset that is there from the beginning; short, so that rehearsals get their files soon. */
const continueSeconds = 10;
const sliceSeconds = 2;
/** Files are there when their wait is over; this much more is left for writing them on a busy machine. */
const writingMs = 3000;

export interface Behaviour extends Pick<AccountOptions, 'domains' | 'withoutHls' | 'pushUrlSeconds'> {
  /** The vendor's rate limit per operation (10 on the real one); off when left out. */
  callsPerSecond?: number;
  /** Bucket of the record preset that is there; `none` for no preset. */
  presetBucket?: string;
}

/** The simulator with an account of another kind, for tests and rehearsals. */
export function volcengineLiveSimulatorWith(behaviour: Behaviour): SimulatorModule {
  return { vendor, start: (kit, options) => start(kit, options, behaviour) };
}

/** A Volcengine Live account with one vhost, a push and a pull domain, and a record preset in force. */
export const volcengineLiveSimulator: SimulatorModule = volcengineLiveSimulatorWith({});

async function start(
  kit: SimulatorKit,
  options: SimulatorOptions,
  { callsPerSecond, presetBucket = bucket, ...ofAccount }: Behaviour,
): Promise<RunningSimulator> {
  const host = options.host ?? '127.0.0.1';
  const slowness = options.slowness ?? 1;
  const store = new ObjectStore({ ...(options.storeDir && { dir: options.storeDir }) });
  const accountOptions: AccountOptions = {
    vhost,
    pushDomain: '',
    pullDomain: '',
    bucket,
    region,
    accessKeyId: `AKLT${randomBytes(16).toString('hex')}`,
    secretKey: randomBytes(24).toString('base64'),
    urlKey: randomBytes(8).toString('hex'),
    slowness,
    ...(options.denied && { denied: options.denied }),
    ...ofAccount,
  };
  const account = new LiveAccount(accountOptions);
  const callbacks = new Callbacks(accountOptions, (status, note) => {
    kit.log.add({ at: Date.now(), vendor, operation: 'callback:Post', method: 'POST', url: '', status, note });
  });
  account.listener = callbacks;
  if (presetBucket !== 'none') account.createPreset({ app, stream: '' }, presetInto(presetBucket), Date.now());

  const bucketUrl = (name: string) => `http://${accountOptions.pullDomain}${bucketPath}${name}`;
  const recordings = new Recordings(account, store, bucketUrl, ({ app: name, stream }, what) =>
    kit.log.add(pushNote('rtmp:record', `/${name}/${stream}`, 0, what)),
  );
  const media = createMedia({
    account,
    recordings,
    store,
    refused: (req, reason) => kit.log.add(pushNote('rtmp:publish', req.path, 403, reason)),
    ended: (session, reason) => kit.log.add(pushNote('rtmp:unpublish', session.req.path, 200, reason)),
  });
  const route = createRouter({
    account,
    recordings,
    callbacks,
    ...(callsPerSecond !== undefined && { callsPerSecond }),
  });
  const server = await serveVendor({
    vendor,
    kit,
    host,
    port: options.port ?? 0,
    identify: (req) => media.identify(req) ?? req.query.get('Action') ?? 'unknown',
    handle: (req, operation) => (operation.startsWith('media:') ? media.serve(req) : route(req, operation)),
    fail: (kind, req, operation) => faultResponse(kind, callFacts(req, account), isRead(operation)),
  });
  const rtmpPort = await media.ingest.listen(options.rtmpPort ?? 0, host);
  accountOptions.pushDomain = `${host}:${rtmpPort}`;
  accountOptions.pullDomain = `${host}:${server.port}`;

  return {
    vendor,
    env: environment(accountOptions, bucketUrl(bucket)),
    client: {
      endpoint: server.url,
      host: accountOptions.pullDomain,
      region,
      accessKeyId: accountOptions.accessKeyId,
      secretKey: accountOptions.secretKey,
      vhost,
      app,
      pushDomain: accountOptions.pushDomain,
      pullDomain: accountOptions.pullDomain,
      tosBucket: bucket,
    },
    resources: () => account.resources(vendor),
    // What it keeps of a stream that was closed is whole seconds.
    billed: () => account.meter.spans().map((span) => (span.kind === 'stream' ? inWholeSeconds(span) : span)),
    made: () => account.made(),
    async close() {
      callbacks.close();
      await media.close();
      await server.close();
      await recordings.close();
      await store.close();
    },
  };
}

const isRead = (operation: string): boolean => /^(Describe|List|Generate)/.test(operation);

const presetInto = (Bucket: string) => ({
  HlsParam: { Enable: true, ContinueDuration: continueSeconds, TOSParam: { Enable: true, Bucket } },
  OriginRecord: 1,
  TranscodeRecord: 0,
  SliceDuration: sliceSeconds,
});

const pushNote = (operation: string, url: string, status: number, note: string) => ({
  at: Date.now(),
  vendor,
  operation,
  method: 'PUBLISH',
  url,
  status,
  note,
});

const environment = (options: AccountOptions, playbackBaseUrl: string): Record<string, string> => ({
  VOLCENGINE_LIVE_ACCESS_KEY_ID: options.accessKeyId,
  VOLCENGINE_LIVE_SECRET_KEY: options.secretKey,
  VOLCENGINE_LIVE_REGION: region,
  VOLCENGINE_LIVE_HOST: options.pullDomain,
  VOLCENGINE_LIVE_PROTOCOL: 'http',
  VOLCENGINE_LIVE_VHOST: vhost,
  VOLCENGINE_LIVE_PUSH_DOMAIN: options.pushDomain,
  VOLCENGINE_LIVE_PULL_DOMAIN: options.pullDomain,
  VOLCENGINE_LIVE_APP: app,
  VOLCENGINE_LIVE_TOS_BUCKET: bucket,
  VOLCENGINE_LIVE_PLAYBACK_BASE_URL: playbackBaseUrl,
  VOLCENGINE_LIVE_RECORD_GRACE_MS: String(Math.round(continueSeconds * 1000 * options.slowness) + writingMs),
});
