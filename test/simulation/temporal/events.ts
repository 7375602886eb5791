import type proto from '@temporalio/proto';

export type Payload = proto.temporal.api.common.v1.IPayload;
export type Failure = proto.temporal.api.failure.v1.IFailure;
export type ProtoDuration = { seconds?: unknown; nanos?: number | null } | null | undefined;

export interface Payloads {
  payloads?: Payload[] | null;
}
export interface Fields {
  fields?: Record<string, Payload> | null;
}
export interface Indexed {
  indexedFields?: Record<string, Payload> | null;
}
export interface Named {
  name: string;
}
export interface ExecutionIds {
  workflowId: string;
  runId: string;
}
export interface UpdateMeta {
  updateId: string;
  identity?: string;
}
export interface UpdateOutcome {
  success?: Payloads;
  failure?: Failure;
}
export interface RetryPolicy {
  initialInterval?: ProtoDuration;
  backoffCoefficient?: number | null;
  maximumInterval?: ProtoDuration;
  maximumAttempts?: number | null;
  nonRetryableErrorTypes?: string[] | null;
}

interface TaskAttributes {
  scheduledEventId: number;
  startedEventId: number;
}
interface ActivityEnd extends TaskAttributes {
  identity?: string;
  retryState?: number;
}
interface ChildAttributes {
  initiatedEventId: number;
  startedEventId?: number;
  namespace?: string;
  workflowType: Named;
  workflowExecution: ExecutionIds;
}
interface ExternalAttributes {
  initiatedEventId: number;
  namespace?: string;
  workflowExecution: ExecutionIds;
}

/** What this simulation reads and writes of Temporal's own event attributes, with numbers for event ids. */
export interface AttributesOf {
  WorkflowExecutionStarted: {
    workflowType: Named;
    workflowId?: string;
    taskQueue: Named;
    workflowTaskTimeout?: ProtoDuration;
    input?: Payloads;
    header?: Fields;
    identity?: string;
    attempt?: number;
    originalExecutionRunId: string;
    firstExecutionRunId?: string;
    continuedExecutionRunId?: string;
    memo?: Fields;
    searchAttributes?: Indexed;
    parentWorkflowExecution?: ExecutionIds;
    parentWorkflowNamespace?: string;
  };
  WorkflowTaskScheduled: { taskQueue?: Named; attempt?: number };
  WorkflowTaskStarted: { scheduledEventId?: number; identity?: string };
  WorkflowTaskCompleted: TaskAttributes & {
    identity?: string;
    workerVersion?: { buildId?: string };
    sdkMetadata?: { coreUsedFlags?: number[]; langUsedFlags?: number[]; sdkName?: string; sdkVersion?: string };
  };
  WorkflowTaskFailed: TaskAttributes & { cause?: number; failure?: Failure };
  WorkflowTaskTimedOut: TaskAttributes & { timeoutType?: number };
  ActivityTaskScheduled: {
    activityId: string;
    activityType: Named;
    input?: Payloads;
    scheduleToCloseTimeout?: ProtoDuration;
    startToCloseTimeout?: ProtoDuration;
    heartbeatTimeout?: ProtoDuration;
  };
  ActivityTaskStarted: { scheduledEventId: number; attempt?: number; identity?: string; lastFailure?: Failure };
  ActivityTaskCompleted: ActivityEnd & { result?: Payloads };
  ActivityTaskFailed: ActivityEnd & { failure?: Failure };
  ActivityTaskTimedOut: ActivityEnd & { failure?: Failure };
  ActivityTaskCancelRequested: { scheduledEventId: number };
  ActivityTaskCanceled: ActivityEnd & { latestCancelRequestedEventId?: number; details?: Payloads };
  TimerStarted: { timerId: string; startToFireTimeout?: ProtoDuration };
  TimerFired: { timerId: string; startedEventId: number };
  TimerCanceled: { timerId: string; startedEventId: number };
  MarkerRecorded: { markerName: string; details?: Record<string, Payloads>; failure?: Failure };
  UpsertWorkflowSearchAttributes: { searchAttributes?: Indexed };
  WorkflowPropertiesModified: { upsertedMemo?: Fields };
  WorkflowExecutionSignaled: { signalName: string; input?: Payloads; header?: Fields; identity?: string };
  WorkflowExecutionCancelRequested: { cause?: string; reason?: string };
  WorkflowExecutionUpdateAccepted: {
    protocolInstanceId: string;
    acceptedRequestSequencingEventId: number;
    acceptedRequest: { meta: UpdateMeta; input: { name: string; args?: Payloads; header?: Fields } };
  };
  WorkflowExecutionUpdateCompleted: { meta: UpdateMeta; acceptedEventId?: number; outcome: UpdateOutcome };
  StartChildWorkflowExecutionInitiated: { workflowId: string; workflowType: Named; input?: Payloads };
  StartChildWorkflowExecutionFailed: {
    initiatedEventId: number;
    workflowId: string;
    workflowType: Named;
    cause?: number;
  };
  ChildWorkflowExecutionStarted: ChildAttributes;
  ChildWorkflowExecutionCompleted: ChildAttributes & { result?: Payloads };
  ChildWorkflowExecutionFailed: ChildAttributes & { failure?: Failure; retryState?: number };
  ChildWorkflowExecutionCanceled: ChildAttributes & { details?: Payloads };
  ChildWorkflowExecutionTerminated: ChildAttributes;
  SignalExternalWorkflowExecutionInitiated: { signalName: string; workflowExecution: ExecutionIds; input?: Payloads };
  SignalExternalWorkflowExecutionFailed: ExternalAttributes & { cause?: number };
  ExternalWorkflowExecutionSignaled: ExternalAttributes;
  RequestCancelExternalWorkflowExecutionInitiated: { workflowExecution: ExecutionIds };
  RequestCancelExternalWorkflowExecutionFailed: ExternalAttributes & { cause?: number };
  ExternalWorkflowExecutionCancelRequested: ExternalAttributes;
  WorkflowExecutionCompleted: { result?: Payloads };
  WorkflowExecutionFailed: { failure?: Failure; retryState?: number };
  WorkflowExecutionCanceled: { details?: Payloads };
  WorkflowExecutionTerminated: { reason?: string };
  WorkflowExecutionContinuedAsNew: { newExecutionRunId: string; workflowType?: Named };
}

/** Temporal's name of an event type without `EVENT_TYPE_`, in camel case. */
export type EventType = keyof AttributesOf;

export interface EventOf<T extends EventType> {
  id: number;
  type: T;
  /** Epoch milliseconds. */
  at: number;
  attributes: AttributesOf[T];
  /** Summaries. */
  userMetadata?: UserMetadata;
}
export type HistoryEvent = { [T in EventType]: EventOf<T> }[EventType];
export type UserMetadata = proto.temporal.api.sdk.v1.IUserMetadata | null;
