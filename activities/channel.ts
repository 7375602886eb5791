import type { LiveEventActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { goal } from './driver-step.ts';

type ChannelActivities = Pick<
  LiveEventActivities,
  'allocate' | 'start' | 'createOutput' | 'resetEncoder' | 'stop' | 'cleanUp'
>;

/** The channel's life: pick the driver, call one method. */
export const channelActivities = (deps: ActivityDeps): ChannelActivities => ({
  allocate: (event) =>
    goal(deps, 'before-show', async () => (await deps.driver(event.vendor, event.account)).allocate(event)),

  start: (channel) =>
    goal(deps, 'before-show', async () => (await deps.driver(channel.ref.vendor, channel.ref.account)).start(channel)),

  createOutput: (channel) =>
    goal(deps, 'before-show', async () =>
      (await deps.driver(channel.ref.vendor, channel.ref.account)).createOutput(channel),
    ),

  resetEncoder: (channel) =>
    goal(deps, 'before-show', async () => (await deps.driver(channel.ref.vendor, channel.ref.account)).reset(channel)),

  stop: ({ channel, output }) =>
    goal(deps, 'after-show', async () =>
      (await deps.driver(channel.ref.vendor, channel.ref.account)).stop(channel, output),
    ),

  cleanUp: (ref) => goal(deps, 'after-show', async () => (await deps.driver(ref.vendor, ref.account)).cleanUp(ref)),
});
