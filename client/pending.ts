import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import type { PendingStep } from '../domain/conditions/pending-step.ts';
import { fieldsOf } from '../domain/json.ts';

/** An attempt of an activity as Temporal describes it. */
export interface PendingActivity {
  name: string;
  attempt: number;
  reason?: string;
  /** The last failure is only that the step waits. */
  waits: boolean;
  nextAttemptAt?: number;
  triedAt?: number;
  /** What its last heartbeat held. */
  details: unknown;
  heardAt?: number;
}

const benign = 1;

/** The activities of a run that have not ended, with decrypted details and failures. */
export async function pendingActivities(client: Client, handle: WorkflowHandle): Promise<PendingActivity[]> {
  const { raw } = await handle.describe();
  const { loadedDataConverter: converter, namespace } = client.options;
  const context = { type: 'workflow', namespace, workflowId: handle.workflowId } as const;
  return Promise.all(
    (raw.pendingActivities ?? []).map(async (pending) => {
      const { lastFailure, heartbeatDetails } = pending;
      const [details] = await decodeArrayFromPayloads(converter, heartbeatDetails?.payloads, context);
      const failure = await decodeOptionalFailureToOptionalError(converter, lastFailure, context);
      const heardAt = millis(pending.lastHeartbeatTime);
      const nextAttemptAt = millis(pending.nextAttemptScheduleTime);
      const triedAt = millis(pending.lastStartedTime);
      return {
        name: pending.activityType?.name ?? 'unknown',
        attempt: pending.attempt ?? 1,
        // Where failures are encrypted, the message itself says nothing.
        ...(failure && { reason: failure.message }),
        waits: lastFailure?.applicationFailureInfo?.category === benign,
        ...(nextAttemptAt !== undefined && { nextAttemptAt }),
        ...(triedAt !== undefined && { triedAt }),
        details,
        ...(heardAt !== undefined && { heardAt }),
      };
    }),
  );
}

export async function pendingSteps(client: Client, handle: WorkflowHandle): Promise<PendingStep[]> {
  const activities = await pendingActivities(client, handle);
  return activities.map(({ name, attempt, reason, nextAttemptAt, triedAt, waits, details }) => ({
    name,
    attempt,
    ...(reason !== undefined && { reason }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
    ...(triedAt !== undefined && { triedAt }),
    ...(reason !== undefined && !waits && { failing: failingOf(details, attempt) }),
  }));
}

/** What the attempt before wrote of its errors; one whose worker died wrote nothing. */
function failingOf(details: unknown, attempt: number): NonNullable<PendingStep['failing']> {
  const given = fieldsOf(details);
  if (given.attempt !== attempt - 1 && given.attempt !== attempt) return {};
  const { failingSince: since, errors } = given;
  return {
    ...(typeof since === 'number' && { since }),
    ...(typeof errors === 'number' && errors > 0 && { errors }),
  };
}

function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | undefined {
  if (!time?.seconds) return undefined;
  return Number(time.seconds) * 1000 + Math.floor((time.nanos ?? 0) / 1e6);
}
