import { z } from 'zod';
import type { EventSpec } from '../../domain/channel.ts';
import { formatDuration } from '../../domain/time.ts';
import type { Account, LimitProblem, PlanLimit } from '../manifest.ts';
import { parsed } from '../parsed.ts';
import { vendor } from './names.ts';

const isoSeconds = /^PT(?=\d)(?:\d+(?:\.\d+)?[HMS]){1,3}$/;
const duration = z.string().regex(isoSeconds, 'an ISO 8601 duration of hours, minutes and seconds, e.g. PT2S');

const addressRange = z.strictObject({
  name: z.string().optional().describe('Shown in the portal.'),
  address: z.ipv4().describe('IPv4 address, or the first of a range.'),
  prefixLength: z.int().min(0).max(32).default(32).describe('Length of the network part; 32 is one address.'),
});

/** `vendorOptions` of a plan for this vendor. */
export const optionsSchema = z.strictObject({
  encodingType: z
    .enum(['PassthroughBasic', 'PassthroughStandard', 'Standard', 'Premium1080p', 'None'])
    .default('PassthroughStandard')
    .describe('Pass the picture through, or encode it again into several sizes.'),
  presetName: z.string().optional().describe('Encoding preset; only for Standard and Premium1080p.'),
  keyFrameInterval: duration
    .optional()
    .describe('Length of a fragment: of the input when passing through, of the output when encoding.'),
  inputProtocol: z
    .enum(['RTMP', 'SRT'])
    .default('RTMP')
    .describe('What the encoder speaks; SRT only at successors that offer it.'),
  streamOptions: z
    .array(z.enum(['Default', 'LowLatency', 'LowLatencyV2']))
    .max(1)
    .default([])
    .describe('Latency mode; LowLatencyV2 shortens the longest recording to 6 hours.'),
  useStaticHostname: z.boolean().default(false).describe('Keep the ingest host over stops and starts.'),
  hostnamePrefix: z.string().max(64).optional().describe('First part of the static host name.'),
  archiveWindowLength: duration
    .optional()
    .describe('How much of the show the recording keeps; default: the whole show, as far as the vendor allows.'),
  allowedIps: z
    .array(addressRange)
    .min(1)
    .default([{ name: 'everyone', address: '0.0.0.0', prefixLength: 0 }])
    .describe('Who may push and preview; default: everyone who knows the URL.'),
  streamingEndpointName: z.string().max(24).default('default').describe('Which streaming endpoint serves players.'),
  startStreamingEndpoint: z
    .boolean()
    .default(true)
    .describe(
      'Start the streaming endpoint when it is stopped. It is left running, and billed, because players need it; with false a stopped endpoint is an error.',
    ),
});
export type Options = z.infer<typeof optionsSchema>;

/** The plan's check is the first to see them; a run started by hand may come without it. */
export const optionsOf = ({ eventId, options }: Pick<EventSpec, 'eventId' | 'options'>): Options =>
  parsed(optionsSchema, options, { vendor, what: 'vendorOptions', resource: eventId });

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** https://learn.microsoft.com/azure/media-services/latest/limits-quotas-constraints-reference */
const shortestArchiveMs = 3 * minuteMs;
const longestArchiveMs = 25 * hourMs;
const longestBasicArchiveMs = 8 * hourMs;
const longestLowLatencyArchiveMs = 6 * hourMs;

/** Of an archive window that the plan gives. */
const leastArchiveMs = minuteMs;
/** https://learn.microsoft.com/rest/api/media/live-events/create: LiveEventEncoding.keyFrameInterval */
const keyFrameIntervalMs = { least: 500, most: 20_000 };

const unitMs: Readonly<Record<string, number>> = { H: hourMs, M: minuteMs, S: 1000 };
const msOf = (iso: string): number =>
  [...iso.matchAll(/([\d.]+)([HMS])/g)].reduce((sum, [, n, unit = '']) => sum + Number(n) * (unitMs[unit] ?? 0), 0);

/** The longest archive of a live event, and of which option that is. */
function longestArchive({ encodingType, streamOptions }: Options): { ms: number; of: string } {
  const isLowLatency = streamOptions.includes('LowLatencyV2');
  if (isLowLatency) return { ms: longestLowLatencyArchiveMs, of: ' with LowLatencyV2' };
  const isBasic = encodingType === 'PassthroughBasic';
  return isBasic ? { ms: longestBasicArchiveMs, of: ' with PassthroughBasic' } : { ms: longestArchiveMs, of: '' };
}

const under = (field: keyof Options, message: string): LimitProblem => ({ path: ['vendorOptions', field], message });

export const isEncoding = ({ encodingType }: Options): boolean =>
  encodingType === 'Standard' || encodingType === 'Premium1080p';

/** https://learn.microsoft.com/azure/media-services/latest/limits-quotas-constraints-reference */
export const limits: readonly PlanLimit[] = [
  {
    about: `A recording keeps the last ${formatDuration(longestArchiveMs)} of a show, ${formatDuration(longestBasicArchiveMs)} with PassthroughBasic, ${formatDuration(longestLowLatencyArchiveMs)} with LowLatencyV2. A show whose recording is published may not be longer.`,
    problems({ startsAt, lastEndsAt, endField, publishesVod, options }) {
      const longest = longestArchive(optionsSchema.parse(options));
      const showMs = lastEndsAt - startsAt;
      if (!publishesVod || showMs <= longest.ms) return [];
      const message = `lets the show last ${formatDuration(showMs)}, and a recording keeps ${formatDuration(longest.ms)} at most${longest.of}: make it shorter, split it into several events, or set vod.publish to false`;
      return [{ path: endField, message }];
    },
  },
  {
    about: `\`archiveWindowLength\` is ${formatDuration(leastArchiveMs)} at least, the longest recording at most, and not shorter than a show whose recording is published.`,
    problems({ startsAt, lastEndsAt, publishesVod, options: given }) {
      const options = optionsSchema.parse(given);
      if (options.archiveWindowLength === undefined) return [];
      const ms = msOf(options.archiveWindowLength);
      const longest = longestArchive(options);
      if (ms < leastArchiveMs)
        return [under('archiveWindowLength', `must be ${formatDuration(leastArchiveMs)} at least`)];
      if (ms > longest.ms)
        return [under('archiveWindowLength', `must be ${formatDuration(longest.ms)} at most${longest.of}`)];
      if (!publishesVod || ms >= lastEndsAt - startsAt) return [];
      const message = `is shorter than the show, ${formatDuration(lastEndsAt - startsAt)}: its recording would be cut; leave it out, or set vod.publish to false`;
      return [under('archiveWindowLength', message)];
    },
  },
  {
    about: '`presetName` is for Standard and Premium1080p; `hostnamePrefix` needs `useStaticHostname`.',
    problems({ options: given }) {
      const options = optionsSchema.parse(given);
      return [
        ...(options.presetName !== undefined && !isEncoding(options)
          ? [under('presetName', `is for encodingType Standard and Premium1080p, not for ${options.encodingType}`)]
          : []),
        ...(options.hostnamePrefix !== undefined && !options.useStaticHostname
          ? [under('hostnamePrefix', 'has no effect without useStaticHostname: set that to true')]
          : []),
      ];
    },
  },
  {
    about: 'A `keyFrameInterval` is 0.5 to 20 seconds.',
    problems({ options }) {
      const { keyFrameInterval } = optionsSchema.parse(options);
      if (keyFrameInterval === undefined) return [];
      const ms = msOf(keyFrameInterval);
      const isSound = ms >= keyFrameIntervalMs.least && ms <= keyFrameIntervalMs.most;
      return isSound ? [] : [under('keyFrameInterval', 'must be 0.5 to 20 seconds, e.g. PT2S')];
    },
  },
];

/** Running, warm and stopped ones together. https://learn.microsoft.com/azure/media-services/latest/limits-quotas-constraints-reference */
const usualLiveEvents = 5;

/** Encoders are let in before the show starts; what they send then must not push its end out of the window. */
const archiveMarginMs = 15 * minuteMs;

/** The archive window as the wire wants it. Older media falls out of it for good, so it spans the longest possible run. */
export function archiveWindowOf(event: Pick<EventSpec, 'startsAt' | 'hardEndsAt'>, options: Options): string {
  if (options.archiveWindowLength) return options.archiveWindowLength;
  const wanted = event.hardEndsAt - event.startsAt + archiveMarginMs;
  const seconds = Math.ceil(Math.min(longestArchive(options).ms, Math.max(shortestArchiveMs, wanted)) / 1000);
  return `PT${seconds}S`;
}

/** The account's settings with nothing left to decide. What an authMode needs is checked when it signs in. */
export interface Settings {
  account: string;
  subscriptionId: string;
  resourceGroup: string;
  accountName: string;
  location: string;
  /** Without a slash at the end. */
  endpoint: string;
  authMode: string;
  tenantId?: string;
  clientId?: string;
  clientSecret?: string;
  authorityHost?: string;
  token?: string;
  apiKey?: string;
  playbackBaseUrl?: string;
  /** The quota of the account. */
  slots: number;
  timeoutMs: number;
  previewProbeMs: number;
}

export const armEndpoint = 'https://management.azure.com';

export function settingsOf({ name, settings: given }: Account): Settings {
  const { tenantId, clientId, clientSecret, authorityHost, token, apiKey, playbackBaseUrl } = given;
  return {
    account: name,
    subscriptionId: given.subscriptionId ?? '',
    resourceGroup: given.resourceGroup ?? '',
    accountName: given.accountName ?? '',
    location: given.location ?? '',
    endpoint: (given.endpoint || armEndpoint).replace(/\/+$/, ''),
    authMode: given.authMode || 'entra',
    ...(tenantId && { tenantId }),
    ...(clientId && { clientId }),
    ...(clientSecret && { clientSecret }),
    ...(authorityHost && { authorityHost }),
    ...(token && { token }),
    ...(apiKey && { apiKey }),
    ...(playbackBaseUrl && { playbackBaseUrl }),
    slots: Number(given.slots || usualLiveEvents),
    timeoutMs: Number(given.timeoutMs || 10_000),
    previewProbeMs: Number(given.previewProbeMs || 4_000),
  };
}
