import { z } from 'zod';
import { hostOf, httpUrl, milliseconds, oneOf } from '../account-schema.ts';
import type { VendorManifest } from '../manifest.ts';
import { limits, optionsSchema } from './options.ts';

const accountSchema = z.object({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'must be an AWS region such as us-west-2')
    .meta({
      description: 'AWS region of the channels, the recording configurations and the bucket, e.g. `us-west-2`.',
    }),
  accountNumber: z
    .string()
    .regex(/^\d{12}$/, 'must be the 12 digits of an AWS account')
    .optional()
    .meta({
      description:
        'Number of the AWS account. With it, credentials of another AWS account are another place, in which no channel counts as gone. Set or change it while no show runs.',
    }),
  credentials: oneOf('keys', 'default').default('keys').meta({
    description:
      '`keys` uses the three fields below; `default` uses what the AWS SDK finds (environment, profile, role).',
  }),
  accessKeyId: z.string().optional().meta({ description: 'Access key id; needed with `credentials: keys`.' }),
  secretAccessKey: z.string().optional().meta({ description: 'Secret of the access key.', secret: true }),
  sessionToken: z.string().optional().meta({ description: 'Only for temporary credentials.', secret: true }),
  recordingBucket: z
    .string()
    .regex(/^[a-z0-9.-]{3,63}$/, 'must be an S3 bucket name')
    .optional()
    .meta({
      description: 'S3 bucket, in the same region, that recordings go to when a plan names no recording configuration.',
    }),
  playbackKey: z.string().optional().meta({
    description: 'Private key (PEM) of a playback key pair: with it private channels are watched as a viewer would.',
    secret: true,
  }),
  playbackBaseUrl: httpUrl.optional().meta({
    description: 'Where players reach the bucket (CloudFront, a proxy); without it recordings are given as `s3:` URLs.',
  }),
  endpoint: httpUrl.optional().meta({ description: 'Another endpoint of the IVS API.' }),
  s3Endpoint: httpUrl
    .optional()
    .meta({ description: 'Another endpoint of S3; addressed with the bucket in the path.' }),
  iamEndpoint: httpUrl.optional().meta({
    description: 'Another endpoint of IAM and STS, which say for the preflight what the access key may do.',
  }),
  ingestUrlTemplate: z
    .string()
    .regex(/^rtmps?:\/\/\S+\/$/, 'must begin with rtmp(s):// and end with /')
    .default('rtmps://{ingestEndpoint}:443/app/')
    .meta({
      description: "What comes before the stream key in the encoder's URL; `{ingestEndpoint}` is the channel's host.",
    }),
  eventQueueUrl: httpUrl
    .optional()
    .meta({ description: 'SQS queue that EventBridge puts the events of IVS into; the API process reads it.' }),
  timeoutMs: milliseconds.default('10000').meta({ description: 'How long one call may take, in milliseconds.' }),
});

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
  account: accountSchema,
  // Credentials do not say their account's number without a call.
  placeOf: ({ region = '', endpoint, accountNumber }) =>
    [
      ...(accountNumber ? [`account ${accountNumber} in ${region}`] : [region]),
      ...(endpoint ? [hostOf(endpoint)] : []),
    ].join(' at '),
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: false,
  },
  // https://aws.amazon.com/ivs/pricing/
  makes: [
    { what: 'a channel and its stream key', billed: 'by the hour of video input, while an encoder sends' },
    { what: 'a recording configuration, where none fits', kept: true },
    { what: 'the recording in the S3 bucket', billed: 'by stored GB, request and traffic', kept: true },
  ],
  // https://aws.amazon.com/ivs/pricing/
  bills: [
    { resource: 'channel', state: 'input', classOption: 'type', unseen: 'hours that viewers watched are not seen' },
  ],
  defaults: { warmUpMs: 10 * 60_000, startLeadMs: 5 * 60_000 },
  rates: { '*': 5, CreateRecordingConfiguration: 3, GetRecordingConfiguration: 3, ListRecordingConfigurations: 3 },
  options: optionsSchema,
  limits,
  load: () => import('./driver.ts'),
  vendorEvents: () => import('./vendor-events.ts'),
  vendorEventQueue: () => import('./queue.ts'),
};
