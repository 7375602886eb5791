import type {
  ExecutionIds,
  Failure,
  Fields,
  Indexed,
  Named,
  Payload,
  Payloads,
  ProtoDuration,
  RetryPolicy,
  UpdateOutcome,
  UserMetadata,
} from './events.ts';

export interface ActivityOptions {
  activityId: string;
  activityType: Named;
  taskQueue?: string | null;
  input: { payloads: Payload[] };
  header: Fields;
  scheduleToCloseTimeout?: ProtoDuration;
  scheduleToStartTimeout?: ProtoDuration;
  startToCloseTimeout?: ProtoDuration;
  heartbeatTimeout?: ProtoDuration;
  retryPolicy?: RetryPolicy | null;
}

export interface ChildOptions {
  workflowId: string;
  workflowType: Named;
  taskQueue?: string | null;
  input: { payloads: Payload[] };
  header: Fields;
  memo?: Fields;
  searchAttributes?: Indexed | null;
  workflowTaskTimeout?: ProtoDuration;
  parentClosePolicy?: number | null;
}

/** What a workflow asks of the server, in the server's words. */
export interface CommandAttributes {
  StartTimer: { timerId: string; startToFireTimeout?: ProtoDuration };
  CancelTimer: { timerId: string; startedEventId: number };
  ScheduleActivity: ActivityOptions;
  RequestCancelActivity: { scheduledEventId: number };
  StartChild: ChildOptions;
  SignalExternal: {
    namespace: string;
    workflowExecution: ExecutionIds;
    signalName: string;
    input: { payloads: Payload[] };
    childWorkflowOnly: boolean;
  };
  CancelExternal: { namespace: string; workflowExecution: ExecutionIds; childWorkflowOnly: boolean; reason: string };
  RecordMarker: { markerName: string; details: Record<string, Payloads>; failure?: Failure };
  UpsertSearchAttributes: { searchAttributes: Indexed };
  ModifyProperties: { upsertedMemo?: Fields };
  UpdateAccepted: { protocolInstanceId: string };
  UpdateCompleted: { protocolInstanceId: string; outcome: UpdateOutcome };
  Complete: { result: { payloads: Payload[] } };
  Fail: { failure: Failure };
  Cancel: Record<string, never>;
  ContinueAsNew: {
    workflowType: Named;
    taskQueue?: string;
    input: { payloads: Payload[] };
    memo?: Fields;
    searchAttributes?: Indexed;
  };
}
export type CommandType = keyof CommandAttributes;
export interface CommandOf<T extends CommandType> {
  type: T;
  attributes: CommandAttributes[T];
  userMetadata?: UserMetadata;
}
export type ServerCommand = { [T in CommandType]: CommandOf<T> }[CommandType];

export const closesRun = ({ type }: ServerCommand): boolean =>
  type === 'Complete' || type === 'Fail' || type === 'Cancel' || type === 'ContinueAsNew';

/** An update on its way to the workflow. */
export interface UpdateRequest {
  updateId: string;
  protocolInstanceId: string;
  name: string;
  input: Payload[];
  headers?: Record<string, Payload>;
}

/** What a workflow task came to. */
export interface TaskAnswer {
  commands: ServerCommand[];
  /** Of the SDK's behaviour, made use of for the first time. */
  flags: number[];
  /** Updates that the validators refused: they become no event. */
  rejected: { protocolInstanceId: string; failure: Failure }[];
  /** Local activities are still under way: the worker asks for another task at once. */
  asksForAnother?: boolean;
}
