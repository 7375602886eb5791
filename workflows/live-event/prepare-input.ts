import { workflowInfo } from '@temporalio/workflow';
import { firstRunMemo } from '../../domain/ids.ts';

/** Set by Temporal on runs that a Schedule started. */
const scheduledStart = { name: 'TemporalScheduledStartTime', type: 'DATETIME' } as const;

/** What a check of the plan is to know of the run. */
export function prepareInput(plan: unknown) {
  const { workflowId, runId, firstExecutionRunId, memo, startTime, typedSearchAttributes } = workflowInfo();
  const nominalStart = typedSearchAttributes.get(scheduledStart)?.getTime();
  // A run that a reset made has the memo of the one that it replaces.
  const isFirst = memo?.[firstRunMemo] === true && runId === firstExecutionRunId;
  return { plan, workflowId, startedAt: startTime.getTime(), nominalStart, ...(isFirst && { isFirst }) };
}
