import { ActivityFailure, isCancellation, patched } from '@temporalio/workflow';
import type { Channel, Output } from '../../domain/channel.ts';
import { acceptsEncoder } from '../../domain/phases.ts';
import { describeFailure } from '../failure.ts';
import { finishReset, resetEncoder } from './activities.ts';
import type { Run } from './run.ts';

/**
 * Drops the encoder's connection. A reset that is half done leaves the channel closed, or without an output: once the vendor
 * may have changed something it goes on, and the answer says so. @throws ActivityFailure where nothing was changed
 */
export async function resetConnection(run: Run, channel: Channel, output?: Output): Promise<string> {
  const isAbsent = run.encoder.presence.encoder === 'absent';
  try {
    keepOutput(run, await run.interrupts.resetting(() => resetEncoder(channel, output)));
    return isAbsent
      ? 'no encoder was seen to be connected; one may connect'
      : 'the connection is dropped; the encoder may reconnect';
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    // Where no answer came, the vendor may have changed something.
    const { message, nothingMade } = describeFailure(error);
    // A reset beside the stop would open the channel again.
    if (nothingMade || !acceptsEncoder(run.status.phase) || !patched('finish-reset')) throw error;
    const text = `the reset is not done: ${message}; the run goes on until the channel is open and recording again, or the show stops`;
    run.warn('step-slow', text, { step: 'reset' });
    run.show();
    void finish(run, channel, output);
    return text;
  }
}

async function finish(run: Run, channel: Channel, output?: Output): Promise<void> {
  let ended = 'the channel is open and recording again';
  try {
    keepOutput(run, await run.interrupts.resetting(() => finishReset(channel, output, { finishes: true })));
  } catch (error) {
    // It is tried for ever: only the stop of the show ends it.
    if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
    ended = 'the show is being stopped';
  }
  run.endWarnings(['step-slow'], ended);
  run.show();
}

function keepOutput(run: Run, made: Awaited<ReturnType<typeof resetEncoder>>): void {
  if (made) run.status.output = run.keepPlayback(made);
}
