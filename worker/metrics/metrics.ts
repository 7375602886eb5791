import type { MetricMeter } from '@temporalio/common';
import { type OnAirState, onAirStates } from '../../domain/on-air.ts';
import type { SweptResource } from '../../domain/sweep.ts';
import type { CallEvent } from '../../vendors/call.ts';
import { names } from './names.ts';

/** The account that a measurement is about. Accounts are configured, so there are few. */
export interface Owner {
  vendor: string;
  account: string;
}

/** One attempt of a step. */
export interface StepEnd extends Owner {
  /** The activity's type. */
  step: string;
  /** `done`, `waiting`, `cancelled`, `elsewhere`, or the kind of error. */
  outcome: string;
  /** From the moment the run asked for the step to the end of this attempt. Milliseconds. */
  ageMs: number;
}

/** What this worker measures. Labels are bounded: vendors, accounts, operations, steps, kinds. */
export interface Metrics {
  called(event: CallEvent): void;
  waitedForRate(owner: Owner, operation: string, ms: number): void;
  /** The share of the documented rate that the limiter allows since the vendor throttled; 1 is all of it. */
  slowed(owner: Owner, operation: string, share: number): void;
  polled(owner: Owner, listed: boolean): void;
  rechecked(owner: Owner, events: number): void;
  watching(owner: Owner, events: number): void;
  /** What viewers of a run get; undefined when it is not looked any more. */
  viewed(owner: Owner, workflowId: string, state: OnAirState | undefined): void;
  stepEnded(end: StepEnd): void;
  sweptAccount(owner: Owner, seen: number, orphaned: number): void;
  sweptResource(owner: Owner, outcome: SweptResource['outcome']): void;
  /** How far this machine's clock is ahead of Temporal's or of a vendor's. Milliseconds. */
  skewed(clock: string, ms: number): void;
}

const isOf = (one: Owner, { vendor, account }: Owner): boolean => one.vendor === vendor && one.account === account;
const seconds = (ms: number): number => Math.max(0, ms) / 1000;
const settled = new Set(['done', 'waiting', 'cancelled', 'elsewhere']);

/**
 * Metrics on a meter. Accounts are those of the worker: what alerts count is there with 0 from the start, because
 * Prometheus does not see the step from nothing to 1.
 */
export function createMetrics(meter: MetricMeter, accounts: readonly Owner[] = []): Metrics {
  const counter = (name: string, about: string) => meter.createCounter(name, '', about);
  const histogram = (name: string, about: string) => meter.createHistogram(name, 'float', 'seconds', about);
  const gauge = (name: string, about: string) => meter.createGauge(name, 'float', '', about);

  const calls = counter(names.vendorCalls, 'Calls to vendors, by outcome: ok or the kind of error');
  const callDuration = histogram(names.vendorCallDuration, 'How long vendors took to answer');
  const limiterWait = histogram(names.limiterWait, 'How long calls waited for our own rate limit');
  const limiterShare = gauge(
    names.limiterShare,
    'Share of the documented rate that is used since the vendor throttled',
  );
  const polls = counter(names.pollerPolls, 'Listings of the live channels of an account by its poller');
  const rechecks = counter(names.pollerRechecks, 'Runs that a poller answered, or made look at their encoder');
  const watched = gauge(names.pollerWatching, 'Events that wait for or watch an encoder, as the poller last counted');
  const onAir = gauge(names.onAir, 'Events by what their viewers get: dark, on-air, frozen, gone, unknown');
  const looks = counter(names.viewerLooks, 'Looks at live streams as a viewer');
  const views = new Map<string, Owner & { state: OnAirState }>();
  const attempts = counter(
    names.stepAttempts,
    'Attempts of steps: done, waiting, cancelled, elsewhere or kind of error',
  );
  const stepAge = histogram(names.stepAge, 'Age of a step at the end of each attempt');
  const resources = gauge(names.sweepResources, 'Resources with our ownership tag that the last sweep saw');
  const orphaned = gauge(names.sweepOrphaned, 'Orphaned resources that the last sweep saw');
  const releases = counter(names.sweepReleases, 'Outcomes of the releases of orphaned resources');
  const clockSkew = gauge(names.clockSkew, "How far this worker's clock is ahead of that of Temporal or of a vendor");
  const lookedAt = gauge(names.sweepLooked, 'When a sweep last looked at the account');

  for (const { vendor, account } of accounts) {
    for (const outcome of ['released', 'not-released', 'alive-again']) releases.add(0, { vendor, account, outcome });
  }

  return {
    called({ vendor, account, operation, ms, error }) {
      calls.add(1, { vendor, account, operation, outcome: error?.kind ?? 'ok' });
      callDuration.record(seconds(ms), { vendor, account, operation });
    },
    waitedForRate: ({ vendor, account }, operation, ms) =>
      limiterWait.record(seconds(ms), { vendor, account, operation }),
    slowed: ({ vendor, account }, operation, share) => limiterShare.set(share, { vendor, account, operation }),
    polled: ({ vendor, account }, listed) => polls.add(1, { vendor, account, outcome: listed ? 'ok' : 'failed' }),
    rechecked: ({ vendor, account }, events) => rechecks.add(events, { vendor, account }),
    watching: ({ vendor, account }, events) => watched.set(events, { vendor, account }),
    viewed({ vendor, account }, workflowId, state) {
      const key = `${vendor}/${account}/${workflowId}`;
      if (state !== undefined) looks.add(1, { vendor, account, state });
      // Many events are looked at every second, and few change.
      if (views.get(key)?.state === state) return;
      if (state === undefined) views.delete(key);
      else views.set(key, { vendor, account, state });
      for (const one of onAirStates) {
        const events = [...views.values()].filter((view) => view.state === one && isOf(view, { vendor, account }));
        onAir.set(events.length, { vendor, account, state: one });
      }
    },
    stepEnded({ step, vendor, account, outcome, ageMs }) {
      attempts.add(1, { step, vendor, account, outcome });
      stepAge.record(seconds(ageMs), { step, vendor, account, outcome: settled.has(outcome) ? outcome : 'failing' });
    },
    sweptAccount({ vendor, account }, seen, found) {
      resources.set(seen, { vendor, account });
      orphaned.set(found, { vendor, account });
      lookedAt.set(seconds(Date.now()), { vendor, account });
    },
    sweptResource: ({ vendor, account }, outcome) =>
      releases.add(1, { vendor, account, outcome: outcome.replaceAll(' ', '-') }),
    skewed: (clock, ms) => clockSkew.set(ms / 1000, { clock }),
  };
}
