import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { BudgetsPort, EventMonth } from '../activities/ports.ts';
import { ShowcallerClient } from '../client/client.ts';
import { undefinedIfRefused } from '../client/errors.ts';
import { Remembered } from '../client/remembered.ts';
import { goesOn } from '../domain/run-status.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import type { BudgetOf } from '../plan/budgets.ts';

/** Events of a month do not become fewer soon, and to find out takes many pages of a list. */
const tooLongForMs = 600_000;

/** The budgets of the configuration, and what was used by what Temporal has of the events. */
export function budgetsPort(
  client: Client,
  { taskQueue, budgetOf, prices }: { taskQueue: string; budgetOf: BudgetOf; prices?: PriceList },
): BudgetsPort {
  const showcaller = new ShowcallerClient(client, { taskQueue });
  const tooLong = new Remembered<true>(tooLongForMs);
  return {
    of: budgetOf,
    ...(prices && { prices }),
    async used(tenant, month) {
      const key = `${month} ${tenant}`;
      if (tooLong.has(key)) return undefined;
      const usage = await showcaller.forTenant(tenant).usageOfMonth(month).catch(undefinedIfRefused);
      if (!usage) {
        tooLong.set(key, true);
        return undefined;
      }
      const { runs, assumed } = usage;
      const events = runs.map(({ event: { key, phase, workflowStatus, run }, ...used }): EventMonth => {
        const isRunning = goesOn(workflowStatus) && run !== undefined;
        const running = isRunning && { workflowId: run.workflowId, runId: run.runId, ...(phase && { phase }) };
        return { event: key, ...used, ...(running && { running }) };
      });
      return { events, assumed };
    },
    async signal(workflowId, reached) {
      try {
        await client.workflow.getHandle(workflowId).signal('tenantBudget', reached);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}
