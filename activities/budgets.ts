import { log } from '@temporalio/activity';
import { inParallel } from '../domain/in-parallel.ts';
import { messageOf } from '../domain/message-of.ts';
import type { OwnedSpan } from '../domain/usage/amount.ts';
import { monthOf, spanOfMonth } from '../domain/usage/month.ts';
import { budgetReached, limitsOf, monthSpent, type TenantBudget } from '../domain/usage/tenant-budget.ts';
import type { BookingActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { MonthReadings } from './month-readings.ts';
import type { BudgetsPort, EventMonth } from './ports.ts';

/** Runs that were warned of a share need no second signal of this worker; they drop one of another. */
const mostKept = 10_000;

/** A tenant whose month could not be read is looked at again so soon. */
const againMs = 10_000;

/** Reading a month asks many runs. */
const looksAtOnce = 4;
/** The other tenants wait for it. */
const readWithinMs = 5_000;

/** For the log of a worker that cannot read a tenant's month. */
export const unheldText = (tenant: string, month: string): string =>
  `the budget of tenant ${tenant} is not held in ${month}: more of its events are or were under way than are read — give its shows to several tenants`;

/**
 * Looks at what the tenants have used of the month. It signals to their running events what is reached; one that waits for its
 * show is billed nothing yet. A tenant that cannot be looked at keeps no other from being looked at.
 *
 * @throws what the first tenant threw, when none could be looked at
 */
export function lookAtBudgets(
  { budgets, clock }: ActivityDeps,
  readings = new MonthReadings(budgets),
): BookingActivities['lookAtBudgets'] {
  const sent = new Set<string>();
  return async ({ tenants }) => {
    const nexts: number[] = [];
    const failures: unknown[] = [];
    await inParallel(tenants, looksAtOnce, async (tenant) => {
      const budget = budgets?.of(tenant);
      if (!budgets || !budget) return;
      try {
        nexts.push(...(await lookAtTenant(budgets, readings, { tenant, budget, now: clock.now(), sent })));
      } catch (error) {
        failures.push(error);
        log.warn(`cannot look at the budget of tenant ${tenant}, it is tried again: ${messageOf(error)}`);
      }
    });
    if (nexts.length === 0 && failures.length > 0) throw failures[0];
    if (failures.length > 0) nexts.push(againMs);
    return nexts.length > 0 ? { nextInMs: Math.max(0, Math.min(...nexts)) } : {};
  };
}

interface Look {
  tenant: string;
  budget: TenantBudget;
  now: number;
  sent: Set<string>;
}

/** In how many milliseconds something may be reached next. */
async function lookAtTenant(
  budgets: BudgetsPort,
  readings: MonthReadings,
  { tenant, budget, now, sent }: Look,
): Promise<number[]> {
  const month = monthOf(now);
  const found = await readings.of(tenant, month, readWithinMs);
  if (!found) throw new Error(`its month ${month} is not read after ${readWithinMs / 1000} s`);
  const { used } = found;
  // A month begins with nothing used, and events go on into it.
  const nexts = [spanOfMonth(month).to - now];
  if (!used) {
    log.warn(unheldText(tenant, month));
    return nexts;
  }
  const { events } = used;
  const spans = countedEvents(events, { tenant, month, budget }).flatMap((event) => event.spans as OwnedSpan[]);
  for (const limit of limitsOf(budget, budgets.prices)) {
    const spent = monthSpent(spans, limit, budgets.prices);
    if (spent.nextInMs !== undefined) nexts.push(spent.nextInMs);
    const reached = budgetReached({ tenant, month }, spent, budget.onLimit);
    if (reached) await signalAll(budgets, events, reached, sent);
  }
  return nexts;
}

/** No show ends on what the longest warm-up would have cost. */
function countedEvents(
  events: readonly EventMonth[],
  { tenant, month, budget: { onLimit } }: Pick<Look, 'tenant' | 'budget'> & { month: string },
): EventMonth[] {
  const stops = onLimit === 'stop';
  const unread = events.filter(({ unreadPlan }) => unreadPlan !== undefined);
  const [first] = unread;
  if (first) {
    const effect = stops ? 'is not counted: no show ends on it' : 'is counted by the longest warm-up, 30 days';
    log.warn(
      `what ${unread.length} runs used is unknown, and ${effect}: the budget of tenant ${tenant} in ${month}; the first is ${first.event}: ${first.unreadPlan}`,
    );
  }
  return events.filter(({ unreadPlan }) => !stops || unreadPlan === undefined);
}

async function signalAll(
  budgets: BudgetsPort,
  events: readonly EventMonth[],
  reached: NonNullable<ReturnType<typeof budgetReached>>,
  sent: Set<string>,
): Promise<void> {
  for (const { running } of events) {
    if (!running || running.phase === 'scheduled') continue;
    const { month, unit, share } = reached;
    const key = `${running.runId} ${month} ${unit} ${share}`;
    if (sent.has(key)) continue;
    await budgets.signal(running.workflowId, reached);
    if (sent.size >= mostKept) sent.clear();
    sent.add(key);
  }
}
