import { z } from 'zod';
import { parseInstant } from '../../domain/time.ts';
import { groupings } from '../../domain/usage/summary.ts';
import { tenantSchema } from '../../plan/texts.ts';
import { component } from './components.ts';
import { instantText } from './instant.ts';

interface SpanQuery {
  from?: string | undefined;
  to?: string | undefined;
}

/** The span that a query names, in epoch milliseconds; without one this month until now. */
export function usageSpan({ from, to }: SpanQuery, now: number): { from: number; to: number } {
  const today = new Date(now);
  const month = Date.UTC(today.getUTCFullYear(), today.getUTCMonth());
  const instantOf = (text: string | undefined) => (text === undefined ? undefined : parseInstant(text));
  return { from: instantOf(from) ?? month, to: instantOf(to) ?? now };
}

const isForward = ({ from, to }: { from: number; to: number }): boolean => from < to;

export const usageQuery = z
  .strictObject({
    tenant: tenantSchema.optional(),
    from: instantText('The beginning of the span. Default: the first of this month, UTC.').optional(),
    to: instantText('Its end; what is later is not counted. Default: now.').optional(),
    by: z.enum(groupings).default('vendor').describe('What the sums are made for.'),
  })
  .refine((query) => isForward(usageSpan(query, Date.now())), { path: ['to'], message: 'must be after from' });

const state = z.enum(['standby', 'running', 'input']);

export const usageSchema = component(
  'Usage',
  z.object({
    from: z.string(),
    to: z.string(),
    by: z.enum(groupings),
    rows: z.array(
      z.object({
        key: z.string().describe('The tenant (empty without one), the vendor, or `vendor/account`.'),
        vendor: z.string(),
        resource: z.string().describe("The vendor's word for what is billed."),
        state,
        class: z.string().optional().describe('What decides the price, such as the type of the channel.'),
        events: z.int(),
        minutes: z.number(),
        money: z.number().optional().describe('By the price list of the operator; absent where it has no price.'),
      }),
    ),
    currency: z.string().optional(),
    pricesAsOf: z.string().optional(),
    budgets: z
      .array(
        z.object({
          tenant: z.string(),
          month: z.string(),
          unit: z.enum(['minutes', 'money']),
          currency: z.string().optional(),
          limit: z.number(),
          used: z.number(),
        }),
      )
      .optional()
      .describe('By tenant and without a span: how the budgets of this month stand.'),
    unknown: z.array(z.string()).describe('What cannot be seen, each with its reason.'),
  }),
);

export const eventUsageSchema = component(
  'EventUsage',
  z.object({
    spans: z.array(
      z.object({
        resource: z.string(),
        name: z.string(),
        state,
        class: z.string().optional(),
        from: z.number(),
        to: z.number().describe('End of the span, epoch milliseconds; now while the span has not ended.'),
        goesOn: z.boolean().optional(),
      }),
    ),
    unknown: z.array(z.string()),
  }),
);
