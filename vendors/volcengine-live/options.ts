import { z } from 'zod';
import type { Channel, EventSpec, Output } from '../../domain/channel.ts';
import { VendorError } from '../../domain/errors.ts';
import { vendorName } from './errors.ts';

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

export function detailsFor(event: EventSpec): ChannelDetails {
  const options = parsed(optionsSchema, event.options, 'vendorOptions', event.eventId);
  return {
    startsAt: event.startsAt,
    hardEndsAt: event.hardEndsAt,
    sources: event.sources,
    relay: options.relay,
    record: options.record,
  };
}

export const detailsOf = ({ ref, details }: Channel): ChannelDetails =>
  parsed(channelDetails, details, 'channel details', ref.name);
export const outputDetailsOf = ({ details }: Output): OutputDetails =>
  parsed(outputDetails, details, 'output details', 'output');

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string, resource: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new VendorError(
    {
      kind: 'invalid-request',
      vendor: vendorName,
      operation: 'readOptions',
      resource,
      message: `${what}: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
      advice: 'correct the plan',
    },
    { cause: result.error },
  );
}

export const checkApp = (value: string): string | undefined =>
  /^[A-Za-z0-9_.-]{1,30}$/.test(value) ? undefined : 'must be 1 to 30 letters, digits, `_`, `-` or `.`';

/** A domain, or an IPv6 address in brackets. */
export const checkHost = (value: string): string | undefined =>
  /^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/.test(value) ? undefined : checkDomain(value);

export const checkDomain = (value: string): string | undefined =>
  /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(value) ? undefined : 'must be a domain, without scheme or path';

export const checkUrl = (value: string): string | undefined =>
  /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? undefined : 'must be an http or https URL';

export const checkMilliseconds = (value: string): string | undefined =>
  /^[1-9]\d{0,8}$/.test(value) ? undefined : 'must be a whole number of milliseconds, at least 1';
