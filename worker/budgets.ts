import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { BudgetsPort, EventMonth } from '../activities/ports.ts';
import { ShowcallerClient } from '../client/client.ts';
import { RefusedError } from '../client/errors.ts';
import type { PriceList } from '../domain/usage/prices.ts';
import type { BudgetOf } from '../plan/budgets.ts';

/** The budgets of the configuration, and what was used by what Temporal has of the events. */
export function budgetsPort(
  client: Client,
  { taskQueue, budgetOf, prices }: { taskQueue: string; budgetOf: BudgetOf; prices?: PriceList },
): BudgetsPort {
  const showcaller = new ShowcallerClient(client, { taskQueue });
  return {
    of: budgetOf,
    ...(prices && { prices }),
    async used(tenant, month) {
      const usage = await showcaller.forTenant(tenant).usageOfMonth(month).catch(unlessTooMany);
      if (!usage) return undefined;
      const { runs, assumed } = usage;
      const events = runs.map(({ event: { key, phase, workflowStatus, run }, spans }): EventMonth => {
        const isRunning = workflowStatus === 'RUNNING' && run !== undefined;
        const running = isRunning && { workflowId: run.workflowId, runId: run.runId, ...(phase && { phase }) };
        return { event: key, spans, ...(running && { running }) };
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

/** @throws whatever else kept Temporal from being read */
function unlessTooMany(error: unknown): undefined {
  if (!(error instanceof RefusedError)) throw error;
}
