import { activityInfo } from '@temporalio/activity';
import { defaultBookingRules } from '../domain/booking/request.ts';
import { bookingActivities } from './bookings.ts';
import { channelActivities } from './channel.ts';
import type { Activities } from './contract.ts';
import type { ActivityDeps } from './deps.ts';
import { earlierRunActivities } from './earlier-run.ts';
import { EndsAtOnce } from './ends-at-once.ts';
import { legActivities } from './legs.ts';
import { pollerActivities } from './poller.ts';
import { preflightActivities } from './preflight.ts';
import { prepareActivities } from './prepare.ts';
import { vodActivities } from './recording.ts';
import { RunClock } from './run-clock.ts';
import { sweepActivities } from './sweep.ts';
import { watchActivities } from './watch.ts';
import { deliverActivities } from './webhooks/deliver.ts';

type Usual = Pick<ActivityDeps, 'clock' | 'subscribers' | 'bookingRules' | 'allAccounts' | 'stopping'>;

/** What a worker has that was configured with nothing more than accounts. */
const usual = (): Usual => ({
  clock: new RunClock(),
  subscribers: [],
  bookingRules: () => defaultBookingRules,
  allAccounts: () => [],
  stopping: new AbortController().signal,
});

export type ActivityOptions = Omit<ActivityDeps, keyof Usual> & Partial<ActivityDeps>;

/** An object of plain functions: Temporal registers only own enumerable ones. */
export function createActivities(options: ActivityOptions): Activities {
  const deps: ActivityDeps = { ...usual(), ...options };
  return clocked(deps.clock, {
    ...prepareActivities(deps),
    ...earlierRunActivities(deps),
    ...legActivities(deps),
    ...preflightActivities(deps),
    ...channelActivities(deps, new EndsAtOnce(deps.timeScale)),
    ...watchActivities(deps),
    ...vodActivities(deps),
    ...pollerActivities(deps),
    ...sweepActivities(deps),
    ...deliverActivities(deps),
    ...bookingActivities(deps),
  });
}

/** Each attempt, of whatever step, says how late it is by Temporal's clock. */
function clocked(clock: RunClock, activities: Activities): Activities {
  const timed = Object.entries(activities).map(
    ([name, activity]: [string, (...given: never[]) => Promise<unknown>]) => [
      name,
      async (...given: never[]) => {
        // A local attempt was scheduled by this worker's own clock.
        if (!activityInfo().isLocal) await clock.attemptBegins();
        return activity(...given);
      },
    ],
  );
  return Object.fromEntries(timed) as Activities;
}
