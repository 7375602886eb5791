import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { eventIdOf, workflowType } from '../domain/ids.ts';
import type { EndReason, Phase } from '../domain/phases.ts';
import { InvalidCursorError, RefusedError } from './errors.ts';

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

/** What Temporal's lists can be asked for: its servers do not agree on how to quote the rest. */
export const searchablePattern = /^[^"\\\p{Cc}]*$/u;

function quoted(value: string): string {
  if (!searchablePattern.test(value))
    throw new RefusedError(
      `a list cannot be asked for ${JSON.stringify(value)}: it has a quotation mark, a backslash or a control character`,
    );
  return `'${value.replaceAll("'", "''")}'`;
}

/** One page of events by Temporal's visibility, running ones first, newest first; eventually consistent. */
export async function pageOf(client: Client, { limit, cursor, ...filter }: PageRequest): Promise<EventPage> {
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: queryOf(filter),
    pageSize: limit,
    ...(cursor !== undefined && { nextPageToken: tokenOf(cursor) }),
  });
  const events = (executions ?? []).map(summaryOfRaw);
  return { events, ...(nextPageToken?.length && { cursor: cursorOf(nextPageToken) }) };
}

const checksumLength = 8;
const checksumOf = (token: Uint8Array): Buffer =>
  createHash('sha256').update(token).digest().subarray(0, checksumLength);

const cursorOf = (token: Uint8Array): string => Buffer.concat([checksumOf(token), token]).toString('base64url');

/** A server that is given a token of its own making back, but wrong, does not answer at all. */
function tokenOf(cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(checksumLength);
  if (!checksumOf(token).equals(bytes.subarray(0, checksumLength))) throw new InvalidCursorError();
  return token;
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
