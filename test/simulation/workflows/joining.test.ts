import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const second = 1000;

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

const terminated = ['starting', 'creating-output', 'waiting-for-encoder', 'live', 'encoder-lost'] as const;
const plans = ['the same plan', 'a plan that starts now'] as const;

async function stage() {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  vendor.namesRuns = true;
  await own.work(activitiesOn(vendor, { earlierRun: earlierRunPort(own.client) }));
  return { own, vendor };
}

const planNow = (more: Partial<Plan> = {}) =>
  planFor({
    startsAt: new Date().toISOString(),
    duration: '300s',
    startLead: '30s',
    warmUp: '60s',
    waits: { firstConnect: '120s', encoderLost: '120s' },
    ...more,
  });

describe.each(terminated)('a run that is terminated while %s', (phase) => {
  it.each(plans)(
    'and started again with %s keeps channel, key and encoder, and counts from its session',
    async (which) => {
      const { own, vendor } = await stage();
      if (phase === 'starting') vendor.fail('start', 'not-yet', 30);
      if (phase === 'creating-output') vendor.fail('createOutput', 'not-yet', 30);
      const plan = planNow();
      const { eventId } = plan;
      const reaches = (wanted: string) =>
        until(async () => (await own.showcaller.status(eventId).catch(() => undefined))?.phase === wanted);
      await own.showcaller.start(plan);
      const isOpen = !['starting', 'creating-output'].includes(phase);
      await reaches(isOpen ? 'waiting-for-encoder' : phase);
      const [name = ''] = vendor.channels.keys();
      let sendsFrom: number | undefined;
      if (phase !== 'starting') {
        await pause(2 * second);
        vendor.connect(name);
        sendsFrom = Date.now();
      }
      if (phase === 'live' || phase === 'encoder-lost') await reaches('live');
      await pause(20 * second);
      const lostAt = Date.now();
      if (phase === 'encoder-lost') {
        vendor.disconnect(name);
        await reaches('encoder-lost');
      }
      await own.client.workflow.getHandle(`live-event/${eventId}`).terminate('the test says so');
      vendor.recover();

      const startsAt = new Date().toISOString();
      await own.showcaller.start(which === 'the same plan' ? plan : { ...plan, startsAt, duration: '120s' });
      await reaches('waiting-for-encoder');
      await pause(5 * second);
      if (phase === 'encoder-lost' || phase === 'starting') vendor.connect(name);
      sendsFrom ??= Date.now();
      const report = await own.showcaller.result(eventId);
      expect({ made: vendor.made, starts: vendor.keys(name), end: report.endReason, gaps: report.gaps.length }).toEqual(
        {
          made: 1,
          starts: 1,
          end: 'reached-end',
          gaps: phase === 'encoder-lost' ? 1 : 0,
        },
      );
      expect(report).toMatchObject({ released: true, troubles: [] });
      expect(Math.abs((report.windows[0]?.from ?? 0) - sendsFrom)).toBeLessThan(second);
      if (phase === 'encoder-lost') expect(Math.abs((report.windows[0]?.to ?? 0) - lostAt)).toBeLessThan(second);
      expect(report.vod[0]?.proof.proved).toBe(true);
      expect(vendor.channels.size).toBe(0);
      await own.close();
    },
  );
});

it('a run after one that ended by itself gets a channel of its own name, and so does a show of another day', async () => {
  const { own, vendor } = await stage();
  const plan = planNow();
  await own.showcaller.start(plan);
  const names = new Set<string>();
  const opened = async () => {
    await until(() => [...vendor.channels.values()].some(({ open }) => open));
    names.add([...vendor.channels.keys()].at(-1) ?? '');
  };
  await opened();
  await own.showcaller.cancel(plan.eventId);
  await own.showcaller.result(plan.eventId).catch(() => undefined);
  await own.showcaller.start({ ...planNow(), eventId: plan.eventId });
  await opened();
  expect(names.size).toBe(2);

  // Terminated, and planned anew for later: what is on air is closed until then.
  await own.client.workflow.getHandle(`live-event/${plan.eventId}`).terminate('the test says so');
  const [name = ''] = vendor.channels.keys();
  vendor.connect(name);
  const startsAt = new Date(Date.now() + 50 * second).toISOString();
  await own.showcaller.start({ ...planNow({ startsAt }), eventId: plan.eventId });
  await until(() => vendor.channels.get(name)?.open === false);
  await until(() => vendor.channels.get(name)?.open);
  expect(vendor.keys(name)).toBe(2);
  await own.showcaller.cancel(plan.eventId);
  await own.showcaller.result(plan.eventId).catch(() => undefined);
  await own.close();
});
