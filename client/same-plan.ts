import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { eventIdOf } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import { checkPlan } from '../plan/check.ts';

/** The plan that the latest run of an event was started with, from the first event of its history. */
export async function planStartedWith(client: Client, workflowId: string): Promise<unknown> {
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = payloads;
  const context = { type: 'workflow', namespace, workflowId } as const;
  for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded, context);
  const [first] = decoded;
  return first && payloadConverter.fromPayload(first);
}

/** Whether two plans ask for the same show; that they say it in other words does not count. */
export function isSamePlan(workflowId: string, one: Plan, other: unknown): boolean {
  if (other === null || typeof other !== 'object') return false;
  const eventId = eventIdOf(workflowId);
  if (isDeepStrictEqual({ ...one, eventId }, { ...other, eventId })) return true;
  const context = { now: Date.now(), workflowId };
  const [first, second] = [one, other].map((plan) => checkPlan({ ...plan, eventId }, context));
  return first?.ok === true && second?.ok === true && isDeepStrictEqual(first.plan, second.plan);
}
