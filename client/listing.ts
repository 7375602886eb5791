import { type Client, isGrpcServiceError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { eventIdOf, workflowType } from '../domain/ids.ts';
import type { EndReason, Phase } from '../domain/lifecycle.ts';
import { InvalidCursorError } from './errors.ts';

/** One line of a list: what the search attributes tell. */
export interface EventSummary {
  eventId: string;
  vendor?: string;
  account?: string;
  tenant?: string;
  phase?: Phase;
  endReason?: EndReason;
  startsAt?: Date;
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED … */
  workflowStatus: string;
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
}

export interface PageRequest extends EventFilter {
  /** At most this many. */
  limit: number;
  /** From the page before. */
  cursor?: string;
}

export interface EventPage {
  events: EventSummary[];
  /** Asks for the next page; absent on the last. */
  cursor?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** What the search attributes of a run say, each the first of its values. */
export const summaryOf = (workflowId: string, workflowStatus: string, found: Fields): EventSummary => ({
  eventId: eventIdOf(workflowId) ?? workflowId,
  vendor: found.ShowcallerVendor as string | undefined,
  account: found.ShowcallerAccount as string | undefined,
  tenant: found.ShowcallerTenant as string | undefined,
  phase: found.ShowcallerPhase as Phase | undefined,
  endReason: found.ShowcallerEndReason as EndReason | undefined,
  startsAt: found.ShowcallerStartsAt as Date | undefined,
  workflowStatus,
});

/** The first value of each attribute as the SDK's `list` and `describe` give them. */
export const firstValues = (attributes: Readonly<Record<string, unknown>>): Fields =>
  Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, (values as unknown[])[0]]));

const attributeOf = {
  vendor: 'ShowcallerVendor',
  account: 'ShowcallerAccount',
  tenant: 'ShowcallerTenant',
  phase: 'ShowcallerPhase',
  endReason: 'ShowcallerEndReason',
} as const;

/** Temporal's visibility query for a filter. Values are quoted, so that none of them can say more than itself. */
export function queryOf(filter: EventFilter): string {
  const conditions = [`WorkflowType = ${quoted(workflowType)}`];
  for (const [name, attribute] of Object.entries(attributeOf) as [keyof typeof attributeOf, string][]) {
    const value = filter[name];
    if (value !== undefined) conditions.push(`${attribute} = ${quoted(value)}`);
  }
  if (filter.running !== undefined) conditions.push(`ExecutionStatus ${filter.running ? '=' : '!='} 'Running'`);
  return conditions.join(' AND ');
}

const quoted = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const grpcInvalidArgument = 3;

/** One page of events by Temporal's visibility, running ones first, newest first; eventually consistent. */
export async function pageOf(client: Client, { limit, cursor, ...filter }: PageRequest): Promise<EventPage> {
  try {
    const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query: queryOf(filter),
      pageSize: limit,
      ...(cursor !== undefined && { nextPageToken: Buffer.from(cursor, 'base64url') }),
    });
    const next = Buffer.from(nextPageToken ?? []).toString('base64url');
    return { events: (executions ?? []).map(summaryOfRaw), ...(next && { cursor: next }) };
  } catch (error) {
    const refused = isGrpcServiceError(error) && error.code === grpcInvalidArgument;
    if (refused && cursor !== undefined) throw new InvalidCursorError({ cause: error });
    throw error;
  }
}

type RawExecution = NonNullable<
  Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>['executions']
>[number];

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
  for (const [name, payload] of Object.entries(searchAttributes?.indexedFields ?? {})) {
    found[name] = defaultPayloadConverter.fromPayload(payload);
  }
  const { ShowcallerStartsAt: startsAt } = found;
  if (typeof startsAt === 'string') found.ShowcallerStartsAt = new Date(startsAt);
  return summaryOf(execution?.workflowId ?? '', statusNames[status ?? 0] ?? 'UNKNOWN', found);
}
