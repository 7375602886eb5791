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
  }),
);

export const problemType = 'application/problem+json';
