import type { EventOf, HistoryEvent } from '../events.ts';
import { type Job, timestamp } from '../sdk-internals.ts';
import { activityFailure, activityOf, cancelledActivity, childFailure, externalNotFound } from './failures.ts';
import { activityCancellation, childCancellation } from './lang-commands.ts';
import type { Machine, RunState } from './run-state.ts';

/** What an event that no command of ours became means to the workflow: most become jobs of the next activation. */
export function applyEvent(state: RunState, event: HistoryEvent): void {
  switch (event.type) {
    case 'WorkflowExecutionStarted':
      state.now = event.at;
      state.jobs.push({ initializeWorkflow: initialization(state, event) });
      return;
    case 'WorkflowTaskStarted':
      state.advanceTo(event.at);
      return;
    case 'WorkflowTaskCompleted':
      for (const flag of event.attributes.sdkMetadata?.langUsedFlags ?? []) state.flags.add(flag);
      return;
    case 'WorkflowExecutionSignaled': {
      const { signalName, input, identity, header } = event.attributes;
      const job = { signalName, input: input?.payloads ?? [], identity: identity ?? '', headers: header?.fields ?? {} };
      state.jobs.push({ signalWorkflow: job });
      return;
    }
    case 'WorkflowExecutionCancelRequested':
      state.jobs.push({ cancelWorkflow: { reason: event.attributes.reason ?? event.attributes.cause ?? '' } });
      return;
    case 'TimerFired': {
      const timer = state.waitingFor(event.attributes.startedEventId, event);
      if (end(timer)) state.jobs.push({ fireTimer: { seq: timer.seq } });
      return;
    }
    case 'ActivityTaskCompleted':
    case 'ActivityTaskFailed':
    case 'ActivityTaskTimedOut':
    case 'ActivityTaskCanceled':
      activityEnded(state, event);
      return;
    case 'ChildWorkflowExecutionStarted':
    case 'StartChildWorkflowExecutionFailed':
      childStarted(state, event);
      return;
    case 'ChildWorkflowExecutionCompleted':
    case 'ChildWorkflowExecutionFailed':
    case 'ChildWorkflowExecutionCanceled':
    case 'ChildWorkflowExecutionTerminated':
      childEnded(state, event);
      return;
    case 'ExternalWorkflowExecutionSignaled':
    case 'SignalExternalWorkflowExecutionFailed':
    case 'ExternalWorkflowExecutionCancelRequested':
    case 'RequestCancelExternalWorkflowExecutionFailed':
      externalAnswered(state, event);
      return;
    default:
  }
}

/** False when it was over before. */
function end(machine: Machine): boolean {
  if (machine.state === 'over') return false;
  machine.state = 'over';
  return true;
}

type ActivityEnd =
  | EventOf<'ActivityTaskCompleted'>
  | EventOf<'ActivityTaskFailed'>
  | EventOf<'ActivityTaskTimedOut'>
  | EventOf<'ActivityTaskCanceled'>;

function activityEnded(state: RunState, event: ActivityEnd): void {
  const activity = state.waitingFor(event.attributes.scheduledEventId, event);
  // One that is not waited for was resolved when its cancellation was asked for.
  const isResolved =
    activity.state === 'cancel-requested' && activity.cancellationType !== activityCancellation.waitCompleted;
  if (isResolved || !end(activity)) return;
  state.jobs.push({
    resolveActivity: { seq: activity.seq, result: activityResult(state, event, activity), isLocal: false },
  });
}

function activityResult(state: RunState, event: ActivityEnd, activity: Machine) {
  if (event.type === 'ActivityTaskCompleted')
    return { completed: { result: event.attributes.result?.payloads?.[0] ?? null } };
  if (event.type === 'ActivityTaskCanceled')
    return { cancelled: { failure: cancelledActivity(activityOf(activity), event.attributes.details) } };
  return { failed: { failure: activityFailure(state, event) } };
}

type ChildStart = EventOf<'ChildWorkflowExecutionStarted'> | EventOf<'StartChildWorkflowExecutionFailed'>;

function childStarted(state: RunState, event: ChildStart): void {
  const child = state.waitingFor(event.attributes.initiatedEventId, event);
  if (child.state === 'over') return;
  if (event.type === 'ChildWorkflowExecutionStarted') {
    const { runId } = event.attributes.workflowExecution;
    child.runId = runId;
    state.jobs.push({ resolveChildWorkflowExecutionStart: { seq: child.seq, succeeded: { runId } } });
    return;
  }
  child.state = 'over';
  const { workflowId, workflowType, cause = 1 } = event.attributes;
  const failed = { workflowId, workflowType: workflowType.name, cause };
  state.jobs.push({ resolveChildWorkflowExecutionStart: { seq: child.seq, failed } });
}

type ChildEnd =
  | EventOf<'ChildWorkflowExecutionCompleted'>
  | EventOf<'ChildWorkflowExecutionFailed'>
  | EventOf<'ChildWorkflowExecutionCanceled'>
  | EventOf<'ChildWorkflowExecutionTerminated'>;

function childEnded(state: RunState, event: ChildEnd): void {
  const child = state.waitingFor(event.attributes.initiatedEventId, event);
  if (!end(child)) return;
  state.jobs.push({ resolveChildWorkflowExecution: { seq: child.seq, result: childResult(state, event) } });
}

function childResult(state: RunState, event: ChildEnd) {
  if (event.type === 'ChildWorkflowExecutionCompleted')
    return { completed: { result: event.attributes.result?.payloads?.[0] ?? null } };
  const failure = childFailure(state, event);
  return event.type === 'ChildWorkflowExecutionCanceled' ? { cancelled: { failure } } : { failed: { failure } };
}

type ExternalAnswer =
  | EventOf<'ExternalWorkflowExecutionSignaled'>
  | EventOf<'SignalExternalWorkflowExecutionFailed'>
  | EventOf<'ExternalWorkflowExecutionCancelRequested'>
  | EventOf<'RequestCancelExternalWorkflowExecutionFailed'>;

function externalAnswered(state: RunState, event: ExternalAnswer): void {
  const machine = state.waitingFor(event.attributes.initiatedEventId, event);
  if (!end(machine)) return;
  const { kind, seq } = machine;
  const hasFailed = /Failed$/.test(event.type);
  if (kind === 'signal') {
    const failure = hasFailed ? { failure: externalNotFound('signal') } : {};
    state.jobs.push({ resolveSignalExternalWorkflow: { seq, ...failure } });
    return;
  }
  // The cancellation of a child by its handle is Core's own: the workflow hears of it by the child's end.
  if (seq < childCancellation.firstInternalSeq) return;
  const failure = hasFailed ? { failure: externalNotFound('cancel') } : {};
  state.jobs.push({ resolveRequestCancelExternalWorkflow: { seq, ...failure } });
}

function initialization(
  { identity }: RunState,
  { attributes, at }: EventOf<'WorkflowExecutionStarted'>,
): NonNullable<Job['initializeWorkflow']> {
  const { parentWorkflowExecution: parent, parentWorkflowNamespace: namespace = identity.namespace } = attributes;
  return {
    workflowType: attributes.workflowType.name,
    workflowId: identity.workflowId,
    arguments: attributes.input?.payloads ?? [],
    randomnessSeed: 0 as never,
    headers: attributes.header?.fields ?? {},
    identity: attributes.identity ?? '',
    ...(parent && { parentWorkflowInfo: { ...parent, namespace } }),
    firstExecutionRunId: attributes.firstExecutionRunId || identity.runId,
    continuedFromExecutionRunId: attributes.continuedExecutionRunId ?? '',
    attempt: attributes.attempt ?? 1,
    startTime: timestamp(at),
    memo: attributes.memo ?? null,
    searchAttributes: attributes.searchAttributes ?? null,
  };
}
