import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ResourceOwner, SweepPort } from '../activities/ports.ts';
import { askStatus } from '../client/ask-status.ts';
import { eventKeyOf, vodRetryIdOf } from '../domain/ids.ts';
import type { EventStatus } from '../domain/report.ts';
import { channelOf } from '../domain/search-attributes.ts';

const answerWithinMs = 10_000;

/** Asks Temporal for runs by id, which is never behind. */
export function sweepPort(client: Client): SweepPort {
  const statusOf = async (workflowId: string): Promise<EventStatus | undefined> => {
    try {
      const handle = client.workflow.getHandle(workflowId);
      return await client.withDeadline(Date.now() + answerWithinMs, () => askStatus(handle));
    } catch {
      // A run of an older build may not be replayed by any worker here: what it would say is not known.
      return undefined;
    }
  };
  const look = async (workflowId: string): Promise<ResourceOwner> => {
    try {
      const { status, searchAttributes } = await client.workflow.getHandle(workflowId).describe();
      const channel = channelOf(searchAttributes);
      const state = status.name === 'RUNNING' || status.name === 'PAUSED' ? 'running' : 'over';
      return { state, ...(channel !== undefined && { channel }) };
    } catch (error) {
      // Only "not found" means that there is no run; while Temporal is down nothing is released.
      if (error instanceof WorkflowNotFoundError) return { state: 'unknown' };
      throw error;
    }
  };
  return {
    channelOf: async (workflowId) => (await statusOf(workflowId))?.channel,
    async ownerOf(workflowId) {
      const own = await look(workflowId);
      const key = eventKeyOf(workflowId);
      if (own.state === 'running' && own.channel === undefined) {
        const { phase, nextCue } = (await statusOf(workflowId)) ?? {};
        return phase === 'scheduled' && nextCue ? { ...own, waitsUntil: nextCue.at } : own;
      }
      if (own.state === 'running' || key === undefined) return own;
      const retry = await look(vodRetryIdOf(key));
      return retry.state === 'running' ? { ...own, state: 'running' } : own;
    },
  };
}
