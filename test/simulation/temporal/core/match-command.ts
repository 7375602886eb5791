import type { CommandType, ServerCommand } from '../commands.ts';
import type { EventType, HistoryEvent } from '../events.ts';
import { searchAttributesOf } from '../payloads.ts';
import { dropUnrecordedPatches, isVersionUpsert, mayBeSkipped } from './patches.ts';
import { NondeterminismError, type RunState } from './run-state.ts';

const eventOfCommand: Readonly<Record<CommandType, EventType>> = {
  StartTimer: 'TimerStarted',
  CancelTimer: 'TimerCanceled',
  ScheduleActivity: 'ActivityTaskScheduled',
  RequestCancelActivity: 'ActivityTaskCancelRequested',
  StartChild: 'StartChildWorkflowExecutionInitiated',
  SignalExternal: 'SignalExternalWorkflowExecutionInitiated',
  CancelExternal: 'RequestCancelExternalWorkflowExecutionInitiated',
  RecordMarker: 'MarkerRecorded',
  UpsertSearchAttributes: 'UpsertWorkflowSearchAttributes',
  ModifyProperties: 'WorkflowPropertiesModified',
  UpdateAccepted: 'WorkflowExecutionUpdateAccepted',
  UpdateCompleted: 'WorkflowExecutionUpdateCompleted',
  Complete: 'WorkflowExecutionCompleted',
  Fail: 'WorkflowExecutionFailed',
  Cancel: 'WorkflowExecutionCanceled',
  ContinueAsNew: 'WorkflowExecutionContinuedAsNew',
};
const eventsOfCommands: ReadonlySet<EventType> = new Set(Object.values(eventOfCommand));

export const isCommandEvent = ({ type }: HistoryEvent): boolean => eventsOfCommands.has(type);

/**
 * Holds an event against the command that the code gave for it.
 *
 * @returns How many events behind it are settled too; undefined for an event that no command becomes.
 * @throws NondeterminismError when the code gave another command, or none.
 */
export function matchCommand(state: RunState, event: HistoryEvent, next: HistoryEvent | undefined): number | undefined {
  if (!isCommandEvent(event)) return undefined;
  if (mayBeSkipped(state, event)) return isVersionUpsert(next) ? 1 : 0;
  dropUnrecordedPatches(state, event);
  const expected = state.expected.shift();
  if (!expected || !isOf(expected.command, event)) {
    const given = expected ? `${eventOfCommand[expected.command.type]} ${idOfCommand(expected.command)}` : 'nothing';
    throw new NondeterminismError(
      `${state.identity.workflowId}: event ${event.id} is ${event.type} ${idOfEvent(event)}, the code gave ${given}`,
    );
  }
  const { machine, command } = expected;
  if (machine && machine.scheduled === command) state.recorded(machine, event.id);
  return 0;
}

function isOf(command: ServerCommand, event: HistoryEvent): boolean {
  return eventOfCommand[command.type] === event.type && idOfCommand(command) === idOfEvent(event);
}

/** What Core compares, and beyond it the values of search attributes. */
function idOfCommand({ type, attributes }: ServerCommand): string {
  switch (type) {
    case 'ScheduleActivity':
      return `${attributes.activityId} ${attributes.activityType.name}`;
    case 'StartTimer':
    case 'CancelTimer':
      return attributes.timerId;
    case 'RequestCancelActivity':
      return String(attributes.scheduledEventId);
    case 'StartChild':
      return `${attributes.workflowId} ${attributes.workflowType.name}`;
    case 'SignalExternal':
      return `${attributes.workflowExecution.workflowId} ${attributes.signalName}`;
    case 'CancelExternal':
      return attributes.workflowExecution.workflowId;
    case 'RecordMarker':
      return attributes.markerName;
    case 'UpdateAccepted':
      return attributes.protocolInstanceId;
    case 'UpsertSearchAttributes':
      return JSON.stringify(searchAttributesOf(attributes.searchAttributes.indexedFields ?? {}, false));
    default:
      return '';
  }
}

function idOfEvent(event: HistoryEvent): string {
  switch (event.type) {
    case 'ActivityTaskScheduled':
      return `${event.attributes.activityId} ${event.attributes.activityType.name}`;
    case 'TimerStarted':
    case 'TimerCanceled':
      return event.attributes.timerId;
    case 'ActivityTaskCancelRequested':
      return String(event.attributes.scheduledEventId);
    case 'StartChildWorkflowExecutionInitiated':
      return `${event.attributes.workflowId} ${event.attributes.workflowType.name}`;
    case 'SignalExternalWorkflowExecutionInitiated':
      return `${event.attributes.workflowExecution.workflowId} ${event.attributes.signalName}`;
    case 'RequestCancelExternalWorkflowExecutionInitiated':
      return event.attributes.workflowExecution.workflowId;
    case 'MarkerRecorded':
      return event.attributes.markerName;
    case 'WorkflowExecutionUpdateAccepted':
      return event.attributes.protocolInstanceId;
    case 'UpsertWorkflowSearchAttributes':
      return JSON.stringify(searchAttributesOf(event.attributes.searchAttributes?.indexedFields ?? {}, false));
    default:
      return '';
  }
}
