import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { eventKeyOf, partsOfKey, workflowIdOf, workflowType } from '../domain/ids.ts';
import type { EndReason, Phase } from '../domain/phases.ts';
import { attributeNames, isClosed, isOpen } from '../domain/search-attributes.ts';
import { cursorOf, tokenOf } from './cursor.ts';
import { RefusedError } from './errors.ts';
import { taken } from './taken.ts';

/** One line of a list, from the search attributes. */
export interface EventSummary {
  eventId: string;
  /** As commands name it: its id, after its tenant's name space where it has one. */
  key: string;
  vendor?: string;
  account?: string;
  tenant?: string;
  phase?: Phase;
  endReason?: EndReason;
  startsAt?: Date;
  /** The status in Temporal: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED … */
  workflowStatus: string;
  /** Which of the event's runs it is, where they are listed one by one. */
  run?: ListedRun;
}

/** Names the event of a line among those of all tenants. */
export const identityOf = ({ eventId, tenant }: Pick<EventSummary, 'eventId' | 'tenant'>): string =>
  JSON.stringify([tenant, eventId]);

export interface ListedRun {
  workflowId: string;
  runId: string;
  startedAt: number;
  /** Absent while it goes on. */
  closedAt?: number;
}

/** Which events; all of what is given must hold. */
export interface EventFilter {
  vendor?: string;
  account?: string;
  tenant?: string;
  phase?: Phase;
  endReason?: EndReason;
  /** True for those whose run goes on, false for those that are over. */
  running?: boolean;
  /** True for those that a schedule began. */
  scheduled?: boolean;
  /** Shows that start at this or later, and before that. Epoch milliseconds. */
  from?: number;
  to?: number;
  /** A further condition, as Temporal's visibility has it. */
  query?: string;
}

export interface PageRequest extends EventFilter {
  /** At most this many. */
  limit: number;
  /** From the page before. */
  cursor?: string;
}

export interface EventPage {
  events: EventSummary[];
  /** Asks for the next page. A full page has one also where the next is empty: Temporal does not look. */
  cursor?: string;
}

type AttributeValues = Readonly<Record<string, unknown>>;

/** A summary from the search attributes of a run, the first value of each. */
export function summaryOf(workflowId: string, workflowStatus: string, found: AttributeValues): EventSummary {
  const key = eventKeyOf(workflowId) ?? workflowId;
  const { id: eventId, tenant } = partsOfKey(key);
  return {
    eventId,
    key,
    vendor: found[attributeNames.vendor] as string | undefined,
    account: found[attributeNames.account] as string | undefined,
    tenant: tenant ?? (found[attributeNames.tenant] as string | undefined),
    phase: found[attributeNames.phase] as Phase | undefined,
    endReason: found[attributeNames.endReason] as EndReason | undefined,
    startsAt: found[attributeNames.startsAt] as Date | undefined,
    workflowStatus,
  };
}

/** The first value of each attribute as the SDK's `list` and `describe` give them. */
export const firstValues = (attributes: Readonly<Record<string, unknown>>): AttributeValues =>
  Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, (values as unknown[])[0]]));

/** The run of a leg is part of its event, and is listed with it alone. */
const notALeg = (): string =>
  `(ParentWorkflowId IS NULL OR ParentWorkflowId NOT STARTS_WITH ${quoted(workflowIdOf(''))})`;

const filterFields = ['vendor', 'account', 'tenant', 'phase', 'endReason'] as const;

/** Temporal's visibility query for a filter. Values are quoted, so that none of them can add a condition. */
export function queryOf(filter: EventFilter): string {
  const conditions = [`WorkflowType = ${quoted(workflowType)}`, notALeg()];
  for (const field of filterFields) {
    const value = filter[field];
    if (value !== undefined) conditions.push(`${attributeNames[field]} = ${quoted(value)}`);
  }
  if (filter.running !== undefined) conditions.push(filter.running ? isOpen : isClosed);
  if (filter.from !== undefined)
    conditions.push(`${attributeNames.startsAt} >= '${new Date(filter.from).toISOString()}'`);
  if (filter.to !== undefined) conditions.push(`${attributeNames.startsAt} < '${new Date(filter.to).toISOString()}'`);
  if (filter.query !== undefined) conditions.push(`(${filter.query})`);
  if (filter.scheduled !== undefined)
    conditions.push(`TemporalScheduledById IS ${filter.scheduled ? 'NOT NULL' : 'NULL'}`);
  return conditions.join(' AND ');
}

/** Values that a list can be filtered by: Temporal's servers do not agree on how to quote other characters. */
const searchablePattern = /^[^"\\\p{Cc}]*$/u;

export function quoted(value: string): string {
  if (!searchablePattern.test(value))
    throw new RefusedError(
      `cannot list events by ${JSON.stringify(value)}: it has a quotation mark, a backslash or a control character`,
    );
  return `'${value.replaceAll("'", "''")}'`;
}

/** One page of events by Temporal's visibility, running ones first, newest first; eventually consistent. */
export async function pageOf(client: Client, { limit, cursor, ...filter }: PageRequest): Promise<EventPage> {
  const request = {
    namespace: client.options.namespace,
    query: queryOf(filter),
    pageSize: limit,
    ...(cursor !== undefined && { nextPageToken: tokenOf(cursor) }),
  };
  return taken(
    (done) => client.workflowService.listWorkflowExecutions(request, done),
    ({ executions, nextPageToken }: ListedExecutions) => ({
      events: (executions ?? []).map(summaryOfRaw),
      ...(nextPageToken?.length && { cursor: cursorOf(nextPageToken) }),
    }),
  );
}

type ListedExecutions = Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>;
type RawExecution = NonNullable<ListedExecutions['executions']>[number];

/** In the order of Temporal's enum. */
const statusNames = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

function summaryOfRaw({ execution, status, searchAttributes }: RawExecution): EventSummary {
  const found: Record<string, unknown> = {};
  // Temporal's own, such as the patches of a run, are longer than ours together, and no list shows them.
  for (const name of Object.values(attributeNames)) {
    const payload = searchAttributes?.indexedFields?.[name];
    if (payload) found[name] = defaultPayloadConverter.fromPayload(payload);
  }
  const startsAt = found[attributeNames.startsAt];
  if (typeof startsAt === 'string') found[attributeNames.startsAt] = new Date(startsAt);
  return summaryOf(execution?.workflowId ?? '', statusNames[status ?? 0] ?? 'UNKNOWN', found);
}
