import { Runtime } from '@temporalio/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installRuntime } from '../../../../worker/telemetry/runtime.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR2'] as const;
const listeners = () => signals.map((signal) => process.listenerCount(signal));

/** A process can have one: files that ran in it before may have left theirs, and those that follow install their own. */
const removeRuntime = () => Runtime.instance().shutdown();
beforeEach(removeRuntime);
afterEach(removeRuntime);

it('leaves signals to the command, which lets a worker get its last steps before the SDK ends its polls', () => {
  const before = listeners();
  installRuntime({ logLevel: 'ERROR' });
  expect(listeners()).toEqual(before);
});
