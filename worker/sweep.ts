import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SweepPort } from '../activities/ports.ts';
import { eventKeyOf, vodRetryIdOf } from '../domain/ids.ts';

/** Asks Temporal for runs by id, which is never behind. */
export function sweepPort(client: Client): SweepPort {
  const stateOf = async (workflowId: string): Promise<'running' | 'over' | 'unknown'> => {
    try {
      const { status } = await client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' || status.name === 'PAUSED' ? 'running' : 'over';
    } catch (error) {
      // Only "not found" means that there is no run; while Temporal is down nothing is released.
      if (error instanceof WorkflowNotFoundError) return 'unknown';
      throw error;
    }
  };
  return {
    async ownerOf(workflowId) {
      const own = await stateOf(workflowId);
      const key = eventKeyOf(workflowId);
      if (own === 'running' || key === undefined) return own;
      const retry = await stateOf(vodRetryIdOf(key));
      return retry === 'running' ? 'running' : own;
    },
  };
}
