import type { Client } from '@temporalio/client';
import { messageOf } from '../domain/message-of.ts';
import { isOver } from '../domain/phases.ts';
import type { PlannedAtOnce, PlannedSpan } from '../domain/preflight.ts';
import { attributeNames, hasChannel, isPlainKey, runningEvents } from '../domain/search-attributes.ts';
import { cuesOf } from '../domain/timeline.ts';
import { maxLeadMs } from '../plan/limits.ts';
import { askStatus } from './ask-status.ts';
import { Remembered } from './remembered.ts';

/** How long the times of another event count as known: less than between its move and what is decided by it. */
export const plannedForMs = 10_000;
/** Few events hold a channel for longer before their show: the others may be left out where too many are planned to be asked. */
const usualLeadMs = 6 * 3_600_000;
/** More statuses are not asked for. */
const mostAsked = 100;
const answerWithinMs = 5_000;

interface Held {
  from: number;
  to: number;
}

/**
 * How many events of ours hold channels of an account at once while `wanted` does, by visibility, which may be a moment
 * behind. Runs are listed and asked for their times only where the limit may be reached, and not again at once: where many events
 * begin at one instant each of them asks for all others.
 *
 * @param rememberMs how long the times of a run count as known
 */
export function plannedAtOnce(client: Client, rememberMs = plannedForMs) {
  const known = new Remembered<Promise<Held[]>>(rememberMs);
  const heldBy = (workflowId: string): Promise<Held[]> => {
    const before = known.get(workflowId);
    if (before !== undefined) return before;
    const forget = () => known.delete(workflowId);
    const asked = timesOf(client, workflowId).then((times) => {
      // A run whose plan is still being checked has no times yet.
      if (!times) forget();
      return times ?? [];
    });
    known.set(workflowId, asked);
    asked.catch(forget);
    return asked;
  };
  return async (wanted: PlannedSpan, limit: number): Promise<PlannedAtOnce> => {
    const { vendor, account, workflowId, from, to } = wanted;
    const begins = (leadMs: number) => `${attributeNames.startsAt} <= '${new Date(to + leadMs).toISOString()}'`;
    // An event whose show begins so long after the end of `wanted` may hold its channel already.
    const query = `${runningEvents(vendor, account)} AND ${begins(maxLeadMs)}`;
    const list = async (which: string): Promise<string[]> => {
      const found: string[] = [];
      // Not a page of a thousand for the first hundred.
      for await (const run of client.workflow.list({ query: which, pageSize: mostAsked + 2 })) {
        if (run.workflowId !== workflowId) found.push(run.workflowId);
        if (found.length > mostAsked) break;
      }
      return found;
    };
    try {
      if (workflowId === undefined || isPlainKey(workflowId)) {
        const others = workflowId === undefined ? query : `${query} AND WorkflowId != '${workflowId}'`;
        const { count } = await client.workflow.count(others);
        if (count < limit) return { events: count };
      }
      let found = await list(query);
      // A month may be full of events that hold nothing for weeks: what has a channel now is asked, whenever its show begins.
      if (found.length > mostAsked) found = await list(`${query} AND (${begins(usualLeadMs)} OR ${hasChannel})`);
      if (found.length > mostAsked) return { unknown: `more than ${mostAsked} events of the account run` };
      if (found.length < limit) return { events: found.length };
      const held = await client.withDeadline(Date.now() + answerWithinMs, () => Promise.all(found.map(heldBy)));
      return { events: mostAtOnce(held.flat(), { from, to }) };
    } catch (error) {
      return {
        unknown: `Temporal did not say what is planned: ${messageOf(error)}`,
      };
    }
  };
}

async function timesOf(client: Client, workflowId: string): Promise<Held[] | undefined> {
  const status = await askStatus(client.workflow.getHandle(workflowId));
  if (isOver(status.phase)) return [];
  if (!status.plan) return undefined;
  const { allocateAt } = cuesOf(status.plan, {});
  return [{ from: allocateAt, to: status.endsAt }];
}

/** The number can only grow where one begins. */
function mostAtOnce(held: readonly Held[], { from, to }: Held): number {
  const there = held.filter((one) => one.from < to && from < one.to);
  const instants = [from, ...there.map((one) => Math.max(one.from, from))];
  return Math.max(...instants.map((at) => there.filter((one) => one.from <= at && at < one.to).length));
}
