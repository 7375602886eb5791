import { log } from '@temporalio/activity';
import type { ChannelRef } from '../domain/channel.ts';
import { done } from '../vendors/driver.ts';
import type { LiveEventActivities, WithBilling } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runBilled, runUntilDone } from './driver-step.ts';
import { leftOpen } from './earlier-run.ts';
import { withPlayback } from './playback.ts';
import { lookAhead } from './preflight.ts';

type ChannelActivities = Pick<
  LiveEventActivities,
  'allocate' | 'start' | 'createOutput' | 'resetEncoder' | 'stop' | 'cleanUp'
>;

/** The life of a channel: each step is one method of the account's driver. */
export const channelActivities = (deps: ActivityDeps): ChannelActivities => {
  const driverOf = (ref: ChannelRef) => {
    if (ref.place === undefined)
      log.warn(`the run did not record where ${ref.name} was made: taken as of this account's place`);
    return deps.driver(ref.vendor, ref.account);
  };
  return {
    allocate: ({ isDue = false, preflight, ...event }) =>
      flat(
        runBilled(deps, 'before-show', async (making) => {
          if (preflight) making.preflight ??= await lookAhead(deps, event, preflight);
          const driver = await deps.driver(event.vendor, event.account);
          const ref = driver.refOf({ ...event, kept: event.made?.name });
          making.place ??= event.made?.place ?? ref.place;
          const { preflight: ahead, billing: _, ...begun } = making;
          const joins = isDue && (await leftOpen(deps, event)) !== undefined;
          const allocated = await driver.allocate({
            ...event,
            made: { name: event.made?.name ?? ref.name, ...begun },
            ...(joins && { joins }),
          });
          if (!allocated.done) return allocated;
          const channel = { ...allocated.value, ...(joins && { joins }), ...(ahead && { preflight: ahead }) };
          return done(await withPlayback(driver, allocated.value, channel));
        }),
      ),

    start: async (channel) =>
      billingOf(await runBilled(deps, 'before-show', async () => (await driverOf(channel.ref)).start(channel))),

    createOutput: (channel) =>
      flat(
        runBilled(deps, 'before-show', async () => {
          const driver = await driverOf(channel.ref);
          const made = await driver.createOutput(channel);
          return made.done ? done(await withPlayback(driver, channel, made.value)) : made;
        }),
      ),

    resetEncoder: (channel, output) =>
      runUntilDone(deps, 'before-show', async () => {
        const driver = await driverOf(channel.ref);
        const reset = await driver.reset(channel, output);
        // A new output may have a new address.
        return reset.done && reset.value ? done(await withPlayback(driver, channel, reset.value)) : reset;
      }),

    stop: ({ channel, output }) =>
      flat(runBilled(deps, 'after-show', async () => (await driverOf(channel.ref)).stop(channel, output))),

    cleanUp: async (ref) =>
      billingOf(await runBilled(deps, 'after-show', async () => (await driverOf(ref)).cleanUp(ref))),
  };
};

/** The result of a step, with what it saw of what costs. */
async function flat<T extends object>(step: Promise<{ value: T } & WithBilling>): Promise<T & WithBilling> {
  const { value, billing } = await step;
  return { ...value, ...(billing && { billing }) };
}

const billingOf = ({ billing }: WithBilling): WithBilling | undefined => billing && { billing };
