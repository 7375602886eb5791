import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { slowStepMs } from '../domain/conditions/condition.ts';
import { VendorError } from '../domain/errors.ts';
import { eventKeyOf } from '../domain/ids.ts';
import type { PreparedPlan } from '../domain/plan.ts';
import { checkPlan } from '../plan/check.ts';
import { failureTypes, type LiveEventActivities, type PrepareInput } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { leftOpen } from './earlier-run.ts';
import { asFailure } from './failures.ts';
import { withHeartbeat } from './heartbeat.ts';

/** So long before the start there is time to act, and the show is on the minds of those who get to know. */
const soonMs = 30 * 60_000;

/** Checks the plan once more, for runs started by hand, and fixes everything later steps must not decide anew. */
export const prepareActivities = (deps: ActivityDeps): Pick<LiveEventActivities, 'preparePlan' | 'prepareLegs'> => ({
  prepareLegs: async (input) => {
    const plan = checkedPlan(deps, input);
    // The legs book what they use themselves; the budget must have room for all of them.
    const budget = hasBudget(deps, plan);
    return deps.bookings && budget ? { ...plan, books: { slot: false, budget } } : plan;
  },

  preparePlan: async (input) => {
    const checked = checkedPlan(deps, input);
    const { workflowId } = input;
    const slot = deps.bookingRules(checked.vendor, checked.account).slots !== undefined;
    const budget = hasBudget(deps, checked);
    const books = deps.bookings && (slot || checked.uses || budget) ? { slot, ...(budget && { budget }) } : undefined;
    const plan = { ...checked, ...(books && { books }) };
    try {
      const driver = await withHeartbeat(() => deps.driver(plan.vendor, plan.account));
      // The account may be moved until the channel is allocated; what a cancelled allocation left is looked for here.
      const kept = input.isFirst ? undefined : (await leftOpen(deps, plan))?.channel;
      // A stream that the vendor pulls lets no encoder in, and its source may have to know its name.
      const run = plan.sources.length > 0 ? undefined : activityInfo().workflowExecution?.runId;
      const eventId = eventKeyOf(workflowId) ?? plan.eventId;
      const ref = driver.refOf({ eventId, workflowId, run, kept });
      return { plan, ref, ...(kept !== undefined && { continues: true }) };
    } catch (error) {
      if (error instanceof VendorError && error.kind === 'invalid-request') {
        throw invalidPlan([{ path: 'eventId', given: JSON.stringify(plan.eventId), message: error.message }]);
      }
      throw asFailure(error, {
        policy: 'before-show',
        // It is asked until it can be made: its tries are not counted, and it is asked more and more seldom.
        errorsInARow: activityInfo().attempt,
        triesUsed: 1,
        nothingMade: true,
        timeScale: deps.timeScale,
        secrets: deps.secrets(),
        msLeft: Number.POSITIVE_INFINITY,
        skewText: deps.clock.skewText,
      });
    }
  },
});

const hasBudget = ({ budgets }: ActivityDeps, { tenant }: PreparedPlan): boolean =>
  tenant !== undefined && budgets?.of(tenant) !== undefined;

/** @throws ApplicationFailure with every problem */
function checkedPlan(deps: ActivityDeps, { plan, workflowId, startedAt, nominalStart }: PrepareInput): PreparedPlan {
  const subscribers = deps.subscribers.map(({ types, ...rest }) => ({ ...rest, types: [...types] }));
  const checked = checkPlan(plan, {
    now: startedAt,
    workflowId,
    nominalStart,
    accounts: deps.accounts,
    webhooks: { subscribers, slowStepMs: slowStepMs * deps.timeScale, soonMs: soonMs * deps.timeScale },
  });
  if (!checked.ok) throw invalidPlan(checked.problems);
  return checked.plan;
}

function invalidPlan(problems: { path: string; given?: string; message: string }[]): ApplicationFailure {
  const lines = problems.map(
    ({ path, given, message }) => `${path || 'plan'}: ${message}${given ? ` (given ${given})` : ''}`,
  );
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  return ApplicationFailure.create({
    type: failureTypes.invalidPlan,
    message: `the plan has ${count}; nothing was created\n${lines.join('\n')}`,
    details: [{ problems }],
    nonRetryable: true,
  });
}
