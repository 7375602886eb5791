import type { PreparedPlan } from '../domain/plan.ts';
import { checkPlan } from './check.ts';

/** What one leg's run prepares; an event with one leg has no name for it. */
export interface LegToLookAt {
  leg?: string;
  plan: PreparedPlan;
}

/** The plan of each leg, with every default. */
export function eachLeg(plan: PreparedPlan, now: number): LegToLookAt[] {
  if (!plan.legs) return [{ plan }];
  return plan.legs.legs.flatMap(({ name, plan: own }) => {
    const checked = checkPlan({ ...own, eventId: plan.eventId }, { now });
    return checked.ok ? [{ leg: name, plan: { ...checked.plan, ...(plan.tenant && { tenant: plan.tenant }) } }] : [];
  });
}
