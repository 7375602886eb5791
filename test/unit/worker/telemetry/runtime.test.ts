import { expect, it } from 'vitest';
import { installRuntime } from '../../../../worker/telemetry/runtime.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR2'] as const;
const listeners = () => signals.map((signal) => process.listenerCount(signal));

it('leaves signals to the command, which lets a worker get its last steps before the SDK ends its polls', () => {
  const before = listeners();
  installRuntime({ logLevel: 'ERROR' });
  expect(listeners()).toEqual(before);
});
