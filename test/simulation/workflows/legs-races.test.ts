import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment, TestWorker } from '../environment-types.ts';
import { legOf, looksAt, twoLegs } from './legs-harness.ts';

const by = { by: 'tester', reason: 'the test says so' };
let env: TestEnvironment;
let workflows: TestWorker;
const vendors = { a: new FakeVendor(), b: new FakeVendor() };
const legs = { main: vendors.a, backup: vendors.b };

const activities = () => activitiesOnAccounts(vendors, { legs: legsPort(env.client) });

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activities(), { only: 'activities' });
  workflows = await env.work(activities(), { only: 'workflows' });
});
afterAll(() => env.close());

const planOf = (start: 'with-event' | 'on-failure') => {
  const { vendor: _, ...rest } = planFor({ duration: '120s', waits: { firstConnect: '60s', encoderLost: '20s' } });
  return {
    ...rest,
    legs: twoLegs({ start }),
    failover: { dark: '10s' },
  };
};

async function liveShow(start: 'with-event' | 'on-failure') {
  const plan = planOf(start);
  const { eventId } = plan;
  await env.showcaller.start(plan);
  const handle = env.client.workflow.getHandle(`live-event/${eventId}`);
  const { when, reaches } = looksAt(env, eventId);
  const connect = async (name: 'main' | 'backup') => {
    const status = await reaches(name, 'waiting-for-encoder');
    legs[name].connect(legOf(status, name)?.status?.channel?.ref.name ?? '');
    await reaches(name, 'live');
  };
  await connect('main');
  if (start === 'with-event') await connect('backup');
  return { plan, eventId, handle, when, connect, result: () => env.showcaller.result(eventId) };
}

type Show = Awaited<ReturnType<typeof liveShow>>;
type Send = (show: Show) => Promise<unknown>;
const update =
  (name: string, args: object): Send =>
  ({ handle }) =>
    handle.executeUpdate(name, { args: [{ ...by, ...args }] });

/** The event's run hears of all of them in one workflow task. Whether each was accepted. */
async function inOneTask(show: Show, sends: readonly Send[]): Promise<(string | undefined)[]> {
  await workflows.stop();
  const sent: Promise<unknown>[] = [];
  for (const send of sends) {
    sent.push(send(show));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  workflows = await env.work(activities(), { only: 'workflows' });
  const outcomes = await Promise.allSettled(sent);
  return outcomes.map((one) =>
    one.status === 'fulfilled' ? undefined : String((one.reason as Error).cause ?? one.reason),
  );
}

const cancel: Send = ({ eventId }) => env.showcaller.cancel(eventId);
const stop = update('stopNow', {});
const switchTo = update('switchLeg', { leg: 'backup' });

describe('an event with a leg that is held back', () => {
  test.each([
    ['a cancellation', cancel],
    ['a stop', stop],
  ] as const)('a switch to it together with %s: it begins, or the switch is refused', async (_what, other) => {
    for (const order of [
      [switchTo, other],
      [other, switchTo],
    ]) {
      const show = await liveShow('on-failure');
      const refusals = await inOneTask(show, order);
      const report = await show.result();
      const switched = refusals[order.indexOf(switchTo)] === undefined;
      expect([switched, legOf(report, 'backup')?.begunAt !== undefined, refusals]).toEqual([
        switched,
        switched,
        refusals,
      ]);
    }
  });

  test('a switch to it while the legs of a cancelled event clean up is refused', async () => {
    const show = await liveShow('on-failure');
    vendors.a.fail('stop', 'not-yet', 1_000_000);
    await cancel(show);
    await show.when((now) => legOf(now, 'main')?.status?.phase === 'stopping');
    await expect(env.showcaller.switchLeg(show.eventId, { ...by, leg: 'backup' })).rejects.toThrow(
      'is being cancelled',
    );
    vendors.a.recover();
    await show.result();
  });

  test('a switch to it after the end of the show is refused', async () => {
    const show = await liveShow('on-failure');
    vendors.a.fail('stop', 'not-yet', 1_000_000);
    await show.when((now) => legOf(now, 'main')?.status?.phase === 'stopping');
    await expect(env.showcaller.switchLeg(show.eventId, { ...by, leg: 'backup' })).rejects.toThrow('is over');
    vendors.a.recover();
    expect(legOf(await show.result(), 'backup')?.begunAt).toBeUndefined();
  });

  test('it does not begin while the others stop, whatever other action was refused in that moment', async () => {
    const show = await liveShow('on-failure');
    vendors.a.fail('stop', 'not-yet', 1_000_000);
    const refusals = await inOneTask(show, [update('stopNow', { keepRecording: 'no' }), stop]);
    expect(refusals[1]).toBeUndefined();
    expect(refusals[0]).toContain('keepRecording must be true or false');
    await expect(env.showcaller.switchLeg(show.eventId, { ...by, leg: 'backup' })).rejects.toThrow(
      'the show is being stopped',
    );
    vendors.a.recover();
    await show.result();
  });
});

describe('an event with two hot legs', () => {
  test.each(['stop, then cancel', 'cancel, then stop'])(
    '%s: it is stopped with its recording, or the stop is refused',
    async (which) => {
      const show = await liveShow('with-event');
      const order = which.startsWith('stop') ? [stop, cancel] : [cancel, stop];
      const refusals = await inOneTask(show, order);
      const report = await show.result();
      const accepted = refusals[order.indexOf(stop)] === undefined;
      expect([report.endReason, report.vod.length > 0, refusals]).toEqual([
        accepted ? 'stopped-by-operator' : 'cancelled',
        accepted,
        refusals,
      ]);
    },
  );

  test('terminated on air and started again at once: both legs carry the show', async () => {
    const show = await liveShow('with-event');
    await show.handle.terminate('as an operator should not');
    await env.showcaller.start({ ...show.plan, startsAt: new Date().toISOString() });
    await show.connect('main');
    await show.connect('backup');
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'reached-end', released: true });
    expect(report.legs?.map(({ lost }) => lost)).toEqual([undefined, undefined]);
  });
});
