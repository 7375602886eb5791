import { z } from 'zod';
import { httpUrl, milliseconds, oneOf } from '../account-schema.ts';
import type { VendorManifest } from '../manifest.ts';
import { limits, optionsSchema } from './options.ts';

const domain = z.string().regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/, 'must be a domain, without scheme or path');

const accountSchema = z.object({
  accessKeyId: z.string().meta({ description: 'Access key id of a user with VeLive permissions.' }),
  secretKey: z.string().meta({ description: 'Secret access key.', secret: true }),
  sessionToken: z
    .string()
    .optional()
    .meta({ description: 'Session token, with temporary credentials only.', secret: true }),
  region: z
    .string()
    .default('cn-north-1')
    .meta({ description: 'Region the requests are signed for; forbidding a stream works in cn-north-1 only.' }),
  host: z
    .string()
    .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/, 'must be a domain, without scheme or path')
    .default('live.volcengineapi.com')
    .meta({ description: 'Host of the API, with a port if need be.' }),
  protocol: oneOf('https', 'http').default('https').meta({ description: '`https`, or `http` for a simulator.' }),
  vhost: domain.meta({ description: 'Domain space (域名空间) that holds the push and the pull domain.' }),
  pushDomain: domain.meta({ description: 'Domain that encoders push to.' }),
  pullDomain: domain.meta({ description: 'Domain that viewers play from; relays are made on it.' }),
  app: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,30}$/, 'must be 1 to 30 letters, digits, `_`, `-` or `.`')
    .default('live')
    .meta({ description: 'AppName of every stream made here.' }),
  tosBucket: z.string().optional().meta({
    description: 'TOS bucket that recordings go to; needed by `showcaller setup` when there is no record preset yet.',
  }),
  playbackBaseUrl: httpUrl.optional().meta({
    description: 'Public URL of the bucket, for players; without it the URL that the vendor returns is used as it is.',
  }),
  afterwards: oneOf('forbidden', 'resumed').default('forbidden').meta({
    description: 'What a stream is left as when its event is over: `forbidden` (for up to 90 days) or `resumed`.',
  }),
  recordGraceMs: milliseconds.optional().meta({
    description:
      'How long after the last frame to wait for recording files before concluding that there are none; default: the longest reconnect wait a preset may have (an hour) plus 10 minutes.',
  }),
  callbackKey: z.string().optional().meta({
    description: 'Primary key of the callbacks (AuthKeyPrimary); with it, callbacks that it did not sign are refused.',
    secret: true,
  }),
  timeoutMs: milliseconds.default('10000').meta({ description: 'Time limit of one API call, in milliseconds.' }),
});

/** Volcengine Live (视频直播, veLive), API version 2023-01-01. */
export const volcengineLive: VendorManifest = {
  name: 'volcengine-live',
  title: 'Volcengine Live',
  docs: [
    'https://www.volcengine.com/docs/6469/1126845',
    'https://www.volcengine.com/docs/6469/1126878',
    'https://www.volcengine.com/docs/6469/1126855',
    'https://www.volcengine.com/docs/6469/1228485',
  ],
  envPrefix: 'VOLCENGINE_LIVE',
  account: accountSchema,
  placeOf: ({ vhost, app, region, host = '' }) => `vhost ${vhost}, app ${app} in ${region} at ${host.toLowerCase()}`,
  capabilities: {
    standby: false,
    relay: true,
    vodNeedsChannel: false,
  },
  makes: [
    { what: 'a stream name on the push domain', billed: 'by bandwidth and recording channels, while an encoder sends' },
    { what: 'the ban of the stream name, for up to 90 days', kept: true },
    { what: 'the recording in the TOS bucket', billed: 'by stored GB, request and traffic', kept: true },
  ],
  // https://www.volcengine.com/docs/6469/72681
  bills: [
    {
      resource: 'stream',
      state: 'input',
      unseen: 'bandwidth, recording channels and storage are billed by domain, not by stream',
    },
    { resource: 'relay', state: 'running', optional: true },
  ],
  defaults: { warmUpMs: 10 * 60_000, startLeadMs: 5 * 60_000 },
  rates: { '*': 10 },
  options: optionsSchema,
  limits,
  load: () => import('./driver.ts'),
  vendorEvents: () => import('./vendor-events.ts'),
};
