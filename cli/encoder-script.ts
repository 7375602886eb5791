import { setTimeout as pause } from 'node:timers/promises';
import { acceptsEncoder } from '../domain/phases.ts';
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

async function ingestUrlWhenOpen(stack: Stack, eventId: string): Promise<string | undefined> {
  for (;;) {
    const { phase, channel, endReason } = await stack.client.status(eventId);
    if (endReason) return undefined;
    if (channel && acceptsEncoder(phase)) {
      const [endpoint] = await ingestEndpoints(stack.drivers, channel);
      return endpoint?.url;
    }
    await pause(lookAgainMs);
  }
}
