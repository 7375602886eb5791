import { vendorAnswer } from '../../client/vendor-answer.ts';
import type { Plan } from '../../domain/plan.ts';
import { cuesOf } from '../../domain/timeline.ts';
import { principalOf } from '../auth/authorize.ts';
import { scopeOf } from '../auth/tenancy.ts';
import type { Api, ApiDeps } from '../deps.ts';
import type { ApiLimits } from '../limits.ts';
import { checkedPlanSchema, planBody } from '../schemas/event.ts';

/** What a plan would come to. */
export function planRoutes(app: Api, { lookAhead }: ApiDeps, limits: ApiLimits): void {
  app.post(
    '/v1/plans/check',
    {
      config: { permission: 'operator', tenancy: 'own', inTurn: { atOnce: 2, mostWaiting: 10 } },
      schema: {
        tags: ['plans'],
        operationId: 'checkPlan',
        summary: 'Check a plan and look at its account; nothing is made',
        description: 'The vendor is asked at most ten times, and nothing is changed there. Findings are warnings.',
        body: planBody,
        response: { 200: checkedPlanSchema },
      },
    },
    async (request) => {
      const plan = scopeOf(request).client.check(request.body as Plan);
      const { eventId, vendor, account, startsAt, endsAt } = plan;
      const { allocateAt: allocatesAt } = cuesOf(plan, {});
      const { tenant } = principalOf(request);
      const question = { vendor, operation: 'preflight', withinMs: limits.answerMs };
      const preflight = lookAhead && (await vendorAnswer(question, lookAhead(plan, tenant ?? plan.tenant)));
      return { eventId, vendor, account, startsAt, endsAt, allocatesAt, ...(preflight && { preflight }) };
    },
  );
}
