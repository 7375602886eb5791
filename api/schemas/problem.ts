import { z } from 'zod';
import { component } from './components.ts';

export const conflictSchema = component(
  'BookingConflict',
  z.object({
    use: z.string().describe('As plans name it, or `a channel of <vendor> / <account>`.'),
    eventId: z.string().optional().describe("Who holds it; absent where it is another tenant's event."),
    from: z.string(),
    to: z.string(),
  }),
);

const shortageSchema = component(
  'BudgetShortage',
  z.object({
    tenant: z.string(),
    month: z.string().describe('In UTC, such as `2026-11`.'),
    unit: z.enum(['minutes', 'money']),
    currency: z.string().optional(),
    limit: z.number(),
    committed: z.number().describe('Used by other events, or planned where that is more.'),
    wanted: z.number().describe('What the event is to use in the month.'),
  }),
);

/** RFC 9457, with everything that is wrong with the request. */
export const problemSchema = component(
  'Problem',
  z.object({
    type: z.string().describe('Names the kind of problem: `urn:showcaller:problem:<kind>`.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What was attempted, on what, and what to do next.'),
    instance: z.string().describe('The path of the request.'),
    problems: z
      .array(
        z.object({
          path: z.string().describe('Where: `waits.firstConnect`, or the whole (empty).'),
          given: z.string().optional().describe('What was given, cut when long; left out where it could be a secret.'),
          message: z.string(),
        }),
      )
      .optional()
      .describe('Everything that is wrong with the request.'),
    conflicts: z.array(conflictSchema).optional().describe('With `already-booked`: what other events hold.'),
    budgets: z.array(shortageSchema).optional().describe('With `over-budget`: how the budgets stand.'),
  }),
);

export const problemType = 'application/problem+json';
