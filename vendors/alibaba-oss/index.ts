import type { AccountField, VendorManifest } from '../manifest.ts';
import { optionsSchema } from './options.ts';

const oneOf =
  (...allowed: string[]) =>
  (value: string): string | undefined =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}`;

const url =
  (...schemes: string[]) =>
  (value: string): string | undefined =>
    URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1))
      ? undefined
      : `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;

const positiveInteger = (value: string): string | undefined =>
  /^[1-9][0-9]{0,8}$/.test(value) ? undefined : 'must be a whole number above 0';

const accountFields: readonly AccountField[] = [
  {
    key: 'region',
    secret: false,
    required: true,
    about: 'Region of the bucket, with or without `oss-` in front: `oss-cn-hangzhou`, `ap-southeast-1`.',
  },
  {
    key: 'bucket',
    secret: false,
    required: true,
    about: 'Bucket that holds the LiveChannels and their recordings.',
    check: (value) =>
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value)
        ? undefined
        : 'must be 3 to 63 lower-case letters, digits and hyphens',
  },
  { key: 'accessKeyId', secret: false, required: true, about: 'AccessKey id of a RAM user or of an STS session.' },
  { key: 'accessKeySecret', secret: true, required: true, about: 'Secret of the AccessKey.' },
  {
    key: 'stsToken',
    secret: true,
    required: false,
    about: 'Security token, when the AccessKey is a temporary one. Publish URLs carry it too.',
  },
  {
    key: 'signatureVersion',
    secret: false,
    required: false,
    fallback: 'v4',
    about: 'How API requests are signed, `v1` or `v4`. Publish URLs are always V1: the service knows no other.',
    check: oneOf('v1', 'v4'),
  },
  {
    key: 'endpoint',
    secret: false,
    required: false,
    about: 'API endpoint without the bucket, e.g. an internal one. Default: `https://{region}.aliyuncs.com`.',
    check: url('https', 'http'),
  },
  {
    key: 'addressing',
    secret: false,
    required: false,
    fallback: 'virtual',
    about: 'Where requests name the bucket: `virtual` in the host, `path` in the path, `cname` nowhere (own domain).',
    check: oneOf('virtual', 'path', 'cname'),
  },
  {
    key: 'publicEndpoint',
    secret: false,
    required: false,
    about: 'Endpoint that encoders and players reach, without the bucket. Default: the public one of the region.',
    check: url('https', 'http'),
  },
  {
    key: 'ingestBaseUrl',
    secret: false,
    required: false,
    about: 'Everything before `/live/{channel}` in publish URLs. Default: the bucket at the public endpoint, `rtmp:`.',
    check: url('rtmp'),
  },
  {
    key: 'playbackBaseUrl',
    secret: false,
    required: false,
    about: 'Everything before `/{channel}/{playlist}` in recording URLs, e.g. a CDN. Default: the public endpoint.',
    check: url('https', 'http'),
  },
  {
    key: 'playbackAccess',
    secret: false,
    required: false,
    fallback: 'anonymous',
    about: 'How recordings are read for the proof: `anonymous` as the public would, `signed` for a private bucket.',
    check: oneOf('anonymous', 'signed'),
  },
  {
    key: 'timeoutMs',
    secret: false,
    required: false,
    fallback: '10000',
    about: 'How long one API call may take, in milliseconds.',
    check: positiveInteger,
  },
];

export const alibabaOss: VendorManifest = {
  name: 'alibaba-oss',
  title: 'Alibaba Cloud OSS LiveChannel',
  docs: [
    'https://www.alibabacloud.com/help/en/oss/user-guide/rtmp-based-stream-ingest',
    'https://www.alibabacloud.com/help/en/oss/developer-reference/manage-livechannels-by-using-oss-sdk-for-python',
  ],
  envPrefix: 'ALIBABA_OSS',
  accountFields,
  capabilities: {
    standby: false,
    relay: false,
    vodNeedsChannel: true,
  },
  defaults: { warmUpMs: 300_000, startLeadMs: 120_000 },
  options: optionsSchema,
  load: () => import('./driver.ts'),
};
