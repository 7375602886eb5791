import { z } from 'zod';
import { accountPattern } from '../../domain/ids.ts';
import { filledLineOf } from '../../plan/texts.ts';
import { component } from './components.ts';
import { instantText } from './instant.ts';

const maxReason = 500;
const maxName = 200;

const base = {
  reason: filledLineOf(maxReason, 'must say why').describe("Why; kept in the event's report."),
  onBehalfOf: filledLineOf(maxName, 'must be a name')
    .optional()
    .describe("The person the token's owner acts for; kept in the report beside its name."),
};
const leg = z
  .string()
  .regex(accountPattern, 'is not the name of a leg')
  .describe('Of an event with legs: the one that the action is for.');
const ofLeg = { ...base, leg: leg.optional() };
const instant = (description: string) => instantText(`${description} ISO 8601 with an offset.`, '2026-12-01T19:30:00Z');

export const reasonBody = z.strictObject(ofLeg);
export const switchBody = z.strictObject({ ...base, leg: leg.describe('The leg that viewers are sent to.') });
export const stopBody = z.strictObject({
  ...ofLeg,
  keepRecording: z.boolean().optional().describe('Publish the recording. Default true.'),
});
export const extendBody = z.strictObject({ ...ofLeg, endsAt: instant('The new end, up to the maximum duration.') });
export const rescheduleBody = z.strictObject({
  ...ofLeg,
  startsAt: instant('The new start.'),
  endsAt: instant('The new end.'),
});

export const acceptedSchema = component(
  'Accepted',
  z.object({
    accepted: z.literal(true),
    effect: z.string().describe('What happens now, for people.'),
    refused: z
      .array(z.object({ leg: z.string(), why: z.string() }))
      .optional()
      .describe('Of an event with legs: those that refused, while others accepted.'),
    unanswered: z
      .array(z.string())
      .optional()
      .describe('Of an event with legs: those that have not answered yet. They get the action once they can.'),
  }),
);
