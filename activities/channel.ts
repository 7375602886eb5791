import { activityInfo, cancellationSignal, log } from '@temporalio/activity';
import type { Channel, ChannelRef, EventSpec, Output } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import { done, type IsBack, type Progress, type VendorDriver } from '../vendors/driver.ts';
import type { LiveEventActivities, StepMemory, WithPlayback } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { runUntilDone, withSeen } from './driver-step.ts';
import { leftOpen } from './earlier-run.ts';
import type { EndsAtOnce } from './ends-at-once.ts';
import { withHeartbeat } from './heartbeat.ts';
import { withPlayback } from './playback.ts';
import { lookAhead } from './preflight.ts';

type ChannelActivities = Pick<
  LiveEventActivities,
  'allocate' | 'start' | 'createOutput' | 'resetEncoder' | 'stop' | 'cleanUp'
>;

/** The life of a channel: each step is one method of the account's driver. */
export const channelActivities = (deps: ActivityDeps, ends: EndsAtOnce): ChannelActivities => {
  const driverOf = (ref: ChannelRef) => {
    if (ref.place === undefined)
      log.warn(`the run did not record where ${ref.name} was made: taken as of this account's place`);
    return deps.driver(ref.vendor, ref.account);
  };
  return {
    allocate: async ({ isDue = false, preflight, ...event }) =>
      withSeen(
        await runUntilDone(deps, 'before-show', async (remembered) => {
          if (preflight) remembered.preflight ??= await lookAhead(deps, event, preflight);
          const driver = await deps.driver(event.vendor, event.account);
          const ref = driver.refOf({ ...event, kept: event.made?.name });
          remembered.place ??= event.made?.place ?? ref.place;
          const { place, id, preflight: ahead } = remembered;
          const joins = isDue && (await leftOpen(deps, event)) !== undefined;
          const allocated = await driver.allocate({
            ...event,
            made: { name: event.made?.name ?? ref.name, place, ...(id !== undefined && { id }) },
            ...(joins && { joins }),
            ...runAsking(),
          });
          if (!allocated.done) return allocated;
          const channel = { ...allocated.value, ...(joins && { joins }), ...(ahead && { preflight: ahead }) };
          return done(await withPlayback(driver, allocated.value, channel));
        }),
      ),

    start: async (channel) => {
      const { value: output, seen } = await runUntilDone(deps, 'before-show', async () => {
        const driver = await driverOf(channel.ref);
        const started = await driver.start(channel);
        return started.done ? done(await outputAtOnce(driver, channel)) : started;
      });
      return output ? { ...seen, output } : seen;
    },

    createOutput: async (channel) =>
      withSeen(await runUntilDone(deps, 'before-show', async () => makeOutput(await driverOf(channel.ref), channel))),

    resetEncoder: async (channel, output, how) => {
      const { value } = await runUntilDone(
        deps,
        how?.finishes ? 'during-show' : 'before-show',
        async (remembered, save) => {
          const driver = await driverOf(channel.ref);
          const isBack = how?.finishes ? async () => true : isBackAt(driver, channel, remembered, save);
          const reset = await driver.reset(channel, output, isBack);
          // A new output may have a new address.
          return reset.done && reset.value ? done(await withPlayback(driver, channel, reset.value)) : reset;
        },
      );
      return value;
    },

    stop: async ({ channel, output }) => {
      if (activityInfo().attempt === 1) ends.begins();
      const stopped = await runUntilDone(deps, 'after-show', async () =>
        (await driverOf(channel.ref)).stop(channel, output),
      );
      const at = deps.clock.temporalNow;
      const isOver = () => cancellationSignal().aborted || deps.stopping.aborted;
      await withHeartbeat(() => ends.othersBegun(isOver));
      return { ...withSeen(stopped), ...(at !== undefined && { at }) };
    },

    cleanUp: async (ref) =>
      (await runUntilDone(deps, 'after-show', async () => (await driverOf(ref)).cleanUp(ref))).seen,
  };
};

/** Remembers the session that is to be dropped. What cannot be seen keeps no encoder from being dropped. */
function isBackAt(driver: VendorDriver, channel: Channel, remembered: StepMemory, save: () => void): IsBack {
  return async () => {
    const session = await sessionNow(driver, channel);
    if (remembered.dropping !== undefined) return session !== undefined && session !== remembered.dropping;
    remembered.dropping = session;
    save();
    return false;
  };
}

async function sessionNow(driver: VendorDriver, channel: Channel): Promise<string | undefined> {
  try {
    return (await driver.observe(channel)).session;
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return undefined;
  }
}

async function makeOutput(driver: VendorDriver, channel: Channel): Promise<Progress<Output & WithPlayback>> {
  const made = await driver.createOutput(channel);
  return made.done ? done(await withPlayback(driver, channel, made.value)) : made;
}

/**
 * The output, where one try makes it: that saves the run a step and its workflow task. Undefined otherwise: the step of its
 * own then tries again, and says why it fails.
 */
async function outputAtOnce(driver: VendorDriver, channel: Channel): Promise<(Output & WithPlayback) | undefined> {
  try {
    const made = await makeOutput(driver, channel);
    return made.done ? made.value : undefined;
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return undefined;
  }
}

/** The run whose attempt this is. */
function runAsking(): Pick<EventSpec, 'run'> {
  const run = activityInfo().workflowExecution?.runId;
  return run === undefined ? {} : { run };
}
