import type { AccountField, VendorManifest } from '../manifest.ts';
import { optionsSchema } from './options.ts';

const accountFields: readonly AccountField[] = [
  {
    key: 'region',
    secret: false,
    required: true,
    about: 'AWS region of the channels, the recording configurations and the bucket, e.g. `us-west-2`.',
    check: (value) => (/^[a-z]{2}(-[a-z]+)+-\d+$/.test(value) ? undefined : 'must be an AWS region such as us-west-2'),
  },
  {
    key: 'credentials',
    secret: false,
    required: false,
    fallback: 'keys',
    about: '`keys` uses the three fields below; `default` uses what the AWS SDK finds (environment, profile, role).',
    check: (value) => (['keys', 'default'].includes(value) ? undefined : 'must be keys or default'),
  },
  { key: 'accessKeyId', secret: false, required: false, about: 'Access key id; needed with `credentials: keys`.' },
  { key: 'secretAccessKey', secret: true, required: false, about: 'Secret of the access key.' },
  { key: 'sessionToken', secret: true, required: false, about: 'Only for temporary credentials.' },
  {
    key: 'recordingBucket',
    secret: false,
    required: false,
    about: 'S3 bucket, in the same region, that recordings go to when a plan names no recording configuration.',
    check: (value) => (/^[a-z0-9.-]{3,63}$/.test(value) ? undefined : 'must be an S3 bucket name'),
  },
  {
    key: 'playbackBaseUrl',
    secret: false,
    required: false,
    about: 'Where players reach the bucket (CloudFront, a proxy); without it recordings are given as `s3:` URLs.',
    check: httpUrl,
  },
  { key: 'endpoint', secret: false, required: false, about: 'Another endpoint of the IVS API.', check: httpUrl },
  {
    key: 's3Endpoint',
    secret: false,
    required: false,
    about: 'Another endpoint of S3; addressed with the bucket in the path.',
    check: httpUrl,
  },
  {
    key: 'ingestUrlTemplate',
    secret: false,
    required: false,
    fallback: 'rtmps://{ingestEndpoint}:443/app/',
    about: "What comes before the stream key in the encoder's URL; `{ingestEndpoint}` is the channel's host.",
    check: (value) => (/^rtmps?:\/\/\S+\/$/.test(value) ? undefined : 'must begin with rtmp(s):// and end with /'),
  },
  {
    key: 'eventQueueUrl',
    secret: false,
    required: false,
    about: 'SQS queue that EventBridge puts the events of IVS into; the API process reads it.',
    check: httpUrl,
  },
  {
    key: 'timeoutMs',
    secret: false,
    required: false,
    fallback: '10000',
    about: 'How long one call may take, in milliseconds.',
    check: (value) => (/^[1-9]\d{0,5}$/.test(value) ? undefined : 'must be a number of milliseconds, at most 999999'),
  },
];

function httpUrl(value: string): string | undefined {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? undefined : 'must be an http(s) URL';
}

/** Amazon Interactive Video Service, low-latency channels, recorded to S3. */
export const awsIvs: VendorManifest = {
  name: 'aws-ivs',
  title: 'Amazon IVS',
  docs: [
    'https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/Welcome.html',
    'https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/record-to-s3.html',
    'https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html',
  ],
  envPrefix: 'AWS_IVS',
  accountFields,
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  defaults: { warmUpMs: 10 * 60_000, startLeadMs: 5 * 60_000 },
  rates: { '*': 5, CreateRecordingConfiguration: 3, GetRecordingConfiguration: 3, ListRecordingConfigurations: 3 },
  options: optionsSchema,
  load: () => import('./driver.ts'),
  vendorEvents: () => import('./vendor-events.ts'),
  vendorEventQueue: () => import('./queue.ts'),
};
