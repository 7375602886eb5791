import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import type { EarlierRunPort } from '../activities/ports.ts';
import { isBeforeStop, isOver } from '../domain/phases.ts';
import { goesOn } from '../domain/run-status.ts';
import { accountOf, channelOf, isPlainKey, phaseOf } from '../domain/search-attributes.ts';

/** How many runs of one event are looked at, the newest first. */
const mostRuns = 20;

interface RunOf {
  workflowId: string;
  runId: string;
}

/** Finds, by visibility, the run of an event that was terminated or reset before it could stop its channel, or release what it made. */
export const earlierRunPort = (client: Client): EarlierRunPort => ({
  async cutOff(run) {
    for await (const { isCutOff, phase, channel, at } of earlierRuns(client, run)) {
      // One that was refused for its plan, or cancelled before its first task, has entered no phase and closed nothing.
      if (phase !== undefined && !(isCutOff && isBeforeStop(phase))) return undefined;
      // One that had not opened its channel yet may itself have been about to join the run before it.
      if (channel !== undefined && at) return { ...at, channel };
    }
    return undefined;
  },
  async unreleased(run) {
    for await (const { isCutOff, phase, channel, at } of earlierRuns(client, run)) {
      // One that made nothing may itself have been about to join the run before it.
      if (phase === undefined || (isCutOff && phase === 'scheduled')) continue;
      // One that ended by itself says what it left.
      return isCutOff && !isOver(phase) ? { phase, ...(channel !== undefined && { channel }), ...at } : undefined;
    }
    return undefined;
  },
});

/** The runs of the event before this one, the newest first. */
async function* earlierRuns(client: Client, { workflowId, runId }: RunOf) {
  if (!isPlainKey(workflowId)) return;
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'`, pageSize: mostRuns })) {
    if (run.runId !== runId) runs.push(run);
    if (runs.length === mostRuns) break;
  }
  runs.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
  for (const listed of runs) {
    // Lists lag behind: a run that has ended by itself just now may be listed as one that is under way.
    const { status, searchAttributes } = wasCutOff(listed) ? await described(client, listed) : listed;
    yield {
      isCutOff: wasCutOff({ status }),
      phase: phaseOf(searchAttributes),
      channel: channelOf(searchAttributes),
      at: accountOf(searchAttributes),
    };
  }
}

/** One run of a workflow goes on at a time: another one that is listed so has been terminated just now. */
const wasCutOff = ({ status }: Pick<WorkflowExecutionInfo, 'status'>): boolean =>
  goesOn(status.name) || ['TERMINATED', 'TIMED_OUT'].includes(status.name);

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
