import { z } from 'zod';
import { accountPattern, eventIdPattern, usePattern } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import { durationPattern, formatDuration, parseDuration, parseInstant, whyNotInstant } from '../domain/time.ts';
import { maxSubscribers } from '../domain/webhooks/webhook.ts';
import {
  maxBilledMinutes,
  maxEventIdLength,
  maxLeadMs,
  maxLegs,
  maxShowMs,
  maxSourceLength,
  maxSources,
  maxTitleLength,
  maxUses,
  planDefaults,
} from './limits.ts';
import { whyNotSource } from './sources.ts';
import { lineOf, tenantSchema } from './texts.ts';

/** A text that `whyNot` checks; what it returns is the message of the refusal. */
const checked = (whyNot: (text: string) => string | undefined) =>
  z.string().check((given) => {
    const message = whyNot(given.value);
    if (message !== undefined) given.issues.push({ code: 'custom', message, input: given.value });
  });

interface Bounds {
  max: number;
  /** A lead may be nothing, a wait may not. */
  zero?: boolean;
}

function whyNotDuration(text: string, { max, zero = false }: Bounds): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined) return 'is not a duration: write "90s", "15m", "4h", "1h30m" or ISO 8601 "PT15M"';
  if (ms > max || (ms === 0 && !zero)) {
    return `must be ${zero ? 'at least 0s' : 'more than 0s'} and at most ${formatDuration(max)}`;
  }
  return undefined;
}

const duration = (description: string, bounds: Bounds) =>
  checked((text) => whyNotDuration(text, bounds))
    .meta({ description, pattern: durationPattern, examples: ['90s', '15m', '4h', 'PT15M'] })
    .optional();

const instant = (description: string) =>
  checked(whyNotInstant).meta({ description, format: 'date-time', examples: ['2026-12-01T18:00:00Z'] });

const instantOrDuration = (description: string, bounds: Bounds) =>
  checked((text) => {
    if (parseInstant(text) !== undefined) return undefined;
    if (parseDuration(text) !== undefined) return whyNotDuration(text, bounds);
    return `${whyNotInstant(text)}; or say how long after the end, e.g. "30m"`;
  }).meta({
    description,
    anyOf: [{ format: 'date-time' }, { pattern: durationPattern }],
    examples: ['30m', '2026-12-01T20:00:00Z'],
  });

const label = (description: string, max: number) => lineOf(max).min(1).describe(description);

const waits = z.strictObject({
  firstConnect: duration(
    `From startsAt (or the opening, if later) until an encoder that never came is given up. Default ${formatDuration(planDefaults.firstConnectMs)}.`,
    { max: maxShowMs },
  ),
  encoderLost: duration(
    `How long an encoder may be gone before the show ends. Default ${formatDuration(planDefaults.encoderLostMs)}.`,
    { max: maxShowMs },
  ),
  dark: duration(
    `How long an encoder may be connected while viewers get nothing yet, before a warning. Default ${formatDuration(planDefaults.darkMs)}.`,
    { max: maxShowMs },
  ),
  maxDuration: duration(
    `No run lasts longer than this from startsAt, extensions included. Default ${formatDuration(planDefaults.maxDurationMs)}, or the length of the show if that is more.`,
    { max: maxShowMs },
  ),
});

const overrun = z.strictObject({
  while: z.literal('encoder-connected').describe('The only reason there is to go on.'),
  step: duration(`By how much to go on each time. Default ${formatDuration(planDefaults.overrunStepMs)}.`, {
    max: maxShowMs,
  }),
  until: instantOrDuration('Never go on past this instant, or longer than this after the planned end.', {
    max: maxShowMs,
  }),
});

const budget = z.strictObject({
  billedMinutes: z
    .number()
    .positive('must be more than 0')
    .max(maxBilledMinutes)
    .describe('Minutes that may be billed of the event, of all of its resources and legs together.'),
  onLimit: z
    .enum(['warn', 'stop'])
    .optional()
    .describe('When they are spent: a warning, or the end of the show. Default warn.'),
});

const vod = z.strictObject({
  publish: z.boolean().optional().describe('Publish the recording and prove it. Default true.'),
  deadline: duration(
    `How long after the stop to keep trying to publish and prove the recording. Default ${formatDuration(planDefaults.vodDeadlineMs)}.`,
    { max: maxLeadMs },
  ),
});

/** What each leg of an event has for itself; without legs the plan has it. */
const ofOneLeg = {
  account: z
    .string()
    .regex(accountPattern, 'must be 1 to 32 lower-case letters and digits, with single hyphens between them')
    .optional()
    .describe(`A named set of credentials in the configuration. Default "${planDefaults.account}".`),
  warmUp: duration("How long before startsAt to allocate. Default: the vendor's; at least startLead.", {
    max: maxLeadMs,
    zero: true,
  }),
  startLead: duration("How long before startsAt to accept encoders. Default: the vendor's.", {
    max: maxLeadMs,
    zero: true,
  }),
  standby: z
    .boolean()
    .optional()
    .describe('Keep the channel warm, and billed, between allocation and start, where the vendor can. Default false.'),
  sources: z
    .array(checked(whyNotSource).max(maxSourceLength))
    .max(maxSources)
    .optional()
    .describe('Where the vendor should pull from, where it can; without it the encoder pushes. No credentials.'),
  vendorOptions: z.record(z.string(), z.json()).optional().describe("Checked by the vendor's own schema."),
};

const leg = z.strictObject({
  name: z
    .string()
    .regex(accountPattern, 'must be 1 to 32 lower-case letters and digits, with single hyphens between them')
    .describe('Names the leg in the report, in commands and in its ids: its run is <eventId>@<name>.'),
  vendor: z.string().describe('Which streaming service carries the leg.'),
  start: z
    .enum(['with-event', 'on-failure'])
    .optional()
    .describe('Whether the leg begins with the event, or only when another leg has failed. Default with-event.'),
  ...ofOneLeg,
});

const failover = z.strictObject({
  dark: duration(
    `How long viewers of a leg may be dark, or its vendor silent, before another leg takes over. Default ${formatDuration(planDefaults.failoverDarkMs)}.`,
    { max: maxShowMs },
  ),
});

/** Exactly the `Plan` of `domain/plan.ts`: what the client, the API, the CLI and a run's first activity accept. */
export const planSchema = z.strictObject({
  eventId: z
    .string()
    .regex(
      eventIdPattern,
      `must be letters, digits and . _ : -, start with a letter or digit, and have at most ${maxEventIdLength} characters`,
    )
    .optional()
    .describe(
      'Names the event; its workflow id is live-event/<eventId>. Default: what follows that in the workflow id.',
    ),
  title: label('For people. Default: the event id.', maxTitleLength).optional(),
  vendor: z.string().optional().describe('Which streaming service carries the event; this or legs.'),
  account: ofOneLeg.account,
  startsAt: instant('Default: now, or the nominal time when a Temporal Schedule started the run.').optional(),
  startsAfter: duration('Instead of startsAt: how long after now, or after the nominal time, the show starts.', {
    max: maxLeadMs,
    zero: true,
  }),
  endsAt: instant('This or duration.').optional(),
  duration: duration('This or endsAt.', { max: maxShowMs }),
  warmUp: ofOneLeg.warmUp,
  startLead: ofOneLeg.startLead,
  standby: ofOneLeg.standby,
  sources: ofOneLeg.sources,
  waits: waits.optional().describe('How long to wait for what.'),
  overrun: overrun.optional().describe('At the end, go on in steps while the encoder still sends.'),
  vod: vod.optional().describe('What becomes of the recording.'),
  tenant: tenantSchema
    .optional()
    .describe('Whose event it is, e.g. the customer: events can be listed by it, and its tokens see the event.'),
  preflight: duration(
    `How long before the allocation the account is looked at; 0s: at the allocation only. Default ${formatDuration(planDefaults.preflightMs)}.`,
    { max: maxLeadMs, zero: true },
  ),
  notify: z
    .array(z.string().regex(accountPattern, 'must be the name of a configured subscriber'))
    .max(maxSubscribers)
    .optional()
    .describe(
      'Names of the configured subscribers that get webhooks of this event. Default: those with `default` in the configuration.',
    ),
  budget: budget.optional().describe('How much may be billed; a warning at 80 % and at 100 %.'),
  uses: z
    .array(z.string().regex(usePattern, 'must be letters, digits and . _ -, at most 64, the first a letter or digit'))
    .max(maxUses)
    .optional()
    .describe(
      'What no other event of the tenant may use at the same time: an encoder, a studio. Overlaps are refused, or warned of, by configuration.',
    ),
  vendorOptions: ofOneLeg.vendorOptions,
  legs: z
    .array(leg)
    .min(1)
    .max(maxLegs)
    .optional()
    .describe('The same show on several vendors, the preferred one first. With it the plan has no vendor of its own.'),
  require: z
    .enum(['any', 'all'])
    .optional()
    .describe('With legs: whose recordings must be proved, any one leg or all that began. Default any.'),
  failover: failover.optional().describe('With legs: when another leg takes over.'),
}) satisfies z.ZodType<Plan>;
