import { z } from 'zod';
import type { EventSpec } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { formatDuration } from '../../domain/time.ts';
import type { Account, PlanLimit } from '../manifest.ts';
import { parsed } from '../parsed.ts';
import { vendor } from './names.ts';

const arnOf = (noun: string) =>
  z
    .string()
    .regex(new RegExp(`^arn:aws:ivs:[a-z0-9-]+:[0-9]+:${noun}/[a-zA-Z0-9-]+$`))
    .max(128);
const tagText = '[\\p{L}\\p{Z}\\p{N}_.:/=+@-]';

/** `vendorOptions` of a plan, bounded as the IVS service model says. */
export const optionsSchema = z
  .strictObject({
    latencyMode: z.enum(['NORMAL', 'LOW']).optional().describe('Latency of playback. IVS default: LOW.'),
    type: z
      .enum(['BASIC', 'STANDARD', 'ADVANCED_SD', 'ADVANCED_HD'])
      .optional()
      .describe('Channel type: bounds resolution and bitrate, decides on transcoding. IVS default: STANDARD.'),
    preset: z
      .enum(['HIGHER_BANDWIDTH_DELIVERY', 'CONSTRAINED_BANDWIDTH_DELIVERY'])
      .optional()
      .describe('Transcode preset; only with type ADVANCED_SD or ADVANCED_HD.'),
    containerFormat: z.enum(['TS', 'FRAGMENTED_MP4']).optional().describe('Packaging of the media. IVS default: TS.'),
    insecureIngest: z.boolean().optional().describe('Also accept RTMP without TLS. IVS default: false.'),
    authorized: z.boolean().optional().describe('Viewers need a playback token. IVS default: false.'),
    playbackRestrictionPolicyArn: arnOf('playback-restriction-policy')
      .optional()
      .describe('Restricts playback by country and origin.'),
    recordingConfigurationArn: arnOf('recording-configuration')
      .optional()
      .describe('An existing recording configuration, instead of one for the account’s recordingBucket.'),
    reconnectWindowSeconds: z
      .int()
      .min(0)
      .max(300)
      .optional()
      .describe('An encoder that returns within this time continues the same recording. Default: 0.'),
    tags: z
      .record(
        z.string().regex(new RegExp(`^(?!showcaller-|aws:)${tagText}{1,128}$`, 'u')),
        z.string().regex(new RegExp(`^${tagText}{0,256}$`, 'u')),
      )
      .refine((tags) => Object.keys(tags).length <= 40, 'at most 40 tags')
      .optional()
      .describe('More tags for the channel, e.g. for cost allocation. Names may not begin with showcaller- or aws:.'),
  })
  .superRefine((options, context) => {
    if (options.preset && !options.type?.startsWith('ADVANCED_'))
      context.addIssue({ code: 'custom', path: ['preset'], message: 'only with type ADVANCED_SD or ADVANCED_HD' });
    if (options.recordingConfigurationArn && options.reconnectWindowSeconds !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['reconnectWindowSeconds'],
        message: 'not with recordingConfigurationArn, whose own window cannot be changed',
      });
  });

export type Options = z.infer<typeof optionsSchema>;

/** https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/r2s3-merge-fragmented-streams.html */
export const longestMergedMs = 48 * 3600_000;

export const limits: readonly PlanLimit[] = [
  {
    about: `A recording that is merged over reconnections (\`reconnectWindowSeconds\`) lasts ${formatDuration(longestMergedMs)} at most.`,
    problems({ startsAt, lastEndsAt, endField, options }) {
      const { reconnectWindowSeconds = 0 } = optionsSchema.parse(options);
      const showMs = lastEndsAt - startsAt;
      if (reconnectWindowSeconds === 0 || showMs <= longestMergedMs) return [];
      const message = `lets the show last ${formatDuration(showMs)}, and a merged recording lasts ${formatDuration(longestMergedMs)} at most: leave reconnectWindowSeconds out`;
      return [{ path: endField, message }];
    },
  },
];

/** The plan's options, checked again: a driver may be called without the plan's schema. */
export const optionsOf = ({ eventId, options }: Pick<EventSpec, 'eventId' | 'options'>): Options =>
  parsed(optionsSchema, options, { vendor, what: 'vendorOptions', resource: eventId });

/** The account's settings with nothing left to decide. */
export interface Settings {
  account: string;
  region: string;
  /** Undefined: what the SDK finds. */
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  endpoint: string | undefined;
  s3Endpoint: string | undefined;
  /** Of IAM and STS. */
  iamEndpoint: string | undefined;
  recordingBucket: string | undefined;
  /** Without a slash at the end. */
  playbackBaseUrl: string | undefined;
  /** PEM: signs tokens of viewers. */
  playbackKey: string | undefined;
  ingestUrlTemplate: string;
  /** The quota of the account. */
  slots: number | undefined;
  timeoutMs: number;
}

/** The account's settings, with what is missing said in one sentence. */
export function settingsOf({ name, settings }: Account): Settings {
  if (!settings.region) throw misconfigured(`account ${name} has no region`, 'Set AWS_IVS_REGION.');
  return {
    account: name,
    region: settings.region,
    keys: settings.credentials === 'default' ? undefined : readKeys(name, settings),
    endpoint: settings.endpoint || undefined,
    s3Endpoint: settings.s3Endpoint || undefined,
    iamEndpoint: settings.iamEndpoint || undefined,
    recordingBucket: settings.recordingBucket || undefined,
    playbackBaseUrl: settings.playbackBaseUrl?.replace(/\/+$/, '') || undefined,
    playbackKey: settings.playbackKey || undefined,
    ingestUrlTemplate: settings.ingestUrlTemplate || 'rtmps://{ingestEndpoint}:443/app/',
    slots: settings.slots ? Number(settings.slots) : undefined,
    timeoutMs: Number(settings.timeoutMs || 10_000),
  };
}

function readKeys(name: string, settings: Account['settings']): NonNullable<Settings['keys']> {
  const { accessKeyId, secretAccessKey, sessionToken } = settings;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  throw misconfigured(
    `account ${name} has no accessKeyId or no secretAccessKey`,
    'Set both, or set credentials to default to use what the AWS SDK finds.',
  );
}

const misconfigured = (message: string, advice: string): VendorError =>
  new VendorError({ vendor, operation: 'settingsOf', kind: 'invalid-request', message, advice });
