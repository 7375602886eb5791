import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { legKeyOf, releasedIdOf } from '../domain/ids.ts';
import { inParallel } from '../domain/in-parallel.ts';
import type { EventStatus } from '../domain/report.ts';
import { attributeNames } from '../domain/search-attributes.ts';
import { formatInstant } from '../domain/time.ts';
import type { EventUsage } from '../domain/usage/summary.ts';
import { type Released, type Usage, usageOf, within } from '../domain/usage/usage.ts';
import { billsOf } from '../plan/bills.ts';
import { NoWorkerError, RefusedError } from './errors.ts';
import type { EventSummary } from './listing.ts';

/** Every event is read: more are asked for in parts. */
const mostEvents = 2_000;
const readAtOnce = 20;
/** Where no worker answers, each event that runs is waited for; after so many the others are not asked. */
const mostUnanswered = 40;
/** What a run left may have been billed until a sweep came. */
const sweptWithinMs = 86_400_000;

/** The part of the client that is read. */
export interface ReadableEvents {
  list(options: { query: string }): AsyncIterable<EventSummary>;
  status(eventId: string): Promise<EventStatus>;
}

export interface UsageRequest {
  /** Epoch milliseconds. */
  from: number;
  to: number;
}

/**
 * What each event used in a span, of those that the client may see. Events are found by Temporal's visibility and kept for
 * as long as its retention: what is older is unknown.
 *
 * @throws RefusedError when the span has more events than can be read at once.
 */
export async function usageOfEvents(
  client: ReadableEvents,
  temporal: Client,
  { from, to }: UsageRequest,
): Promise<EventUsage[]> {
  const closed = formatInstant(from - sweptWithinMs);
  const query = `StartTime < '${formatInstant(to)}' AND (ExecutionStatus = 'Running' OR CloseTime >= '${closed}')`;
  const found: EventSummary[] = [];
  for await (const event of client.list({ query: `${query} AND ${attributeNames.phase} IS NOT NULL` })) {
    found.push(event);
    if (found.length > mostEvents)
      throw new RefusedError(`more than ${mostEvents} events in this time: ask for a shorter one`);
  }
  const workers = { unanswered: 0 };
  const read = await inParallel(found, readAtOnce, (event) =>
    usageOfEvent(client, temporal, event, { from, to }, workers),
  );
  return read.flat().filter(({ spans, unknown }) => spans.length > 0 || unknown.length > 0);
}

async function usageOfEvent(
  client: ReadableEvents,
  temporal: Client,
  { key, vendor = '', account = '', tenant, workflowStatus }: EventSummary,
  span: UsageRequest,
  workers: { unanswered: number },
): Promise<EventUsage[]> {
  const of = tenant === undefined ? {} : { tenant };
  try {
    if (workflowStatus === 'RUNNING' && workers.unanswered >= mostUnanswered)
      throw new Error(`no worker answered for ${workers.unanswered} others, so it was not asked`);
    const parts = await usageOfParts(client, temporal, key, span.to);
    return parts.map(({ spans, unknown, ...where }) => {
      const inside = within(spans, span);
      return { eventId: key, ...where, ...of, spans: inside, unknown: inside.length > 0 ? unknown : [] };
    });
  } catch (error) {
    if (error instanceof NoWorkerError) workers.unanswered += 1;
    const why = error instanceof Error ? error.message : String(error);
    return [{ eventId: key, vendor, account, ...of, spans: [], unknown: [`its status cannot be read: ${why}`] }];
  }
}

/** What an event used up to now, its legs together. */
export async function usageByKey(client: ReadableEvents, temporal: Client, key: string): Promise<Usage> {
  const parts = await usageOfParts(client, temporal, key, Number.POSITIVE_INFINITY);
  return { spans: parts.flatMap(({ spans }) => spans), unknown: parts.flatMap(({ unknown }) => unknown) };
}

type Part = Usage & Pick<EventUsage, 'vendor' | 'account'>;

/** Each leg of an event on its own vendor and account; the event itself where it has none. */
async function usageOfParts(client: ReadableEvents, temporal: Client, key: string, to: number): Promise<Part[]> {
  const status = await client.status(key);
  if (!status.legs) return [await usageOfRun(temporal, key, status, to)];
  const begun = status.legs.filter(({ begunAt }) => begunAt !== undefined);
  return Promise.all(
    begun.map(async ({ name, status: known }) => {
      const legKey = legKeyOf(key, name);
      return usageOfRun(temporal, legKey, known ?? (await client.status(legKey)), to);
    }),
  );
}

async function usageOfRun(temporal: Client, key: string, status: EventStatus, to: number): Promise<Part> {
  const { vendor, account, released, phase, left } = status;
  const isWhole = (released || phase !== 'failed') && !left;
  const swept = isWhole ? undefined : await releasedOf(temporal, key);
  return { vendor, account, ...usageOf(status, billsOf(vendor), Math.min(Date.now(), to), swept) };
}

/** What the sweep released of an event whose run did not; undefined where it has not. */
async function releasedOf(temporal: Client, key: string): Promise<Released | undefined> {
  try {
    return (await temporal.workflow.getHandle(releasedIdOf(key)).result()) as Released;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
