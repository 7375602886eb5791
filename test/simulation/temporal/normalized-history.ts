import type { Failure, HistoryEvent, Payloads } from './events.ts';
import { fromPayload, fromPayloads, millis, searchAttributesOf } from './payloads.ts';

/** Runs have had it without a marker since the records were made, where their worker has a build of ours. */
const withoutMarker = 'plan-checked-within-task';
const ofMarker = [
  `MarkerRecorded core_patch {"id":"${withoutMarker}","deprecated":false} []`,
  `UpsertWorkflowSearchAttributes {"TemporalChangeVersion":["${withoutMarker}"]}`,
];

/** What must be the same in two plays of one scene: everything but instants, ids of runs and numbers of attempts. */
export const normalizedLines = (history: readonly HistoryEvent[]): string[] =>
  history
    .map((event) => `${event.type} ${neutral(detailsOf(event))}`.trimEnd())
    .filter((line) => !ofMarker.includes(line))
    .map((line) => line.replace(`"${withoutMarker}",`, '').replace(`,"${withoutMarker}"`, ''));

function detailsOf(event: HistoryEvent): string {
  const { attributes } = event;
  switch (event.type) {
    case 'ActivityTaskScheduled': {
      const { activityType, activityId, startToCloseTimeout, input } = event.attributes;
      return `${activityType.name} ${activityId} ${millis(startToCloseTimeout)} ${textOf(input, newer)}`;
    }
    case 'TimerStarted':
      return event.attributes.timerId;
    case 'MarkerRecorded':
      return markerText(event.attributes);
    case 'UpsertWorkflowSearchAttributes':
      return JSON.stringify(searchAttributesOf(event.attributes.searchAttributes?.indexedFields ?? {}, false));
    case 'WorkflowPropertiesModified':
      return Object.keys(event.attributes.upsertedMemo?.fields ?? {}).join();
    case 'WorkflowExecutionUpdateAccepted':
      return event.attributes.acceptedRequest.input.name;
    case 'WorkflowExecutionUpdateCompleted': {
      const { success, failure } = event.attributes.outcome;
      return success ? textOf(success) : failureText(failure);
    }
    case 'WorkflowExecutionSignaled':
      return `${event.attributes.signalName} ${textOf(event.attributes.input)}`;
    case 'StartChildWorkflowExecutionInitiated':
      return `${event.attributes.workflowType.name} ${event.attributes.workflowId}`;
    default:
  }
  if ('failure' in attributes && attributes.failure) return failureText(attributes.failure);
  if ('result' in attributes) return textOf(attributes.result);
  return '';
}

function markerText({
  markerName,
  details,
  failure,
}: {
  markerName: string;
  details?: Record<string, Payloads>;
  failure?: Failure;
}): string {
  const data = fromPayload((details?.data ?? details?.['patch-data'])?.payloads?.[0]) as Record<string, unknown>;
  const { complete_time, original_schedule_time: _, ...rest } = data;
  const timed = complete_time === undefined ? {} : { complete_time: complete_time !== null };
  return `${markerName} ${JSON.stringify({ ...rest, ...timed })} ${textOf(details?.result)} ${failureText(failure)}`;
}

function failureText(failure: Failure | null | undefined): string {
  if (!failure) return '';
  const { message, applicationFailureInfo: info, cause } = failure;
  return [message, info?.type, textOf(info?.details), failureText(cause)].filter((part) => part).join(' < ');
}

/** Steps are given them since the records were made. */
const newer = ['playback', 'darkMs', 'reportsOutages'];

const textOf = (payloads: Payloads | null | undefined, without: readonly string[] = []): string =>
  JSON.stringify(fromPayloads(payloads), (key, value) => {
    if (without.includes(key)) return undefined;
    return typeof value === 'number' && value > 1e9 ? 'AN INSTANT' : value;
  });

/** Instants, lengths and ids of runs are others each time. */
const neutral = (line: string): string =>
  line
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'AN INSTANT')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'A RUN')
    .replace(/"missedMs":\d+/g, '"missedMs":N')
    .replace(/\d+(_\d+)*\/whole/g, 'N/whole')
    .replace(/"(expectedMs|measuredMs|differenceMs|durationMs|bytes|segments|tookMs|actualMs)":[\d.]+/g, '"$1":N')
    .replace(/\b(\d+(\.\d+)?\s?(ms|h|m|s))+\b/g, 'N s')
    .replace(/\d+ segments?/g, 'N segments');
