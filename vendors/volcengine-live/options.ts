import { z } from 'zod';
import type { Channel, EventSpec, Output } from '../../domain/channel.ts';
import type { Account, PlanLimit } from '../manifest.ts';
import { parsed } from '../parsed.ts';
import { nameProblem, vendor } from './names.ts';

/** `vendorOptions` of a plan for this vendor. */
export const optionsSchema = z.strictObject({
  record: z
    .enum(['preset', 'off'])
    .default('preset')
    .describe('`preset`: a record preset must apply, else allocation fails. `off`: go live without a recording.'),
  relay: z
    .enum(['v4', 'v3'])
    .default('v4')
    .describe(
      'How the sources of the plan are pulled. `v4`: from start to stop, whether anyone watches or not. `v3`: only while a viewer plays; sources then name servers (`rtmp://host`, `http://host`) that serve the same app and stream name.',
    ),
});

export type Options = z.infer<typeof optionsSchema>;

/** https://www.volcengine.com/docs/6469/1126875 */
const maxSources = 10;

interface SourceProblem {
  index: number;
  message: string;
}

/** What no relay can pull. @param path the one that a v3 relay pulls, where it is known */
export function sourceProblems(sources: readonly string[], relay: Options['relay'], path?: string): SourceProblem[] {
  const allowed = relay === 'v3' ? /^(rtmp|https?):$/ : /^(rtmp|https?|srt):$/;
  const schemes = relay === 'v3' ? 'rtmp, http or https' : 'rtmp, http, https or srt';
  return sources.flatMap((source, index): SourceProblem[] => {
    if (index >= maxSources) return [{ index, message: `is more than the ${maxSources} that a relay may have` }];
    const url = URL.canParse(source) ? new URL(source) : undefined;
    if (!url || !allowed.test(url.protocol)) return [{ index, message: `is not an ${schemes} URL` }];
    const given = url.pathname.replace(/\.flv$/, '').replace(/\/$/, '');
    if (relay === 'v4' || path === undefined || given === '' || given === path) return [];
    return [{ index, message: `has a path, and a v3 relay always pulls ${path}` }];
  });
}

export const limits: readonly PlanLimit[] = [
  {
    about:
      'A stream name has 100 characters, of which the event id has 83; each `_`, `:`, `/` and `@` in it counts for three.',
    problems({ eventKey }) {
      const message = nameProblem(eventKey);
      return message === undefined ? [] : [{ path: ['eventId'], message }];
    },
  },
  {
    about: `A relay pulls from ${maxSources} sources at most: rtmp, http, https, and with \`relay\` v4 srt.`,
    problems({ sources, options }) {
      const { relay } = optionsSchema.parse(options);
      return sourceProblems(sources, relay).map(({ index, message }) => ({ path: ['sources', index], message }));
    },
  },
  {
    about: 'With `record` off there is no recording to publish.',
    problems({ publishesVod, options }) {
      if (!publishesVod || optionsSchema.parse(options).record !== 'off') return [];
      return [
        { path: ['vendorOptions', 'record'], message: 'leaves no recording to publish: set vod.publish to false' },
      ];
    },
  },
];

/** What a channel carries through history: enough for every later step, no secret. */
const channelDetails = z.object({
  startsAt: z.number(),
  hardEndsAt: z.number(),
  sources: z.array(z.string()),
  relay: z.enum(['v4', 'v3']),
  record: z.enum(['preset', 'off']),
});
export type ChannelDetails = z.infer<typeof channelDetails>;

const outputDetails = z.object({ record: z.enum(['preset', 'off']), graceMs: z.number() });
export type OutputDetails = z.infer<typeof outputDetails>;

/** The plan's options, checked again: a run may be started without the plan's check. */
export const optionsOf = ({ eventId, options }: Pick<EventSpec, 'eventId' | 'options'>): Options =>
  parsed(optionsSchema, options, { vendor, what: 'vendorOptions', resource: eventId });

export function detailsFor(event: EventSpec, options: Options): ChannelDetails {
  return {
    startsAt: event.startsAt,
    hardEndsAt: event.hardEndsAt,
    sources: event.sources,
    relay: options.relay,
    record: options.record,
  };
}

export const detailsOf = ({ ref, details }: Channel): ChannelDetails =>
  parsed(channelDetails, details, { vendor, what: 'channel details', resource: ref.name });
export const outputDetailsOf = ({ details }: Output): OutputDetails =>
  parsed(outputDetails, details, { vendor, what: 'output details', resource: 'output' });

/** The account's settings with nothing left to decide. */
export interface Settings {
  account: string;
  accessKeyId: string;
  secretKey: string;
  sessionToken?: string;
  region: string;
  host: string;
  protocol: string;
  vhost: string;
  pushDomain: string;
  pullDomain: string;
  app: string;
  tosBucket?: string;
  playbackBaseUrl?: string;
  /** The end of a run resumes its stream, instead of leaving it forbidden. */
  resumesAfterwards: boolean;
  recordGraceMs?: number;
  /** The quota of the account. */
  slots?: number;
  timeoutMs: number;
}

export function settingsOf({ name, settings: given }: Account): Settings {
  const { sessionToken, tosBucket, playbackBaseUrl, recordGraceMs } = given;
  return {
    account: name,
    accessKeyId: given.accessKeyId ?? '',
    secretKey: given.secretKey ?? '',
    ...(sessionToken && { sessionToken }),
    region: given.region || 'cn-north-1',
    host: given.host || 'live.volcengineapi.com',
    protocol: given.protocol || 'https',
    vhost: given.vhost ?? '',
    pushDomain: given.pushDomain ?? '',
    pullDomain: given.pullDomain ?? '',
    app: given.app || 'live',
    ...(tosBucket && { tosBucket }),
    ...(playbackBaseUrl && { playbackBaseUrl: playbackBaseUrl.replace(/\/+$/, '') }),
    resumesAfterwards: given.afterwards === 'resumed',
    ...(recordGraceMs && { recordGraceMs: Number(recordGraceMs) }),
    ...(given.slots && { slots: Number(given.slots) }),
    timeoutMs: Number(given.timeoutMs || 10_000),
  };
}
