import type { LangCommand } from '../sdk-internals.ts';
import { coresdk } from '../sdk-internals.ts';
import { activityOf, cancelledActivity, cancelledChild } from './failures.ts';
import { patchMarker } from './patches.ts';
import type { Machine, RunState } from './run-state.ts';

const { ActivityCancellationType } = coresdk.workflow_commands;
const { ChildWorkflowCancellationType } = coresdk.child_workflow;

export const activityCancellation = {
  waitCompleted: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED as number,
  abandon: ActivityCancellationType.ABANDON as number,
};
export const childCancellation = {
  abandon: ChildWorkflowCancellationType.ABANDON as number,
  tryCancel: ChildWorkflowCancellationType.TRY_CANCEL as number,
  /** Core's own cancellations have lower numbers than this; the workflow's have higher ones or this. */
  firstInternalSeq: 0,
};

/** Commands by which a workflow ends. */
const terminal = ['completeWorkflowExecution', 'failWorkflowExecution', 'cancelWorkflowExecution'] as const;

/** What a command of the workflow's code means to the server; local activities are taken elsewhere. */
export function takeCommand(state: RunState, command: LangCommand): void {
  const { userMetadata } = command;
  if (command.startTimer) {
    const { seq, startToFireTimeout } = required(command.startTimer);
    const attributes = { timerId: String(seq), startToFireTimeout };
    state.begin({ kind: 'timer', seq }, 'StartTimer', attributes, userMetadata);
  } else if (command.cancelTimer) cancelTimer(state, state.machine('timer', command.cancelTimer.seq ?? 0));
  else if (command.scheduleActivity) scheduleActivity(state, command);
  else if (command.requestCancelActivity)
    cancelActivity(state, state.machine('activity', command.requestCancelActivity.seq ?? 0));
  else if (command.startChildWorkflowExecution) startChild(state, command);
  else if (command.cancelChildWorkflowExecution) {
    const { childWorkflowSeq, reason } = command.cancelChildWorkflowExecution;
    cancelChild(state, state.machine('child', childWorkflowSeq ?? 0), reason ?? '');
  } else if (command.signalExternalWorkflowExecution) signalExternal(state, command);
  else if (command.cancelSignalWorkflow)
    cancelSignal(state, state.machine('signal', command.cancelSignalWorkflow.seq ?? 0));
  else if (command.requestCancelExternalWorkflowExecution) {
    const { seq, workflowExecution, reason } = required(command.requestCancelExternalWorkflowExecution);
    const { workflowId = '', runId = '', namespace } = workflowExecution ?? {};
    state.begin({ kind: 'cancel-external', seq }, 'CancelExternal', {
      namespace: namespace || state.identity.namespace,
      workflowExecution: { workflowId: workflowId ?? '', runId: runId ?? '' },
      childWorkflowOnly: false,
      reason: `Cancel requested by workflow with run id ${state.identity.runId} with reason: ${reason ?? ''}`,
    });
  } else if (command.upsertWorkflowSearchAttributes) {
    const { searchAttributes } = command.upsertWorkflowSearchAttributes;
    state.send('UpsertSearchAttributes', { searchAttributes: searchAttributes ?? {} });
  } else if (command.modifyWorkflowProperties)
    state.send('ModifyProperties', { upsertedMemo: command.modifyWorkflowProperties.upsertedMemo ?? {} });
  else if (command.setPatchMarker) patchMarker(state, command.setPatchMarker);
  else if (command.continueAsNewWorkflowExecution) {
    const {
      workflowType,
      taskQueue,
      arguments: input,
      memo,
      searchAttributes,
    } = command.continueAsNewWorkflowExecution;
    state.send('ContinueAsNew', {
      workflowType: { name: workflowType ?? '' },
      ...(taskQueue && { taskQueue }),
      input: { payloads: input ?? [] },
      ...(memo && { memo: { fields: memo } }),
      ...(searchAttributes && { searchAttributes }),
    });
  } else if (command.completeWorkflowExecution) {
    const { result } = command.completeWorkflowExecution;
    state.send('Complete', { result: { payloads: result ? [result] : [] } });
  } else if (command.failWorkflowExecution)
    state.send('Fail', { failure: command.failWorkflowExecution.failure ?? {} });
  else if (command.cancelWorkflowExecution) state.send('Cancel', {});
  else throw new Error(`the simulation does not model this command of a workflow: ${Object.keys(command).join(', ')}`);
}

export const endsWorkflow = (command: LangCommand): boolean =>
  terminal.some((name) => command[name]) || Boolean(command.continueAsNewWorkflowExecution);

function required<T extends { seq?: number | null }>(command: T): T & { seq: number } {
  return { ...command, seq: command.seq ?? 0 };
}

function cancelTimer(state: RunState, timer: Machine): void {
  if (timer.state === 'over') return;
  timer.state = 'over';
  if (timer.eventId === undefined) timer.isWithdrawn = true;
  else state.send('CancelTimer', { timerId: String(timer.seq), startedEventId: timer.eventId });
}

function scheduleActivity(state: RunState, { scheduleActivity, userMetadata }: LangCommand): void {
  const {
    seq,
    activityId,
    activityType,
    arguments: input,
    headers,
    cancellationType,
    ...options
  } = required(scheduleActivity ?? {});
  const { doNotEagerlyExecute: _1, versioningIntent: _2, ...timeouts } = options;
  state.begin(
    { kind: 'activity', seq, cancellationType: cancellationType ?? 0 },
    'ScheduleActivity',
    {
      ...timeouts,
      retryPolicy: timeouts.retryPolicy ?? null,
      activityId: activityId ?? String(seq),
      activityType: { name: activityType ?? '' },
      input: { payloads: input ?? [] },
      header: { fields: headers ?? {} },
    },
    userMetadata,
  );
}

function cancelActivity(state: RunState, activity: Machine): void {
  if (activity.state === 'over' || activity.state === 'cancel-requested') return;
  const resolve = () => {
    const result = { cancelled: { failure: cancelledActivity(activityOf(activity)) } };
    state.jobs.push({ resolveActivity: { seq: activity.seq, result, isLocal: false } });
  };
  if (activity.eventId === undefined || activity.cancellationType === activityCancellation.abandon) {
    activity.isWithdrawn = activity.eventId === undefined;
    activity.state = 'over';
    resolve();
    return;
  }
  state.send('RequestCancelActivity', { scheduledEventId: activity.eventId });
  activity.state = 'cancel-requested';
  if (activity.cancellationType !== activityCancellation.waitCompleted) resolve();
}

function startChild(state: RunState, { startChildWorkflowExecution, userMetadata }: LangCommand): void {
  const { seq, workflowId, workflowType, input, headers, cancellationType, memo, ...options } = required(
    startChildWorkflowExecution ?? {},
  );
  state.begin(
    { kind: 'child', seq, cancellationType: cancellationType ?? 0 },
    'StartChild',
    {
      workflowId: workflowId ?? '',
      workflowType: { name: workflowType ?? '' },
      input: { payloads: input ?? [] },
      header: { fields: headers ?? {} },
      ...(memo && Object.keys(memo).length > 0 && { memo: { fields: memo } }),
      taskQueue: options.taskQueue ?? null,
      searchAttributes: options.searchAttributes ?? null,
      parentClosePolicy: options.parentClosePolicy ?? null,
    },
    userMetadata,
  );
}

function cancelChild(state: RunState, child: Machine, reason: string): void {
  const { scheduled } = child;
  if (child.state === 'over' || scheduled.type !== 'StartChild') return;
  if (child.eventId === undefined) {
    child.isWithdrawn = true;
    child.state = 'over';
    const failure = cancelledChild(state, child, `Child Workflow Execution cancelled before scheduled: ${reason}`);
    state.jobs.push({ resolveChildWorkflowExecutionStart: { seq: child.seq, cancelled: { failure } } });
    return;
  }
  const { abandon, tryCancel, firstInternalSeq } = childCancellation;
  if (child.cancellationType !== abandon) {
    state.childrenCancelled += 1;
    state.begin({ kind: 'cancel-external', seq: firstInternalSeq - state.childrenCancelled }, 'CancelExternal', {
      namespace: state.identity.namespace,
      workflowExecution: { workflowId: scheduled.attributes.workflowId, runId: child.runId ?? '' },
      childWorkflowOnly: true,
      reason,
    });
  }
  if (child.cancellationType !== abandon && child.cancellationType !== tryCancel) return;
  child.state = 'over';
  const failure = cancelledChild(state, child, 'Child Workflow execution cancelled');
  state.jobs.push({ resolveChildWorkflowExecution: { seq: child.seq, result: { cancelled: { failure } } } });
}

function signalExternal(state: RunState, { signalExternalWorkflowExecution, userMetadata }: LangCommand): void {
  const { seq, workflowExecution, childWorkflowId, signalName, args } = required(signalExternalWorkflowExecution ?? {});
  const workflowId = workflowExecution?.workflowId ?? childWorkflowId ?? '';
  state.begin(
    { kind: 'signal', seq },
    'SignalExternal',
    {
      namespace: state.identity.namespace,
      workflowExecution: { workflowId, runId: workflowExecution?.runId ?? '' },
      signalName: signalName ?? '',
      input: { payloads: args ?? [] },
      childWorkflowOnly: Boolean(childWorkflowId),
    },
    userMetadata,
  );
}

/** One that was sent cannot be taken back. */
function cancelSignal(state: RunState, signal: Machine): void {
  if (signal.state === 'over' || signal.eventId !== undefined) return;
  signal.state = 'over';
  signal.isWithdrawn = true;
  const failure = { message: 'Signal was cancelled before being sent', canceledFailureInfo: {} };
  state.jobs.push({ resolveSignalExternalWorkflow: { seq: signal.seq, failure } });
}
