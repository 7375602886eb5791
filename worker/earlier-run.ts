import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import type { EarlierRunPort } from '../activities/ports.ts';
import { isBeforeStop } from '../domain/phases.ts';
import { accountOf, channelOf, isPlainKey, phaseOf } from '../domain/search-attributes.ts';

/** How many runs of one event are looked at, the newest first. */
const mostRuns = 20;

/** Finds, by visibility, the run of an event that was terminated or reset before it could stop its channel. */
export const earlierRunPort = (client: Client): EarlierRunPort => ({
  async cutOff({ workflowId, runId }) {
    if (!isPlainKey(workflowId)) return undefined;
    const runs: WorkflowExecutionInfo[] = [];
    for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'`, pageSize: mostRuns })) {
      if (run.runId !== runId) runs.push(run);
      if (runs.length === mostRuns) break;
    }
    runs.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
    for (const listed of runs) {
      // Lists lag behind: a run that has ended by itself just now may be listed as one that is under way.
      const { status, searchAttributes } = wasCutOff(listed) ? await described(client, listed) : listed;
      // One run of a workflow runs at a time: another one that is listed as running has been terminated just now.
      const phase = phaseOf(searchAttributes);
      // One that was refused for its plan, or cancelled before its first task, has entered no phase and closed nothing.
      if (phase !== undefined && !(wasCutOff({ status }) && isBeforeStop(phase))) return undefined;
      const channel = channelOf(searchAttributes);
      const at = accountOf(searchAttributes);
      // One that had not opened its channel yet may itself have been about to join the run before it.
      if (channel !== undefined && at) return { ...at, channel };
    }
    return undefined;
  },
});

const wasCutOff = ({ status }: Pick<WorkflowExecutionInfo, 'status'>): boolean =>
  ['RUNNING', 'TERMINATED', 'TIMED_OUT'].includes(status.name);

/** A run as Temporal has it now; as listed, where its history is gone. */
async function described(
  client: Client,
  listed: WorkflowExecutionInfo,
): Promise<Pick<WorkflowExecutionInfo, 'status' | 'searchAttributes'>> {
  try {
    return await client.workflow.getHandle(listed.workflowId, listed.runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return listed;
    throw error;
  }
}
