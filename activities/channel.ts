import type { LiveEventActivities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runUntilDone } from './driver-step.ts';

type ChannelActivities = Pick<
  LiveEventActivities,
  'allocate' | 'start' | 'createOutput' | 'resetEncoder' | 'stop' | 'cleanUp'
>;

/** The life of a channel: each step is one method of the account's driver. */
export const channelActivities = (deps: ActivityDeps): ChannelActivities => {
  const driverOf = ({ vendor, account }: { vendor: string; account: string }) => deps.driver(vendor, account);
  return {
    allocate: (event) => runUntilDone(deps, 'before-show', async () => (await driverOf(event)).allocate(event)),

    start: (channel) => runUntilDone(deps, 'before-show', async () => (await driverOf(channel.ref)).start(channel)),

    createOutput: (channel) =>
      runUntilDone(deps, 'before-show', async () => (await driverOf(channel.ref)).createOutput(channel)),

    resetEncoder: (channel, output) =>
      runUntilDone(deps, 'before-show', async () => (await driverOf(channel.ref)).reset(channel, output)),

    stop: ({ channel, output }) =>
      runUntilDone(deps, 'after-show', async () => (await driverOf(channel.ref)).stop(channel, output)),

    cleanUp: (ref) => runUntilDone(deps, 'after-show', async () => (await driverOf(ref)).cleanUp(ref)),
  };
};
