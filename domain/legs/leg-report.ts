import { fieldsOf } from '../json.ts';
import { phases } from '../phases.ts';
import type { EventStatus } from '../report.ts';

/** What the run of a leg reports to that of its event. */
export interface LegReport {
  leg: string;
  status: EventStatus;
}

/** What came as a signal, which any Temporal client may send; undefined where an event could not be decided by it. */
export function legReportOf(sent: unknown): LegReport | undefined {
  const { leg, status } = fieldsOf(sent);
  return typeof leg === 'string' && isStatus(status) ? { leg, status } : undefined;
}

const lists = ['windows', 'gaps', 'sessions', 'vod', 'audit', 'troubles'] as const;

function isStatus(given: unknown): given is EventStatus {
  const status = fieldsOf(given);
  const { phase, entered, startsAt, endsAt, onAir, viewed = [], viewersUnknown = [] } = status;
  return (
    phases.some((one) => one === phase) &&
    [startsAt, endsAt, ...Object.values(fieldsOf(entered))].every((at) => typeof at === 'number') &&
    typeof entered === 'object' &&
    entered !== null &&
    lists.every((name) => Array.isArray(status[name])) &&
    [...listOf(status.windows), ...listOf(viewed), ...listOf(viewersUnknown)].every(isSpan) &&
    listOf(status.vod).every((asset) => typeof fieldsOf(fieldsOf(asset).proof).proved === 'boolean') &&
    (onAir === undefined || typeof fieldsOf(onAir).state === 'string')
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const isSpan = (value: unknown): boolean => {
  const { from, to } = fieldsOf(value);
  return typeof from === 'number' && (to === undefined || typeof to === 'number');
};
