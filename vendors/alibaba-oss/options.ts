import { z } from 'zod';
import type { EventSpec } from '../../domain/channel.ts';
import { formatDuration } from '../../domain/time.ts';
import type { Account, PlanLimit } from '../manifest.ts';
import { parsed } from '../parsed.ts';
import { vendor } from './names.ts';

/** Recordings get these names, so that a live playlist never overwrites one. */
const vodPlaylistPattern = /^vod-.*\.m3u8$/;

/**
 * `vendorOptions` of an OSS plan. Limits:
 * https://www.alibabacloud.com/help/en/oss/developer-reference/putlivechannel
 */
export const optionsSchema = z.strictObject({
  fragDuration: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('Length at which OSS cuts a TS file at the next key frame, in seconds.'),
  fragCount: z.int().min(1).max(100).default(3).describe('How many TS files the live playlist shows.'),
  playlistName: z
    .string()
    .min(6)
    .max(128)
    .regex(/^[^/]+\.m3u8$/, 'must end in .m3u8 and hold no slash')
    .refine((name) => !vodPlaylistPattern.test(name), 'must not start with vod-, which names recordings')
    .default('playlist.m3u8')
    .describe('Name of the live playlist; ends in .m3u8.'),
  ingestExpiresSeconds: z
    .int()
    .min(60)
    .max(2_592_000)
    .optional()
    .describe(
      'How long after it is asked for a publish URL may be used to connect, in seconds; never longer than the event may last. Default: as long as that.',
    ),
});

export type Options = z.infer<typeof optionsSchema>;

export const limits: readonly PlanLimit[] = [
  {
    about: 'A publish URL is valid for as long as the show is planned, or longer (`ingestExpiresSeconds`).',
    problems({ startsAt, endsAt, options }) {
      const { ingestExpiresSeconds } = optionsSchema.parse(options);
      const showMs = endsAt - startsAt;
      if (ingestExpiresSeconds === undefined || ingestExpiresSeconds * 1000 >= showMs) return [];
      const message = `lets a publish URL expire in a show of ${formatDuration(showMs)}: an encoder that connects again would be refused; leave it out, and the URL expires with the event`;
      return [{ path: ['vendorOptions', 'ingestExpiresSeconds'], message }];
    },
  },
];

/** The plan's options, checked again: a run may be started without the plan's check. */
export const optionsOf = ({ eventId, options }: Pick<EventSpec, 'eventId' | 'options'>): Options =>
  parsed(optionsSchema, options, { vendor, what: 'vendorOptions', resource: eventId });

/** https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole */
export const longestSessionMs = 12 * 3_600_000;

/** The account's settings with nothing left to decide. */
export interface Settings {
  account: string;
  /** With `oss-` in front, as the SDK wants it. */
  region: string;
  bucket: string;
  accessKeyId: string;
  accessKeySecret: string;
  stsToken?: string;
  signatureVersion: 'v1' | 'v4';
  endpoint: string;
  addressing: 'virtual' | 'path' | 'cname';
  ingestBaseUrl: string;
  playbackBaseUrl: string;
  signedPlayback: boolean;
  /** The quota of the account. */
  slots?: number;
  timeoutMs: number;
}

export function settingsOf({ name, settings: given }: Account): Settings {
  const bucket = given.bucket ?? '';
  const region = (given.region ?? '').replace(/^(oss-)?/, 'oss-');
  const endpoint = given.endpoint || `https://${region}.aliyuncs.com`;
  const publicEndpoint = new URL(given.publicEndpoint || `https://${region}.aliyuncs.com`);
  const publicHost = `${bucket}.${publicEndpoint.host}`;
  return {
    account: name,
    region,
    bucket,
    accessKeyId: given.accessKeyId ?? '',
    accessKeySecret: given.accessKeySecret ?? '',
    ...(given.stsToken && { stsToken: given.stsToken }),
    signatureVersion: given.signatureVersion === 'v1' ? 'v1' : 'v4',
    endpoint,
    addressing: given.addressing === 'path' || given.addressing === 'cname' ? given.addressing : 'virtual',
    ingestBaseUrl: withoutSlash(given.ingestBaseUrl || `rtmp://${publicHost}`),
    playbackBaseUrl: withoutSlash(given.playbackBaseUrl || `${publicEndpoint.protocol}//${publicHost}`),
    signedPlayback: given.playbackAccess === 'signed',
    ...(given.slots && { slots: Number(given.slots) }),
    timeoutMs: Number(given.timeoutMs || 10_000),
  };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
