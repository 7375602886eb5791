import { z } from 'zod';
import { accountPattern, eventOrLegIdPattern } from '../../domain/ids.ts';
import { onAirStates } from '../../domain/on-air.ts';
import { encoderStates, endReasons, phases } from '../../domain/phases.ts';
import { preflightChecks } from '../../domain/preflight.ts';
import { planSchema } from '../../plan/schema.ts';
import { tenantSchema } from '../../plan/texts.ts';
import { checkedByTheClient } from '../openapi/validation.ts';
import { component } from './components.ts';
import { instantText } from './instant.ts';
import { conflictSchema } from './problem.ts';
import { conditionsSchema } from './system.ts';

export const eventIdParam = z.strictObject({
  eventId: z
    .string()
    .regex(eventOrLegIdPattern, 'is not an event id')
    .describe('Names the event, or one of its legs: `final@backup`.'),
});

const phase = z.enum(phases);
const endReason = z.enum(endReasons);
const encoder = z.enum(encoderStates);
const instant = z.number().describe('Epoch milliseconds.');
const json = z.record(z.string(), z.unknown());
const window = z.object({ from: instant, to: instant });

const channelRef = z.object({
  vendor: z.string(),
  account: z.string(),
  name: z.string(),
  id: z.string().optional(),
  workflowId: z.string(),
});

const playback = z.object({
  hls: z.string().optional(),
  dash: z.string().optional(),
  flv: z.string().optional().describe('HTTP-FLV.'),
  needs: z.enum(['viewer-token', 'signature']).optional().describe('What a request needs besides the address.'),
  note: z.string().optional().describe('What must be done before viewers can watch.'),
});

const onAir = z.object({
  state: z.enum(onAirStates),
  since: instant,
  reason: z.string().optional(),
  latencyMs: z.number().optional().describe('How far the newest picture was behind the wall clock.'),
  firstSegmentAt: instant.optional(),
  from: instant.optional().describe('Where the picture begins that viewers get now.'),
  lostAt: instant.optional().describe('Since when viewers get nothing new, also while that is not known any more.'),
});

const preflight = z.object({
  at: instant,
  findings: z
    .array(z.object({ check: z.enum(preflightChecks), message: z.string(), advice: z.string() }))
    .describe('What would go wrong, and what to do.'),
  unseen: z
    .array(z.object({ check: z.enum(preflightChecks), reason: z.string() }))
    .describe('What could not be looked at: nothing is known of it.'),
});

const session = z.object({
  id: z.string().optional(),
  startedAt: instant,
  endedAt: instant.optional(),
  evidence: json.optional(),
});

const asset = z.object({
  url: z.string(),
  covers: window.optional(),
  durationMs: z.number().optional(),
  finality: z.string(),
  proof: z.object({
    proved: z.boolean(),
    durationMs: z.number(),
    expectedMs: z.number(),
    segments: z.number(),
    discontinuities: z.number(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  }),
});

const billedState = z.object({
  resource: z.string(),
  name: z.string(),
  state: z.enum(['standby', 'running', 'off']),
  at: instant,
  asked: z.boolean().optional().describe('It was asked for then; the vendor has not dated it.'),
});

const audit = z.object({
  at: instant,
  action: z.string(),
  by: z.string(),
  reason: z.string(),
  details: json.optional(),
});

const vendorEvent = z.object({
  id: z.string(),
  source: z.string(),
  type: z.string().describe("The vendor's own word."),
  at: instant,
  facts: json,
});

const warning = z.object({
  at: instant,
  warning: z.string(),
  message: z.string(),
  endedAt: instant.optional().describe('When its cause ended; absent while it goes on, and where it has no end.'),
  ended: z.string().optional().describe('How its cause ended.'),
});

const leg = z.object({
  name: z.string(),
  vendor: z.string(),
  account: z.string(),
  start: z.enum(['with-event', 'on-failure']),
  begunAt: instant.optional().describe('Absent while it is held back.'),
  begunBecause: z.string().optional(),
  failed: z.object({ since: instant, reason: z.string() }).optional().describe('Why it does not carry the show.'),
  lost: z.string().optional().describe('How its run ended without a report.'),
  earlierSince: instant
    .optional()
    .describe('Since when its run cannot begin because one of before goes on, which may be on air and billed.'),
  status: z.object({ phase, released: z.boolean() }).optional().describe('As an EventStatus, without its plan.'),
  endedAt: instant.optional(),
});
const skewedClock = z.object({
  machine: z.string(),
  from: z.string().describe('Temporal, or a vendor.'),
  aheadMs: z.number().describe('Negative: behind.'),
  at: instant,
});
const legOnAir = z.object({ leg: z.string(), from: instant, to: instant.optional(), why: z.string() });
const piece = z.object({ leg: z.string(), url: z.string(), from: instant, to: instant });

/** Fields that this API does not know yet are passed on too. */
export const statusSchema = component(
  'EventStatus',
  z
    .object({
      eventId: z.string(),
      title: z.string(),
      vendor: z.string(),
      account: z.string(),
      tenant: z.string().optional(),
      createdBy: z.string().optional().describe('Who started it.'),
      phase,
      encoder,
      plan: z.object({ eventId: z.string() }).optional().describe('As prepared, with every default filled.'),
      startsAt: instant,
      endsAt: instant,
      hardEndsAt: instant,
      nextCue: z.object({ what: z.string(), at: instant }).optional(),
      missedMs: z.number().optional(),
      channel: z.object({ ref: channelRef, details: json }).optional(),
      output: z.object({ details: json }).optional(),
      playback: playback.optional().describe('Where viewers watch, once the vendor has said it.'),
      onAir: onAir.optional().describe('What viewers get, as the system saw it by looking as one of them.'),
      viewed: z.array(window).optional().describe('Spans that viewers could get, without the one that still goes on.'),
      viewersUnknown: z
        .array(window)
        .optional()
        .describe('Spans in which it could not be looked what viewers get, without the one that still goes on.'),
      vendorState: z.string().optional(),
      evidence: json.optional(),
      hints: z.array(vendorEvent).optional().describe('Vendor events (webhooks, queues), newest last.'),
      vendorEventsDropped: z.int().optional().describe('How many vendor events are not kept; absent where all are.'),
      stoppedAt: instant.optional(),
      entered: z.partialRecord(phase, instant).describe('When each phase was first entered.'),
      windows: z.array(window),
      gaps: z.array(window),
      sessions: z.array(session),
      connections: z.number().optional().describe('Of all sessions, where they are more than those listed.'),
      vod: z.array(asset),
      audit: z.array(audit),
      preflight: preflight.optional().describe('The newest look at the account before the channel was made.'),
      troubles: z.array(z.object({ at: instant, phase, kind: z.string(), message: z.string() })),
      warnings: z.array(warning).optional().describe('Newest last.'),
      warningsDropped: z.int().optional().describe('How many older warnings are not kept; absent where all are.'),
      endReason: endReason.optional(),
      endDetail: z.string().optional(),
      released: z.boolean().describe('True once nothing billed is left at the vendor.'),
      sweptAt: instant.optional().describe('When the sweep released what the run left.'),
      legs: z.array(leg).optional().describe('Of an event on several vendors. The fields above are of the leg on air.'),
      legsOnAir: z.array(legOnAir).optional().describe('Which leg viewers were sent to, and when.'),
      recording: z.array(piece).optional().describe("Which leg's asset holds which piece of the show."),
      billing: z
        .array(billedState)
        .optional()
        .describe('The states that cost of what was made, as the vendor dated them.'),
      clocks: z
        .array(skewedClock)
        .optional()
        .describe('Clocks of workers that its steps saw to be wrong, newest last.'),
      left: channelRef.optional(),
      leftBefore: z
        .string()
        .optional()
        .describe(
          'Where it ended before it had a plan: what an earlier run may have left billed, or why that is unknown.',
        ),
      conditions: conditionsSchema.optional().describe('What is wrong with it as it was just seen, while it runs.'),
    })
    .describe('Status while the event runs, and its report when it has ended.'),
);

const summarySchema = component(
  'EventSummary',
  z.object({
    eventId: z.string(),
    vendor: z.string().optional(),
    account: z.string().optional(),
    tenant: z.string().optional(),
    phase: phase.optional(),
    endReason: endReason.optional(),
    startsAt: z.iso.datetime().optional(),
    workflowStatus: z.string().describe("Temporal's status: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED …"),
  }),
);

export const createdSchema = z.object({
  eventId: z.string(),
  started: z.boolean().describe('False when the same plan had started it before.'),
  found: z.string().optional().describe("Temporal's status of the event that existed: RUNNING, COMPLETED …"),
  conflicts: z
    .array(conflictSchema)
    .optional()
    .describe('What other events hold at the same time, where the configuration only warns of it.'),
});

export const pendingSchema = z.object({
  steps: z.array(
    z.object({
      name: z.string(),
      leg: z.string().optional().describe('Of an event with legs: whose it is.'),
      attempt: z.int(),
      reason: z.string().optional().describe('Why the last attempt did not reach its goal.'),
      nextAttemptAt: instant.optional(),
      triedAt: instant.optional().describe('When its last attempt began.'),
      failing: z
        .object({ since: instant.optional(), errors: z.int().optional() })
        .optional()
        .describe('Present while its attempts fail, and do not only wait; how many in a row, and since when.'),
    }),
  ),
});

export const ingestSchema = z.object({
  endpoints: z.array(
    z.object({
      leg: z.string().optional().describe('Of an event with legs: whose it is.'),
      protocol: z.enum(['rtmp', 'rtmps', 'srt']),
      url: z.string(),
      server: z.string(),
      streamKey: z.string(),
      expiresAt: instant.optional().describe('When the address itself expires.'),
      opensAt: instant.optional().describe('From when the channel lets encoders in.'),
      closesAt: instant.describe('Until when; an extended show is open longer.'),
    }),
  ),
  missing: z
    .array(z.object({ leg: z.string().optional().describe('Absent for an event without legs.'), reason: z.string() }))
    .optional()
    .describe('What no address is given of now, and why; absent where there is none.'),
});

export const cursorSchema = z
  .string()
  .max(2_000)
  .regex(/^[\w-]+$/, 'is not a cursor of this list');

const maxPage = 200;
const defaultPage = 50;

export const listQuery = z.strictObject({
  phase: phase.optional(),
  endReason: endReason.optional(),
  vendor: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'is not the name of a vendor')
    .optional(),
  account: z.string().regex(accountPattern, 'is not the name of an account').optional(),
  tenant: tenantSchema.optional(),
  running: z.enum(['true', 'false']).optional().describe('true: only running events; false: only ended ones.'),
  from: instantText('Shows that start at this or later.').optional(),
  to: instantText('Shows that start before this.').optional(),
  limit: z.coerce.number().int().min(1).max(maxPage).default(defaultPage),
  cursor: cursorSchema.optional(),
});

export const listSchema = z.object({
  events: z.array(summarySchema),
  cursor: z
    .string()
    .optional()
    .describe('For the next page; absent on the last, unless that one is full: then the next page is empty.'),
});

/** A plan that was checked. Nothing is made of it. */
export const checkedPlanSchema = component(
  'CheckedPlan',
  z.object({
    eventId: z.string(),
    vendor: z.string(),
    account: z.string(),
    startsAt: instant,
    endsAt: instant,
    allocatesAt: instant.describe('When its run would make the channel, epoch milliseconds.'),
    preflight: preflight.optional().describe('Absent where the API has no vendor accounts.'),
  }),
);

export const planBody = checkedByTheClient(component('Plan', planSchema));
