import { z } from 'zod';
import { overlaps, scheduleSchema } from '../../client/schedules/input.ts';
import { tenantSchema } from '../../plan/texts.ts';
import { component } from './components.ts';
import { cursorSchema } from './event.ts';

export const scheduleIdParam = z.strictObject({
  scheduleId: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'is not a schedule id')
    .describe('Names the schedule.'),
});

/**
 * Published in the document; the client checks it together with its plan, which says `duration`, and no `startsAt`, `startsAfter` or
 * `endsAt`.
 */
export const scheduleBody = component(
  'Schedule',
  scheduleSchema.extend({
    scheduleId: z.string().meta({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,78}$' }),
    // A plain reference: generators of clients make nothing of a schema that is joined of several.
    plan: z.unknown().meta({ $ref: '#/components/schemas/Plan' }),
  }),
);

const show = z.object({ startsAt: z.string(), local: z.string(), beginsAt: z.string(), eventId: z.string() });

export const scheduleReportSchema = component(
  'ScheduleReport',
  z.object({
    scheduleId: z.string(),
    title: z.string(),
    vendor: z.string(),
    timeZone: z.string(),
    calendars: z.array(z.string()),
    startAt: z.string().optional(),
    endAt: z.string().optional(),
    lead: z.string(),
    catchUp: z.string(),
    overlap: z.enum(overlaps).optional(),
    runsAtOnce: z
      .int()
      .describe('How many of its runs can be under way at the same time; so many places of the events quota it takes.'),
    paused: z.boolean(),
    note: z.string().optional(),
    shows: z.array(show).describe('The next five.'),
    warnings: z.array(z.string()),
    plan: z.object({ vendor: z.string().optional() }).describe('The `Plan` that every run gets.'),
    recent: z.array(z.object({ eventId: z.string(), begunAt: z.string() })),
    running: z.array(z.string()),
    missed: z.int(),
    skipped: z.int(),
  }),
);

export const schedulesSchema = z.object({
  schedules: z.array(scheduleReportSchema),
  unreadable: z
    .array(z.object({ key: z.string(), reason: z.string() }))
    .optional()
    .describe('Those whose plan is encrypted with a key that this server does not have.'),
  cursor: z
    .string()
    .optional()
    .describe('For the next page, which may hold fewer than `limit`, or none; absent where there is none.'),
});
export const scheduleQuery = z.strictObject({
  tenant: tenantSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: cursorSchema.optional(),
});
export const triggeredSchema = z.object({
  outcome: z.enum(['started', 'skipped', 'buffered', 'requested']),
  eventId: z.string().optional(),
});
