import type { EventOf, Failure } from '../events.ts';
import { temporal } from '../sdk-internals.ts';
import type { Machine, RunState } from './run-state.ts';

const { RetryState } = temporal.api.enums.v1;

const retryStateOf = (state: unknown): number => {
  if (typeof state === 'number') return state;
  return (RetryState as unknown as Record<string, number>)[String(state)] ?? 0;
};

type ActivityFailed = EventOf<'ActivityTaskFailed'> | EventOf<'ActivityTaskTimedOut'>;

/** As a workflow gets the failure of an activity. */
export function activityFailure(state: RunState, event: ActivityFailed): Failure {
  const { attributes } = event;
  const { activityId, activityType } = activityOf(state.waitingFor(attributes.scheduledEventId, event));
  return {
    message: event.type === 'ActivityTaskFailed' ? 'Activity task failed' : 'Activity task timed out',
    cause: attributes.failure ?? {},
    activityFailureInfo: {
      scheduledEventId: attributes.scheduledEventId as never,
      startedEventId: (attributes.startedEventId ?? 0) as never,
      identity: attributes.identity ?? '',
      activityType,
      activityId,
      retryState: retryStateOf(attributes.retryState),
    },
  };
}

export function activityOf({ scheduled }: Machine): { activityId: string; activityType: { name: string } } {
  if (scheduled.type !== 'ScheduleActivity') throw new Error(`${scheduled.type} is no activity`);
  return scheduled.attributes;
}

export function cancelledActivity(
  { activityId, activityType }: { activityId: string; activityType: { name: string } },
  details?: object | null,
): Failure {
  return {
    message: 'Activity cancelled',
    cause: { canceledFailureInfo: { ...(details && { details }) } },
    activityFailureInfo: {
      activityType,
      activityId,
      identity: '',
      retryState: RetryState.RETRY_STATE_CANCEL_REQUESTED,
    },
  };
}

const childMessages = {
  ChildWorkflowExecutionFailed: 'Child Workflow execution failed',
  ChildWorkflowExecutionCanceled: 'Child Workflow execution cancelled',
  ChildWorkflowExecutionTerminated: 'Child Workflow execution terminated',
} as const;
type ChildEnd =
  | EventOf<'ChildWorkflowExecutionFailed'>
  | EventOf<'ChildWorkflowExecutionCanceled'>
  | EventOf<'ChildWorkflowExecutionTerminated'>;

/** As a workflow gets the end of a child that did not complete. */
export function childFailure(state: RunState, event: ChildEnd): Failure {
  const { attributes, type } = event;
  const cause: Failure =
    type === 'ChildWorkflowExecutionFailed'
      ? (event.attributes.failure ?? {})
      : type === 'ChildWorkflowExecutionCanceled'
        ? { canceledFailureInfo: {} }
        : { message: 'Terminated', terminatedFailureInfo: {} };
  return {
    message: childMessages[type],
    cause,
    childWorkflowExecutionFailureInfo: {
      namespace: attributes.namespace ?? state.identity.namespace,
      workflowExecution: attributes.workflowExecution,
      workflowType: attributes.workflowType,
      initiatedEventId: attributes.initiatedEventId as never,
      startedEventId: (attributes.startedEventId ?? 0) as never,
      retryState: type === 'ChildWorkflowExecutionFailed' ? retryStateOf(event.attributes.retryState) : nonRetryable,
    },
  };
}

const nonRetryable = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE;

/** As a workflow gets a child that it cancelled itself, before or after the server knew of it. */
export function cancelledChild(state: RunState, child: Machine, message: string): Failure {
  const { scheduled } = child;
  if (scheduled.type !== 'StartChild') throw new Error(`${scheduled.type} is no child`);
  const { workflowId, workflowType } = scheduled.attributes;
  return {
    message,
    cause: { canceledFailureInfo: {} },
    childWorkflowExecutionFailureInfo: {
      namespace: state.identity.namespace,
      workflowExecution: { workflowId, runId: child.runId ?? '' },
      workflowType,
      initiatedEventId: (child.eventId ?? 0) as never,
      retryState: nonRetryable,
    },
  };
}

/** As a workflow gets a signal or a cancellation for a run that is not there. */
export const externalNotFound = (what: string): Failure => ({
  message: `Unable to ${what} external workflow because it was not found`,
  applicationFailureInfo: {},
});
