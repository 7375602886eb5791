import type { EventCard, SystemCard } from '../../client/cards.ts';
import type { Addresses } from '../../client/ingest-addresses.ts';
import type { EventPage, EventSummary, PageRequest } from '../../client/listing.ts';
import type { viewOf } from '../../client/overview.ts';
import type { EventHandle } from '../../client/starts.ts';
import type { Accepted } from '../../domain/actions.ts';
import type { Plan, PreparedPlan } from '../../domain/plan.ts';
import type { EventStatus, VodRetry } from '../../domain/report.ts';

/** An event as it was last seen. */
export interface Row extends EventCard {
  /** As commands name it: its id, after its tenant's name space where it has one. */
  key: string;
  /** It has only what the list of Temporal says: its title, and what is wrong with it, are not known. */
  isUnlooked?: true;
}

export interface EventsSeen {
  rows: Row[];
  system: SystemCard;
}

/** What each action of an operator takes besides who, why and which leg. */
export interface ActionFields {
  stop: { keepRecording?: boolean };
  extend: { endsAt: string };
  reschedule: { startsAt: string; endsAt: string };
  'skip-wait': unknown;
  reset: unknown;
  switch: { leg: string };
  'retry-vod': unknown;
  'abandon-cleanup': unknown;
  cancel: unknown;
}
export type ActionName = keyof ActionFields;

/** Why, for which leg, and in whose name where it is not the caller's own. */
export interface Words {
  reason: string;
  by?: string;
  leg?: string;
}

/** A plan that was checked; nothing was made of it. Epoch milliseconds. */
export interface CheckedPlan extends Pick<PreparedPlan, 'eventId' | 'vendor' | 'account' | 'startsAt' | 'endsAt'> {
  allocatesAt: number;
}

/** What names the event of a plan. */
export interface PlannedEvent {
  eventId: string;
  tenant?: string;
}

export type Started = Pick<EventHandle, 'eventId' | 'started' | 'found' | 'samePlan' | 'differs' | 'conflicts'> & {
  key: string;
};

/**
 * What the commands do with events: through Temporal itself, which lets its caller do everything, or through the API, which
 * holds the caller to the roles of a token.
 */
export interface EventService {
  page(request: PageRequest): Promise<EventPage>;
  /** These events as they were last seen, in this order. */
  look(summaries: readonly EventSummary[]): Promise<EventsSeen>;
  /** At most 200 running events and 50 that are over, the newest first. */
  board(): Promise<EventsSeen>;
  view(event: string): ReturnType<typeof viewOf>;
  /** The status while it runs, and the report of one that is over. */
  status(event: string): Promise<EventStatus>;
  /** Follows the event to its end. */
  result(event: string): Promise<EventStatus>;
  check(plan: Plan): Promise<CheckedPlan>;
  /** Temporal's status of the event that `start` would find, or would start again; undefined where there is none. */
  there(event: PlannedEvent): Promise<string | undefined>;
  start(plan: Plan, by: string | undefined): Promise<Started>;
  act<Name extends ActionName>(name: Name, event: string, action: Words & ActionFields[Name]): Promise<Accepted>;
  /** Waits for what comes of the last `retry-vod`. */
  vodRetry(event: string): Promise<VodRetry | undefined>;
  /** Where the encoders of an event send: secret. */
  ingest(event: string): Promise<Addresses>;
}
