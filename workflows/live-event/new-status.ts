import { eventIdOf } from '../../domain/ids.ts';
import type { EventStatus } from '../../domain/report.ts';

const longestName = 500;

/** The status of a run that knows nothing but its workflow id and its memo; any Temporal client may set that. */
export function newStatus(workflowId: string, memo: Record<string, unknown> = {}): EventStatus {
  const { createdBy } = memo;
  const eventId = eventIdOf(workflowId) ?? workflowId;
  return {
    eventId,
    title: eventId,
    vendor: '',
    account: '',
    phase: 'scheduled',
    encoder: 'waiting',
    startsAt: 0,
    endsAt: 0,
    hardEndsAt: 0,
    entered: {},
    windows: [],
    gaps: [],
    sessions: [],
    vod: [],
    audit: [],
    troubles: [],
    released: true,
    ...(typeof createdBy === 'string' && { createdBy: createdBy.slice(0, longestName) }),
  };
}
