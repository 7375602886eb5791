import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { RunClock } from '../../../activities/run-clock.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { attemptStart, isUnderWay } from '../../../worker/attempt.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';

const second = 1000;

function promise<T>() {
  let resolve: (value: T) => void = () => undefined;
  const kept = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise: kept, resolve: (value: T) => resolve(value) };
}

/** A vendor whose first call of a method is made only when it is let go, as by a worker that was paused before it. */
async function withLateAttempt(method: 'allocate' | 'start' | 'stop' | 'cleanUp', asks: boolean) {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  const late = promise<void>();
  const ended = promise<string>();
  let isFirst = true;
  const driver = (): VendorDriver => {
    const driver = vendor.driver('default');
    const call = driver[method] as (...args: unknown[]) => Promise<unknown>;
    const delayed = async (...args: unknown[]) => {
      if (!isFirst) return call(...args);
      isFirst = false;
      await late.promise;
      const outcome = call(...args);
      void outcome.then(
        () => ended.resolve('changed'),
        (error: Error) => ended.resolve(error.message),
      );
      return outcome;
    };
    return { ...driver, [method]: delayed };
  };
  await own.work(
    activitiesOn(vendor, {
      driver: async () => driver(),
      clock: new RunClock({ startedAt: attemptStart(own.client) }),
      ...(asks && { isUnderWay: isUnderWay(own.client) }),
    }),
  );
  const plan = planFor({
    startsAt: new Date(Date.now() + 200 * second).toISOString(),
    duration: '400s',
    startLead: '30s',
    warmUp: '180s',
    waits: { firstConnect: '120s', encoderLost: '120s' },
  });
  await own.showcaller.start(plan);
  const reaches = (wanted: Phase) => until(() => own.phaseOf(plan.eventId) === wanted);
  return {
    own,
    vendor,
    plan,
    reaches,
    /** Lets the attempt go on, and says what came of it. */
    goesOn: () => {
      late.resolve();
      return ended.promise;
    },
  };
}

const name = ({ eventId }: { eventId: string }) => `sc-${eventId}`;

it('an attempt to allocate that Temporal has given up does not close the channel under its show', async () => {
  const { own, vendor, plan, reaches, goesOn } = await withLateAttempt('allocate', true);
  await reaches('waiting-for-encoder');
  vendor.connect(name(plan));
  await reaches('live');
  expect(await goesOn()).toContain('given up');
  expect(vendor.channels.get(name(plan))).toMatchObject({ open: true, encoder: 'connected', session: 1 });
  expect(await own.showcaller.result(plan.eventId)).toMatchObject({
    endReason: 'reached-end',
    released: true,
    gaps: [],
  });
  expect(vendor.made).toBe(1);
  await own.close();
});

it('without the question it does: the test sees the fault', async () => {
  const { own, vendor, plan, reaches, goesOn } = await withLateAttempt('allocate', false);
  await reaches('waiting-for-encoder');
  vendor.connect(name(plan));
  await reaches('live');
  expect(await goesOn()).toBe('changed');
  expect(vendor.channels.get(name(plan))).toMatchObject({ open: false, encoder: 'absent' });
  await own.close();
});

it('an attempt of a run that was terminated makes nothing any more', async () => {
  const { own, vendor, plan, reaches, goesOn } = await withLateAttempt('allocate', true);
  await reaches('allocating');
  await pause(2 * second);
  await own.client.workflow.getHandle(`live-event/${plan.eventId}`).terminate('the test says so');
  await pause(10 * second);
  expect(await goesOn()).toContain('given up');
  expect(vendor.made).toBe(0);
  await own.close();
});

it('an attempt to clean up of a run that was terminated leaves the channel of the next run alone', async () => {
  const { own, vendor, plan, reaches, goesOn } = await withLateAttempt('cleanUp', true);
  await reaches('waiting-for-encoder');
  await own.showcaller.cancel(plan.eventId);
  await reaches('cleaning-up');
  // Longer than an attempt is taken to be under way unasked, however soon the next run is live.
  await pause(6 * second);
  await own.client.workflow.getHandle(`live-event/${plan.eventId}`).terminate('the test says so');
  const startsAt = new Date(Date.now() + 10 * second).toISOString();
  await own.showcaller.start({ ...plan, startsAt, duration: '120s' });
  await reaches('waiting-for-encoder');
  vendor.connect(name(plan));
  await reaches('live');
  expect(await goesOn()).toContain('given up');
  expect(vendor.channels.get(name(plan))).toMatchObject({ open: true, encoder: 'connected' });
  expect(await own.showcaller.result(plan.eventId)).toMatchObject({ endReason: 'reached-end', released: true });
  await own.close();
});

it('a step that Temporal does not answer for is not taken by a worker that may have been given up', async () => {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  let isAway = false;
  const asked: boolean[] = [];
  const ask = isUnderWay(own.client);
  // Each look at the account takes so long that the attempt is not surely under way.
  await own.work(
    activitiesOn(vendor, {
      driver: async () => {
        await pause(13 * second);
        return vendor.driver('default');
      },
      clock: new RunClock({ startedAt: attemptStart(own.client) }),
      isUnderWay: async (attempt) => {
        asked.push(isAway);
        if (isAway) throw new Error('Temporal is away');
        return ask(attempt);
      },
    }),
  );
  isAway = true;
  const plan = planFor({
    startsAt: new Date(Date.now() + 100 * second).toISOString(),
    duration: '300s',
    waits: { firstConnect: '60s', encoderLost: '60s' },
    startLead: '10s',
    warmUp: '60s',
  });
  await own.showcaller.start(plan);
  await until(() => own.phaseOf(plan.eventId) === 'allocating');
  await until(() => asked.length > 2);
  expect(vendor.made).toBe(0);
  isAway = false;
  await until(() => vendor.made === 1);
  await until(() => own.phaseOf(plan.eventId) === 'waiting-for-encoder');
  // What closes for good goes on.
  isAway = true;
  await own.showcaller.cancel(plan.eventId);
  await own.showcaller.result(plan.eventId).catch(() => undefined);
  expect(vendor.channels.size).toBe(0);
  await own.close();
});
