import { workflowInfo } from '@temporalio/workflow';

/** Set by Temporal on runs that a Schedule started. */
const scheduledStart = { name: 'TemporalScheduledStartTime', type: 'DATETIME' } as const;

/** What a check of the plan is to know of the run. */
export function prepareInput(plan: unknown) {
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const nominalStart = typedSearchAttributes.get(scheduledStart)?.getTime();
  return { plan, workflowId, startedAt: startTime.getTime(), nominalStart };
}
