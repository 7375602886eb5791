import { status as grpc } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import { placedKeyOf } from '../domain/channel.ts';
import { legKeyOf } from '../domain/ids.ts';
import { inParallel } from '../domain/in-parallel.ts';
import { messageOf } from '../domain/message-of.ts';
import { isOver } from '../domain/phases.ts';
import type { EventStatus, LegStatus } from '../domain/report.ts';
import { hasReport } from '../domain/run-status.ts';
import { inside } from '../domain/spans.ts';
import type { EventUsage } from '../domain/usage/summary.ts';
import { type ReleasedUsage, type Usage, type UsageSpan, usageOf } from '../domain/usage/usage.ts';
import { billsOf } from '../plan/bills.ts';
import { type AssumedUsages, assumedUsage } from './assumed-usage.ts';
import { type BilledRunsOptions, billedRuns, type ListsRuns, type UsageRequest } from './billed-runs.ts';
import { NoWorkerError } from './errors.ts';
import { hasGrpcCode } from './grpc-code.ts';
import type { EventSummary } from './listing.ts';
import { sweptOf } from './swept.ts';

/** Every event is read: more are asked for in parts. */
const mostEvents = 2_000;
const readAtOnce = 20;
const mostRemembered = 20_000;
/** Where no worker answers, each event without a report is waited for; after so many the others are not asked. */
const mostUnanswered = 40;

/** The part of the client that is read. */
export interface ReadableEvents extends ListsRuns {
  status(eventId: string, runId?: string): Promise<EventStatus>;
}

/** What runs used that are over, and whose usage changes no more: each is read once. */
export class UsageMemory {
  readonly #parts = new Map<string, Part[]>();

  /** What is shared by the events of an account goes on all the same. */
  of(runId: string): Part[] | undefined {
    const now = Date.now();
    const goesOn = (span: UsageSpan) => (span.goesOn ? { ...span, to: Math.max(span.from, now) } : span);
    return this.#parts.get(runId)?.map((part) => ({ ...part, spans: part.spans.map(goesOn) }));
  }

  keep(runId: string, parts: Part[]): void {
    if (this.#parts.size >= mostRemembered) this.#parts.clear();
    this.#parts.set(runId, parts);
  }
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
  span: UsageRequest,
  memory?: UsageMemory,
): Promise<EventUsage[]> {
  const read = await usageOfRuns(client, temporal, span, {
    memory,
    most: mostEvents,
    withShared: true,
    assumes: false,
  });
  const used = read.flatMap(({ usage }) => usage);
  return used.filter(({ spans, unknown }) => spans.length > 0 || unknown.length > 0);
}

export interface RunUsage {
  event: EventSummary;
  usage: EventUsage[];
}

interface RunUsageOptions extends BilledRunsOptions {
  memory: UsageMemory | undefined;
  /** What a run may have been billed that cannot be read is assumed. */
  assumes: boolean;
}

/**
 * The usage of a span, run by run: an event that was started again has several.
 *
 * @throws where it assumes, and a run cannot be read now: that may pass
 */
export async function usageOfRuns(
  client: ReadableEvents,
  temporal: Client,
  { from, to }: UsageRequest,
  { memory, assumes, ...options }: RunUsageOptions,
): Promise<RunUsage[]> {
  const found = await billedRuns(client, { from, to }, options);
  const reading = { client, temporal, memory, assumes, workers: { unanswered: 0 } };
  return inParallel(found, readAtOnce, async (event) => ({
    event,
    usage: await usageOfEvent(reading, event, { from, to }),
  }));
}

interface Reading {
  client: ReadableEvents;
  temporal: Client;
  memory: UsageMemory | undefined;
  assumes: boolean;
  workers: { unanswered: number };
}

async function usageOfEvent(reading: Reading, event: EventSummary, span: UsageRequest): Promise<EventUsage[]> {
  const { key, tenant, workflowStatus, vendor = '', account = '' } = event;
  const { workers } = reading;
  const of = tenant === undefined ? {} : { tenant };
  try {
    if (!hasReport(workflowStatus) && workers.unanswered >= mostUnanswered)
      throw new Error(`no worker answered for ${workers.unanswered} others, so it was not asked`);
    const parts = await partsOfRun(reading, event, span.to);
    return parts.map(({ spans, unknown, isFinal: _, ...where }) => {
      const used = inside(spans, span);
      return { eventId: key, ...where, ...of, spans: used, unknown: used.length > 0 ? unknown : [] };
    });
  } catch (error) {
    if (error instanceof NoWorkerError) workers.unanswered += 1;
    const why = `its status cannot be read: ${messageOf(error)}`;
    if (!reading.assumes) return [{ eventId: key, vendor, account, ...of, spans: [], unknown: [why] }];
    const { usages, unreadPlan } = await assumedInstead(reading, event, error);
    return usages.map(({ assumed, ...where }, leg) => ({
      ...{ eventId: key, ...where, ...of, spans: [], unknown: leg === 0 ? [why] : [] },
      assumed: inside(assumed, span),
      ...(unreadPlan !== undefined && { unreadPlan: `${why}; its plan neither: ${unreadPlan}` }),
    }));
  }
}

/** Temporal may answer the next question: nothing is assumed for so short a time. */
const passing: readonly number[] = [grpc.UNAVAILABLE, grpc.DEADLINE_EXCEEDED, grpc.RESOURCE_EXHAUSTED];
const mayPass = (error: unknown): boolean => !(error instanceof NoWorkerError) && hasGrpcCode(error, passing);

async function assumedInstead({ temporal }: Reading, event: EventSummary, error: unknown): Promise<AssumedUsages> {
  try {
    if (mayPass(error)) throw error;
    return await assumedUsage(temporal, event, Date.now());
  } catch (cause) {
    throw new Error(`what ${event.key} used cannot be read now: ${messageOf(cause)}`, { cause });
  }
}

async function partsOfRun({ client, temporal, memory }: Reading, event: EventSummary, to: number): Promise<Part[]> {
  const { key, run } = event;
  const known = run && memory?.of(run.runId);
  if (known) return known;
  const parts = await usageOfParts(client, temporal, key, to, run?.runId);
  const isFinal = parts.every((part) => part.isFinal);
  if (run?.closedAt !== undefined && run.closedAt < to && isFinal) memory?.keep(run.runId, parts);
  return parts;
}

/** What an event used up to now, its legs together. */
export async function usageByKey(client: ReadableEvents, temporal: Client, key: string): Promise<Usage> {
  const parts = await usageOfParts(client, temporal, key, Number.POSITIVE_INFINITY);
  return { spans: parts.flatMap(({ spans }) => spans), unknown: parts.flatMap(({ unknown }) => unknown) };
}

type Part = Usage & Pick<EventUsage, 'vendor' | 'account'> & { isFinal: boolean };

/** Each leg of an event on its own vendor and account; the event itself where it has none. */
async function usageOfParts(
  client: ReadableEvents,
  temporal: Client,
  key: string,
  to: number,
  runId?: string,
): Promise<Part[]> {
  const status = await client.status(key, runId);
  if (!status.legs) return [await usageOfRun(client, temporal, key, status, to)];
  const begun = status.legs.filter(({ begunAt }) => begunAt !== undefined);
  return Promise.all(
    begun.map(async (leg) => {
      const legKey = legKeyOf(key, leg.name);
      return usageOfRun(client, temporal, legKey, await statusOfLeg(client, legKey, leg, isOver(status.phase)), to);
    }),
  );
}

/** What the leg reported; where the event, or it, was cut off before its end, what its own run says. */
async function statusOfLeg(
  client: ReadableEvents,
  key: string,
  { status: known, endedAt }: LegStatus,
  isEventOver: boolean,
): Promise<EventStatus> {
  if (known && (isOver(known.phase) || !(isEventOver || endedAt !== undefined))) return known;
  const own = await client.status(key);
  // The newest run of the leg may be that of the event started again.
  const isAnother = known && own.entered.allocating !== known.entered.allocating;
  return isAnother ? { ...known, phase: 'failed' } : own;
}

async function usageOfRun(
  client: ReadableEvents,
  temporal: Client,
  key: string,
  status: EventStatus,
  to: number,
): Promise<Part> {
  const { vendor, account, released, sweptAt, phase, left, entered } = status;
  const madeNothing = entered.allocating === undefined;
  const isWhole = (released || madeNothing || phase !== 'failed') && !left && sweptAt === undefined;
  const swept = isWhole ? undefined : await releasedLater(client, temporal, key, status);
  const usage = usageOf(status, billsOf(vendor), Math.min(Date.now(), to), swept);
  return { vendor, account, ...usage, isFinal: isOver(phase) && (isWhole || swept !== undefined) };
}

/** How what a run left was released: by the sweep, or by the run after it, which went on with the channel. */
async function releasedLater(
  client: ReadableEvents,
  temporal: Client,
  key: string,
  status: EventStatus,
): Promise<ReleasedUsage | undefined> {
  const swept = await sweptOf(temporal, key, status);
  if (swept) return swept;
  const { channel, entered } = status;
  const newest = await client.status(key);
  const isSame = channel && newest.channel && placedKeyOf(newest.channel.ref) === placedKeyOf(channel.ref);
  const isLater = (newest.entered.allocating ?? 0) > (entered.allocating ?? 0);
  if (!isSame || !isLater || !newest.released || newest.sweptAt !== undefined || newest.stoppedAt === undefined)
    return undefined;
  return { at: newest.stoppedAt, states: newest.billing ?? [], sessions: newest.sessions };
}
