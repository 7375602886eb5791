import { setTimeout as pause } from 'node:timers/promises';
import { NoWorkerError } from '../client/errors.ts';
import { legKeyOf } from '../domain/ids.ts';
import { acceptsEncoder } from '../domain/phases.ts';
import type { LegPlan } from '../domain/plan.ts';
import type { EventStatus } from '../domain/report.ts';
import { type EncoderSource, startEncoder } from '../simulators/kit/encoder.ts';
import { ingestEndpoints } from '../vendors/ingest.ts';
import type { Stack } from './stack.ts';

/** When the encoder of a rehearsal connects and drops. */
export interface Script {
  /** How long after the channel opens the encoder connects. */
  afterMs: number;
  /** The encoder drops once, so long after it connected, and stays away for `gapMs`. */
  drop?: { afterMs: number; gapMs: number };
}

const lookAgainMs = 300;

/** Runs an encoder by the script: it connects when the channel is open, and sends until the vendor disconnects it. */
export async function playEncoder(stack: Stack, eventId: string, source: EncoderSource, script: Script): Promise<void> {
  if (!(await ingestUrlWhenOpen(stack, eventId))) return;
  await pause(script.afterMs);
  if (script.drop) {
    const url = await ingestUrlWhenOpen(stack, eventId);
    if (!url) return;
    const first = await startEncoder({ url, source });
    await Promise.race([pause(script.drop.afterMs), first.done]);
    await first.drop();
    await pause(script.drop.gapMs);
  }
  const url = await ingestUrlWhenOpen(stack, eventId);
  if (!url) return;
  const encoder = await startEncoder({ url, source });
  await Promise.race([encoder.done, stack.client.result(eventId)]);
  await encoder.stop();
}

/** A worker that is busy answers later; a stack that is being stopped answers no more. */
async function statusOf({ client }: Stack, eventId: string): Promise<EventStatus> {
  for (;;) {
    try {
      return await client.status(eventId);
    } catch (error) {
      if (!(error instanceof NoWorkerError)) throw error;
      await pause(lookAgainMs);
    }
  }
}

async function ingestUrlWhenOpen(stack: Stack, eventId: string): Promise<string | undefined> {
  for (;;) {
    const { phase, channel, endReason } = await statusOf(stack, eventId);
    if (endReason) return undefined;
    if (channel && acceptsEncoder(phase)) {
      const [endpoint] = await ingestEndpoints(stack.drivers, channel);
      return endpoint?.url;
    }
    await pause(lookAgainMs);
  }
}

interface LegsScript {
  eventId: string;
  legs: readonly Pick<LegPlan, 'name'>[];
  /** One for each leg, in their order; undefined where no encoder connects. */
  scripts: readonly (Script | undefined)[];
}

/** An encoder with an output for each leg. */
export async function playLegs(
  stack: Stack,
  { eventId, legs, scripts }: LegsScript,
  source: EncoderSource,
): Promise<void> {
  const play = async (name: string, script: Script) => {
    if (await hasBegun(stack, eventId, name)) await playEncoder(stack, legKeyOf(eventId, name), source, script);
  };
  await Promise.all(legs.map(({ name }, at) => scripts[at] && play(name, scripts[at])));
}

/** False when the event is over and the leg was never needed. */
async function hasBegun(stack: Stack, eventId: string, name: string): Promise<boolean> {
  for (;;) {
    const { legs, endReason } = await statusOf(stack, eventId);
    if (legs?.find((leg) => leg.name === name)?.status) return true;
    if (endReason) return false;
    await pause(lookAgainMs);
  }
}
