import { z } from 'zod';
import { conditionNames } from '../../domain/conditions/condition.ts';
import { onAirStates } from '../../domain/on-air.ts';
import { encoderStates, endReasons, phases } from '../../domain/phases.ts';
import { component } from './components.ts';

const instant = z.number().describe('Epoch milliseconds.');
const failing = z.object({ since: instant, reason: z.string() });

export const conditionsSchema = z
  .array(z.object({ name: z.enum(conditionNames), since: instant, message: z.string() }))
  .describe('What is wrong as it was last seen, the gravest first.');

const systemSchema = component(
  'System',
  z.object({
    workers: z.object({
      count: z.int().describe('As Temporal last saw them: one that has just died is counted for up to 90 seconds.'),
      polledAt: instant.optional().describe('When one last asked for work: at most a minute ago while it lives.'),
    }),
    answeredAt: instant.optional().describe('When a run last answered, through a worker.'),
    unanswered: failing.optional().describe('Since when no worker answers for any run.'),
    pollers: z
      .array(
        z.object({
          vendor: z.string(),
          account: z.string(),
          heardAt: instant.optional().describe('When its worker last reported; absent while no poller runs.'),
          seenAt: instant.optional().describe('When the vendor last answered for the account.'),
          failing: failing.optional().describe("Why it does not answer, in the vendor's words."),
          isStale: z.boolean(),
        }),
      )
      .describe('Of the accounts whose events accept an encoder.'),
    notShown: z
      .array(z.enum(['running', 'over']))
      .optional()
      .describe('Of which events there are more than are shown and looked at; absent where all are.'),
  }),
);

const window = z.object({ from: instant, to: instant });

const card = z.object({
  eventId: z.string(),
  title: z.string().optional(),
  tenant: z.string().optional(),
  vendor: z.string().optional(),
  account: z.string().optional(),
  phase: z.enum(phases).optional(),
  endReason: z.enum(endReasons).optional(),
  endDetail: z.string().optional(),
  workflowStatus: z.string().describe("Temporal's status: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED …"),
  startsAt: instant.optional(),
  endsAt: instant.optional(),
  hardEndsAt: instant.optional(),
  stoppedAt: instant.optional(),
  encoder: z.enum(encoderStates).optional(),
  vendorState: z.string().optional(),
  onAir: z
    .object({ state: z.enum(onAirStates), reason: z.string().optional() })
    .optional()
    .describe('What viewers get.'),
  nextCue: z.object({ what: z.string(), at: instant }).optional(),
  windows: z.array(window).optional().describe('When the encoder was connected.'),
  gaps: z.array(window).optional(),
  released: z.boolean().optional().describe('True once nothing billed is left at the vendor.'),
  proved: z.array(z.string()).optional().describe('Playlists that were proved.'),
  alerts: z.int().optional().describe('How many warnings and troubles there are.'),
  latestAlert: z.string().optional(),
  conditions: conditionsSchema.optional(),
});

const cardSchema = component('EventCard', card);

export const healthSchema = component(
  'Health',
  z.object({
    at: instant,
    system: systemSchema,
    events: z
      .array(
        card
          .pick({ eventId: true, tenant: true, title: true, vendor: true, account: true, phase: true })
          .extend({ conditions: conditionsSchema }),
      )
      .describe('Those with which something is wrong.'),
  }),
);

export const overviewSchema = component(
  'Overview',
  z.object({ at: instant, system: systemSchema, events: z.array(cardSchema) }),
);
