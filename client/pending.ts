import type { Client, WorkflowHandle } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';

/** What a step that has not succeeded yet is doing, from Temporal's pending activities. */
export interface PendingStep {
  name: string;
  attempt: number;
  /** What the last attempt waits for, or why it failed, as the vendor said it. */
  reason?: string;
  nextAttemptAt?: number;
}

export async function pendingSteps(client: Client, handle: WorkflowHandle): Promise<PendingStep[]> {
  const { raw } = await handle.describe();
  const { loadedDataConverter: converter, namespace } = client.options;
  const context = { type: 'workflow', namespace, workflowId: handle.workflowId } as const;
  return Promise.all(
    (raw.pendingActivities ?? []).map(async (pending) => ({
      name: pending.activityType?.name ?? 'unknown',
      attempt: pending.attempt ?? 1,
      // Where failures are encrypted, the message itself says nothing.
      reason: (await decodeOptionalFailureToOptionalError(converter, pending.lastFailure, context))?.message,
      nextAttemptAt: millis(pending.nextAttemptScheduleTime),
    })),
  );
}

function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | undefined {
  if (!time?.seconds) return undefined;
  return Number(time.seconds) * 1000 + Math.floor((time.nanos ?? 0) / 1e6);
}
