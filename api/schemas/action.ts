import { z } from 'zod';
import { filledLineOf } from '../../plan/texts.ts';
import { component } from './components.ts';

const maxReason = 500;
const maxName = 200;

const base = {
  reason: filledLineOf(maxReason, 'must say why').describe("Why; kept in the event's report."),
  onBehalfOf: filledLineOf(maxName, 'must be a name')
    .optional()
    .describe("The person the token's owner acts for; kept in the report beside its name."),
};
const instant = (description: string) =>
  z
    .string()
    .describe(`${description} ISO 8601 with an offset.`)
    .meta({ format: 'date-time', examples: ['2026-12-01T19:30:00Z'] });

export const reasonBody = z.strictObject(base);
export const stopBody = z.strictObject({
  ...base,
  keepRecording: z.boolean().optional().describe('Publish the recording. Default true.'),
});
export const extendBody = z.strictObject({ ...base, endsAt: instant('The new end, up to the maximum duration.') });
export const rescheduleBody = z.strictObject({
  ...base,
  startsAt: instant('The new start.'),
  endsAt: instant('The new end.'),
});

export const acceptedSchema = component(
  'Accepted',
  z.object({ accepted: z.literal(true), effect: z.string().describe('What happens now, for people.') }),
);
