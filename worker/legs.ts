import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { LegsPort } from '../activities/ports.ts';

/** Sends updates to the runs of legs. */
export const legsPort = (client: Client): LegsPort => ({
  async act({ workflowId, update, id, action }) {
    const handle = client.workflow.getHandle(workflowId);
    try {
      const { effect } = await handle.executeUpdate<{ effect: string }, [typeof action]>(update, {
        args: [action],
        updateId: id,
      });
      return { accepted: true, effect };
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError)
        return { accepted: false, why: error.cause?.message ?? error.message };
      if (error instanceof WorkflowNotFoundError) return { accepted: false, why: 'its run is over' };
      throw error;
    }
  },
});
