import type { WorkflowExecutionDescription } from '@temporalio/client';

/** What Temporal knows of a run without asking it. */
export interface RunState {
  runId: string;
  /** It grows with everything that changes a status. */
  historyLength: number;
  /** Nothing is under way that a worker has not answered yet: a task that fails again and again leaves no more history. */
  isQuiet: boolean;
  /** What the run is pinned to; empty where workers have no versions. */
  build: string;
}

export function runStateOf({ runId, historyLength, raw }: WorkflowExecutionDescription): RunState {
  const version = raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion;
  return {
    runId,
    historyLength,
    isQuiet: !raw.pendingWorkflowTask,
    build: version ? `${version.deploymentName}.${version.buildId}` : '',
  };
}

/** Whether the run would say now what it said then. */
export const saysTheSame = (then: RunState, now: RunState): boolean =>
  now.isQuiet && now.runId === then.runId && now.historyLength === then.historyLength && now.build === then.build;
