import type { LiveEventActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runUntilDone } from './driver-step.ts';

type ChannelActivities = Pick<
  LiveEventActivities,
  'allocate' | 'start' | 'createOutput' | 'resetEncoder' | 'stop' | 'cleanUp'
>;

/** The channel's life: pick the driver, call one method. */
export const channelActivities = (deps: ActivityDeps): ChannelActivities => ({
  allocate: (event) =>
    runUntilDone(deps, 'before-show', async () => (await deps.driver(event.vendor, event.account)).allocate(event)),

  start: (channel) =>
    runUntilDone(deps, 'before-show', async () =>
      (await deps.driver(channel.ref.vendor, channel.ref.account)).start(channel),
    ),

  createOutput: (channel) =>
    runUntilDone(deps, 'before-show', async () =>
      (await deps.driver(channel.ref.vendor, channel.ref.account)).createOutput(channel),
    ),

  resetEncoder: (channel) =>
    runUntilDone(deps, 'before-show', async () =>
      (await deps.driver(channel.ref.vendor, channel.ref.account)).reset(channel),
    ),

  stop: ({ channel, output }) =>
    runUntilDone(deps, 'after-show', async () =>
      (await deps.driver(channel.ref.vendor, channel.ref.account)).stop(channel, output),
    ),

  cleanUp: (ref) =>
    runUntilDone(deps, 'after-show', async () => (await deps.driver(ref.vendor, ref.account)).cleanUp(ref)),
});
