import { z } from 'zod';
import { hostOf, httpUrl, milliseconds, oneOf, urlOf } from '../account-schema.ts';
import type { VendorManifest } from '../manifest.ts';
import { limits, optionsSchema } from './options.ts';

const accountSchema = z.object({
  region: z.string().meta({
    description: 'Region of the bucket, with or without `oss-` in front: `oss-cn-hangzhou`, `ap-southeast-1`.',
  }),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'must be 3 to 63 lower-case letters, digits and hyphens')
    .meta({ description: 'Bucket that holds the LiveChannels and their recordings.' }),
  accessKeyId: z.string().meta({ description: 'AccessKey id of a RAM user or of an STS session.' }),
  accessKeySecret: z.string().meta({ description: 'Secret of the AccessKey.', secret: true }),
  stsToken: z.string().optional().meta({
    description: 'Security token, when the AccessKey is a temporary one. Publish URLs carry it too.',
    secret: true,
  }),
  signatureVersion: oneOf('v1', 'v4').default('v4').meta({
    description: 'How API requests are signed, `v1` or `v4`. Publish URLs are always V1: the service knows no other.',
  }),
  endpoint: httpUrl.optional().meta({
    description: 'API endpoint without the bucket, e.g. an internal one. Default: `https://{region}.aliyuncs.com`.',
  }),
  addressing: oneOf('virtual', 'path', 'cname').default('virtual').meta({
    description:
      'Where requests name the bucket: `virtual` in the host, `path` in the path, `cname` nowhere (own domain).',
  }),
  publicEndpoint: httpUrl.optional().meta({
    description: 'Endpoint that encoders and players reach, without the bucket. Default: the public one of the region.',
  }),
  ingestBaseUrl: urlOf('rtmp').optional().meta({
    description:
      'Everything before `/live/{channel}` in publish URLs. Default: the bucket at the public endpoint, `rtmp:`.',
  }),
  playbackBaseUrl: httpUrl.optional().meta({
    description:
      'Everything before `/{channel}/{playlist}` in recording URLs, e.g. a CDN. Default: the public endpoint.',
  }),
  playbackAccess: oneOf('anonymous', 'signed').default('anonymous').meta({
    description:
      'How recordings are read for the proof: `anonymous` as the public would, `signed` for a private bucket.',
  }),
  timeoutMs: milliseconds.default('10000').meta({ description: 'How long one API call may take, in milliseconds.' }),
});

export const alibabaOss: VendorManifest = {
  name: 'alibaba-oss',
  title: 'Alibaba Cloud OSS LiveChannel',
  docs: [
    'https://www.alibabacloud.com/help/en/oss/user-guide/rtmp-based-stream-ingest',
    'https://www.alibabacloud.com/help/en/oss/developer-reference/manage-livechannels-by-using-oss-sdk-for-python',
  ],
  envPrefix: 'ALIBABA_OSS',
  account: accountSchema,
  // Names of buckets are unique in the whole service: its internal and public endpoints lead to the same one.
  placeOf: ({ region = '', bucket = '', endpoint }) => {
    const host = hostOf(endpoint ?? '');
    const elsewhere = host === '' || host.endsWith('.aliyuncs.com') ? '' : ` at ${host}`;
    return `bucket ${bucket} in ${region.replace(/^oss-/, '')}${elsewhere}`;
  },
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: true,
  },
  makes: [
    { what: 'a LiveChannel in the bucket' },
    {
      what: 'segments and playlists below the name of the channel',
      billed: 'by stored GB, request and traffic',
      kept: true,
    },
  ],
  // https://www.alibabacloud.com/help/en/oss/billing-overview
  bills: [
    {
      resource: 'live channel',
      state: 'input',
      unseen: 'OSS bills traffic, requests and storage, and does not count them by channel',
    },
  ],
  defaults: { warmUpMs: 300_000, startLeadMs: 120_000 },
  options: optionsSchema,
  limits,
  load: () => import('./driver.ts'),
};
