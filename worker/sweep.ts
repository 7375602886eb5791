import { status as grpc } from '@grpc/grpc-js';
import {
  type Client,
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { ResourceOwner, SweepPort } from '../activities/ports.ts';
import { askStatus } from '../client/ask-status.ts';
import { eventKeyOf, vodRetryIdOf } from '../domain/ids.ts';
import type { EventStatus } from '../domain/report.ts';
import { goesOn } from '../domain/run-status.ts';
import { accountOf, channelOf } from '../domain/search-attributes.ts';

const answerWithinMs = 10_000;

/** Asks Temporal for runs by id, which is never behind. */
export function sweepPort(client: Client): SweepPort {
  const statusOf = async (workflowId: string): Promise<EventStatus | undefined> => {
    try {
      const handle = client.workflow.getHandle(workflowId);
      return await client.withDeadline(Date.now() + answerWithinMs, () => askStatus(handle));
    } catch (error) {
      // A run of an older build may not be replayed by any worker here: what it would say is never known.
      if (isForGood(error)) return undefined;
      throw error;
    }
  };
  const look = async (workflowId: string): Promise<ResourceOwner> => {
    try {
      const { status, searchAttributes } = await client.workflow.getHandle(workflowId).describe();
      const channel = channelOf(searchAttributes);
      const recorded = channel === undefined ? {} : { channel };
      if (!goesOn(status.name)) return { state: 'over', ...recorded };
      const at = accountOf(searchAttributes);
      return { state: 'running', ...recorded, ...(at && { at }) };
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
        // A run that does not answer now keeps the resource, as one that is about to allocate does.
        const { phase, nextCue } = (await statusOf(workflowId).catch(() => undefined)) ?? {};
        return phase === 'scheduled' && nextCue ? { ...own, waitsUntil: nextCue.at } : own;
      }
      if (own.state === 'running' || key === undefined) return own;
      const retry = await look(vodRetryIdOf(key));
      return retry.state === 'running' ? { ...own, state: 'running' } : own;
    },
  };
}

/** What Temporal answers, as FAILED_PRECONDITION, while no worker polls the task queue; a worker may come back. */
const noWorkerNow = 'no poller seen';

/**
 * Whether an error means that the run will not answer later either: its history is gone, no build that is here can replay it, it
 * ended before its first task, or its build is drained. Any other error may be a timeout.
 */
function isForGood(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) return true;
  const cause = error instanceof Error ? error.cause : undefined;
  if (!isGrpcServiceError(cause) || cause.code !== grpc.FAILED_PRECONDITION) return false;
  return !cause.details.includes(noWorkerNow);
}
