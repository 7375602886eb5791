import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../cli/stack.ts';
import type { Plan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { ingestEndpoints } from '../vendors/ingest.ts';
import { root } from './command.ts';

/** Where the pictures of the docs lie. */
export const picturesFolder = process.env.PICTURES ?? join(root, 'docs/images');

/** The plan of an event that is in a picture. */
export const show = (eventId: string, title: string, vendor: string, plan: Partial<Plan> = {}): Plan => ({
  eventId,
  title,
  vendor,
  tenant: 'acme',
  startsAfter: '2s',
  duration: '45m',
  warmUp: '1s',
  startLead: '1s',
  waits: { encoderLost: '5m', firstConnect: '20m' },
  ...plan,
});

export const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

export async function untilStatus(
  stack: Stack,
  eventId: string,
  holds: (status: EventStatus) => boolean,
): Promise<void> {
  while (!holds(await stack.client.status(eventId))) await pause(300);
}

/** Puts an encoder on the event's channel once that is open; gives its id. */
export async function encoderOf(stack: Stack, eventId: string): Promise<string> {
  await untilStatus(stack, eventId, ({ phase }) => phase === 'waiting-for-encoder');
  const { channel } = await stack.client.status(eventId);
  if (!channel) throw new Error(`${eventId} waits for an encoder without a channel`);
  const [endpoint] = await ingestEndpoints(stack.drivers, channel);
  const { id } = (await control(stack, 'encoders', { url: endpoint?.url })) as { id: string };
  return id;
}

/** Asks the simulators. Without a body something is taken away. */
export async function control(stack: Stack, noun: string, body?: object): Promise<unknown> {
  const how = body ? { method: 'POST', body: JSON.stringify(body) } : { method: 'DELETE' };
  const answer = await fetch(`${stack.simulators.controlUrl}/${noun}`, how);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the simulators refused ${noun}: ${text}`);
  return text === '' ? {} : JSON.parse(text);
}
