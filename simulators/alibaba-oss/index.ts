import { BillingMeter, inWholeSeconds } from '../kit/billing-meter.ts';
import { serveVendor } from '../kit/http.ts';
import { ObjectStore } from '../kit/object-store.ts';
import type { RunningSimulator, SimResource, SimulatorKit, SimulatorModule, SimulatorOptions } from '../kit/types.ts';
import { refusalOf, refusalResponse } from './errors.ts';
import { OssMedia } from './media.ts';
import { handle, identify } from './routes.ts';
import { openSharedPort } from './shared-port.ts';
import { OssState, statusOf } from './state.ts';

const vendor = 'alibaba-oss';

/** Known to everyone and good for nothing but this simulator. */
const rehearsal = {
  region: 'oss-cn-hangzhou',
  bucket: 'rehearsal',
  accessKeyId: 'LTAI-rehearsal',
  accessKeySecret: 'rehearsal-secret',
  temporaryKeyId: 'STS.rehearsal',
  temporaryKeySecret: 'rehearsal-sts-secret',
  temporaryKeyToken: 'rehearsal-sts-token/+=',
} as const;

/** Object storage with LiveChannels: one account, one bucket, both signature versions, real ingest and recording. */
export const alibabaOssSimulator: SimulatorModule = { vendor, start };

async function start(kit: SimulatorKit, options: SimulatorOptions): Promise<RunningSimulator> {
  const host = options.host ?? '127.0.0.1';
  const store = new ObjectStore({ dir: options.storeDir });
  const credentials = [
    { accessKeyId: rehearsal.accessKeyId, accessKeySecret: rehearsal.accessKeySecret },
    {
      accessKeyId: rehearsal.temporaryKeyId,
      accessKeySecret: rehearsal.temporaryKeySecret,
      securityToken: rehearsal.temporaryKeyToken,
    },
  ];
  const state = new OssState(rehearsal.bucket, rehearsal.region.replace('oss-', ''), credentials, options.denied);
  const refused = (channel: string, reason: string) => logPush(kit, 'media:Publish', channel, 403, reason);
  const note = (channel: string, what: string) => logPush(kit, 'media:Record', channel, 0, what);
  const meter = new BillingMeter(() => resourcesOf(state));
  const changed = () => meter.read();
  const media = new OssMedia({ state, store, slowness: options.slowness ?? 1, refused, note, changed });
  const rtmpPort = await media.listen(options.rtmpPort ?? 0, host);
  const urls = { publish: `rtmp://${host}:${rtmpPort}`, play: '' };
  const context = {
    state,
    store,
    media,
    publishUrl: (channel: string) => `${urls.publish}/live/${channel}`,
    playUrl: (channel: string, playlist: string) => `${urls.play}/${channel}/${playlist}`,
  };
  const server = await serveVendor({
    vendor,
    kit,
    host,
    identify: (req) => identify(req, state.bucket),
    handle: (req, operation) => handle(req, operation, context),
    fail: (kind, req) => refusalResponse(refusalOf(kind), req.headers.host ?? '', req.method),
  });
  const shared = await openSharedPort({ host, httpPort: server.port, rtmpPort }, options.port ?? 0);
  const endpoint = `http://${host}:${shared.port}`;
  urls.play = `${endpoint}/${rehearsal.bucket}`;
  return {
    vendor,
    env: environment(endpoint, urls),
    client: { ...rehearsal, endpoint, ingestBaseUrl: urls.publish, playbackBaseUrl: urls.play },
    resources: () => resourcesOf(state),
    // It bills no time of pushing. What it keeps of a push is its record.
    billed: () => meter.spans().map(inWholeSeconds),
    made: () => ({ 'live-channel': state.made }),
    close: async () => {
      await Promise.all([shared.close(), server.close()]);
      await media.close();
      await store.close();
    },
  };
}

const environment = (endpoint: string, urls: { publish: string; play: string }): Record<string, string> => ({
  ALIBABA_OSS_REGION: rehearsal.region,
  ALIBABA_OSS_BUCKET: rehearsal.bucket,
  ALIBABA_OSS_ACCESS_KEY_ID: rehearsal.accessKeyId,
  ALIBABA_OSS_ACCESS_KEY_SECRET: rehearsal.accessKeySecret,
  ALIBABA_OSS_ENDPOINT: endpoint,
  ALIBABA_OSS_INGEST_BASE_URL: urls.publish,
  ALIBABA_OSS_PLAYBACK_BASE_URL: urls.play,
});

/** A channel costs nothing by itself; while one is pushed to, its bucket grows. */
const resourcesOf = (state: OssState): SimResource[] =>
  [...state.channels.values()].map((channel) => ({
    vendor,
    kind: 'live-channel',
    name: channel.name,
    billed: statusOf(channel) === 'Live',
    state: statusOf(channel),
  }));

function logPush(kit: SimulatorKit, operation: string, channel: string, status: number, note: string): void {
  kit.log.add({ at: Date.now(), vendor, operation, method: 'RTMP', url: `/live/${channel}`, status, note });
}
