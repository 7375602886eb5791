import { eventIdOf } from '../../domain/ids.ts';
import type { EventStatus } from '../../domain/report.ts';

/** The status of a run that knows nothing but its workflow id. */
export function newStatus(workflowId: string): EventStatus {
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
  };
}
