import type { VendorManifest } from '../manifest.ts';
import { optionsSchema } from './options.ts';

const checkApp = (value: string): string | undefined =>
  /^[A-Za-z0-9_.-]{1,30}$/.test(value) ? undefined : 'must be 1 to 30 letters, digits, `_`, `-` or `.`';

/** A domain, or an IPv6 address in brackets. */
const checkHost = (value: string): string | undefined =>
  /^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/.test(value) ? undefined : checkDomain(value);

const checkDomain = (value: string): string | undefined =>
  /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(value) ? undefined : 'must be a domain, without scheme or path';

const checkUrl = (value: string): string | undefined =>
  /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? undefined : 'must be an http or https URL';

const checkMilliseconds = (value: string): string | undefined =>
  /^[1-9]\d{0,8}$/.test(value) ? undefined : 'must be a whole number of milliseconds, at least 1';

const oneOf =
  (...allowed: string[]) =>
  (value: string): string | undefined =>
    allowed.includes(value) ? undefined : `must be ${allowed.join(' or ')}`;

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
  accountFields: [
    { key: 'accessKeyId', secret: false, required: true, about: 'Access key id of a user with VeLive permissions.' },
    { key: 'secretKey', secret: true, required: true, about: 'Secret access key.' },
    { key: 'sessionToken', secret: true, required: false, about: 'Session token, with temporary credentials only.' },
    {
      key: 'region',
      secret: false,
      required: false,
      fallback: 'cn-north-1',
      about: 'Region the requests are signed for; forbidding a stream works in cn-north-1 only.',
    },
    {
      key: 'host',
      secret: false,
      required: false,
      fallback: 'live.volcengineapi.com',
      about: 'Host of the API, with a port if need be.',
      check: checkHost,
    },
    {
      key: 'protocol',
      secret: false,
      required: false,
      fallback: 'https',
      about: '`https`, or `http` for a simulator.',
      check: oneOf('https', 'http'),
    },
    {
      key: 'vhost',
      secret: false,
      required: true,
      about: 'Domain space (域名空间) that holds the push and the pull domain.',
      check: checkDomain,
    },
    {
      key: 'pushDomain',
      secret: false,
      required: true,
      about: 'Domain that encoders push to.',
      check: checkDomain,
    },
    {
      key: 'pullDomain',
      secret: false,
      required: true,
      about: 'Domain that viewers play from; relays are made on it.',
      check: checkDomain,
    },
    {
      key: 'app',
      secret: false,
      required: false,
      fallback: 'live',
      about: 'AppName of every stream made here.',
      check: checkApp,
    },
    {
      key: 'tosBucket',
      secret: false,
      required: false,
      about: 'TOS bucket that recordings go to; needed by `showcaller setup` when there is no record preset yet.',
    },
    {
      key: 'playbackBaseUrl',
      secret: false,
      required: false,
      about: 'Public URL of the bucket, for players; without it the URL that the vendor returns is used as it is.',
      check: checkUrl,
    },
    {
      key: 'afterwards',
      secret: false,
      required: false,
      fallback: 'forbidden',
      about: 'What a stream is left as when its event is over: `forbidden` (for up to 90 days) or `resumed`.',
      check: oneOf('forbidden', 'resumed'),
    },
    {
      key: 'recordGraceMs',
      secret: false,
      required: false,
      about:
        'How long after the last frame to wait for recording files before concluding that there are none; default: the longest reconnect wait a preset may have (an hour) plus 10 minutes.',
      check: checkMilliseconds,
    },
    {
      key: 'callbackKey',
      secret: true,
      required: false,
      about: 'Primary key of the callbacks (AuthKeyPrimary); with it, callbacks that it did not sign are refused.',
    },
    {
      key: 'timeoutMs',
      secret: false,
      required: false,
      fallback: '10000',
      about: 'Time limit of one API call, in milliseconds.',
      check: checkMilliseconds,
    },
  ],
  capabilities: {
    standby: false,
    relay: true,
    vodNeedsChannel: false,
  },
  defaults: { warmUpMs: 10 * 60_000, startLeadMs: 5 * 60_000 },
  rates: { '*': 10 },
  options: optionsSchema,
  load: () => import('./driver.ts'),
  vendorEvents: () => import('./vendor-events.ts'),
};
