import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { eventIdOf } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import { checkPlan } from '../plan/check.ts';

/** The plan that the latest run of an event was started with. */
export const planStartedWith = async (client: Client, workflowId: string): Promise<unknown> =>
  decodedPlan(client, workflowId, await inputStartedWith(client, workflowId));

/** What a run was started with, from the first event of its history; without its id the latest run. */
export async function inputStartedWith(client: Client, workflowId: string, runId?: string): Promise<Payload[]> {
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId, ...(runId !== undefined && { runId }) },
    maximumPageSize: 1,
  });
  return history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
}

/** Asks nothing of Temporal. */
export async function decodedPlan(client: Client, workflowId: string, payloads: Payload[]): Promise<unknown> {
  const { namespace } = client.options;
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = payloads;
  const context = { type: 'workflow', namespace, workflowId } as const;
  for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded, context);
  const [first] = decoded;
  return first && payloadConverter.fromPayload(first);
}

/** The fields in which two plans ask for different shows; that they say the same in other words does not count. */
export function differencesOf(workflowId: string, one: Plan, other: unknown): string[] {
  if (other === null || typeof other !== 'object') return ['the whole plan'];
  const eventId = eventIdOf(workflowId);
  const given = { ...one, eventId };
  const before = { ...other, eventId };
  if (isDeepStrictEqual(given, before)) return [];
  const context = { now: Date.now(), workflowId };
  const [first, second] = [given, before].map((plan) => checkPlan(plan as Plan, context));
  const fields = fieldsThatDiffer(given, before);
  if (!first?.ok || !second?.ok) return fields;
  const prepared = fieldsThatDiffer(first.plan, second.plan);
  if (prepared.length === 0) return [];
  // In the words of the caller where they say it: a prepared plan has fields that no caller wrote.
  return fields.length > 0 ? fields : prepared;
}

function fieldsThatDiffer(one: object, other: object): string[] {
  const [first, second] = [one, other] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})])];
  return names.filter((name) => !isDeepStrictEqual(first?.[name], second?.[name]));
}
