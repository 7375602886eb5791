import { serveVendor } from '../kit/http.ts';
import { ObjectStore } from '../kit/object-store.ts';
import type { RunningSimulator, SimulatorKit, SimulatorModule, SimulatorOptions } from '../kit/types.ts';
import { EventBridge } from './event-bridge.ts';
import { createMedia, edgeUrl } from './media.ts';
import { Queue } from './queue.ts';
import { createRoutes } from './routes.ts';
import type { Credentials } from './signature.ts';
import { IvsAccount } from './state.ts';

export interface AwsIvsSimulatorOptions extends SimulatorOptions {
  /** Calls a second of one operation, as AWS limits them (5); default: no limit. */
  callsPerSecond?: number;
  /** ListStreams shows starts and ends this much later. Default 0. */
  listLagMs?: number;
  /** ListChannels shows a new channel this much later. Default 0. */
  createLagMs?: number;
  /** Every recording ends with `recording-failed.json`. */
  recordingsFail?: boolean;
  /** Default 5000, as AWS's. */
  maxChannels?: number;
  /** Segments end at the first key frame after this. Default 2000; IVS itself cuts at 10 s. */
  segmentMs?: number;
}

const vendor = 'aws-ivs';
const region = 'us-west-2';
const accountId = '123456789012';
const recordingBucket = 'showcaller-recordings';
/** Exists, but where IVS of this region cannot record to. */
const elsewhereBucket = 'showcaller-elsewhere';

const queuePath = `/${accountId}/showcaller-ivs-events`;
/** The default of a queue. documented(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html) */
const visibilityMs = 30_000;

/** Made up, and valid here only. */
const keys: Credentials = {
  accessKeyId: 'AKIASIMULATEDIVS0001',
  secretAccessKey: 'simulated-secret-of-the-ivs-account',
};
const temporaryKeys = {
  accessKeyId: 'ASIASIMULATEDIVS0001',
  secretAccessKey: 'simulated-secret-of-a-temporary-key',
  sessionToken: 'simulated-session-token',
};

/** Amazon IVS with the S3 bucket it records to and an edge in front of that, on one port. */
export const awsIvsSimulator = { vendor, start } satisfies SimulatorModule;

async function start(kit: SimulatorKit, options: AwsIvsSimulatorOptions): Promise<RunningSimulator> {
  const host = options.host ?? '127.0.0.1';
  const buckets = new Map([
    [recordingBucket, region],
    [elsewhereBucket, 'eu-central-1'],
  ]);
  let publicUrl = '';
  const account = new IvsAccount({
    accountId,
    region,
    publicUrl: () => publicUrl,
    slowness: options.slowness ?? 1,
    listLagMs: options.listLagMs ?? 0,
    createLagMs: options.createLagMs ?? 0,
    maxChannels: options.maxChannels ?? 5000,
    denied: new Set(options.denied),
    buckets,
  });
  const store = new ObjectStore(options.storeDir === undefined ? {} : { dir: options.storeDir });
  const media = createMedia({
    account,
    store,
    kit,
    edgeBucket: recordingBucket,
    segmentMs: options.segmentMs ?? 2000,
    recordingsFail: options.recordingsFail ?? false,
  });
  const { callsPerSecond } = options;
  const credentials = [keys, temporaryKeys];
  const s3 = { store, buckets, region };
  const queue = new Queue(() => `${publicUrl}${queuePath}`, visibilityMs * account.options.slowness);
  const bridge = new EventBridge(
    {
      accountId,
      region,
      slowness: account.options.slowness,
      log: (operation, status, note) =>
        kit.log.add({ at: Date.now(), vendor, operation, method: 'POST', url: '', status, note }),
      enqueue: (body) => queue.add(body),
    },
    account,
  );
  const routes = createRoutes({ account, s3, playback: media.playback, credentials, queue, bridge, callsPerSecond });
  const server = await serveVendor({ vendor, kit, host, ...(options.port && { port: options.port }), ...routes });
  publicUrl = server.url;
  const rtmpPort = await media.ingest.listen(options.rtmpPort ?? 0, host);
  return {
    vendor,
    ...addresses(server.url, `rtmp://${host}:${rtmpPort}/app/`),
    resources: () => account.resources(),
    billed: () => account.meter.spans(),
    made: () => ({ ...account.made }),
    close: async () => {
      bridge.close();
      await server.close();
      await media.close();
      await store.close();
    },
  };
}

function addresses(url: string, ingestUrl: string): Pick<RunningSimulator, 'env' | 'client'> {
  return {
    env: {
      AWS_IVS_REGION: region,
      AWS_IVS_ENDPOINT: url,
      AWS_IVS_S3_ENDPOINT: url,
      AWS_IVS_IAM_ENDPOINT: url,
      AWS_IVS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_IVS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_IVS_RECORDING_BUCKET: recordingBucket,
      AWS_IVS_PLAYBACK_BASE_URL: edgeUrl(url),
      AWS_IVS_INGEST_URL_TEMPLATE: ingestUrl,
      AWS_IVS_EVENT_QUEUE_URL: url + queuePath,
    },
    client: {
      endpoint: url,
      s3Endpoint: url,
      iamEndpoint: url,
      region,
      accountId,
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      temporaryAccessKeyId: temporaryKeys.accessKeyId,
      temporarySecretAccessKey: temporaryKeys.secretAccessKey,
      temporarySessionToken: temporaryKeys.sessionToken,
      recordingBucket,
      elsewhereBucket,
      playbackBaseUrl: edgeUrl(url),
      ingestUrl,
      eventQueueUrl: url + queuePath,
      apiDestinations: `${url}/simulator/api-destinations`,
    },
  };
}
