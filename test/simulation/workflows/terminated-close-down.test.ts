import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedError } from '../../../client/errors.ts';
import { sweepNow } from '../../../client/sweep.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { fakeVod } from '../../support/fake-vod.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

const second = 1000;
const forEver = 1_000_000;
const closing = ['stopping', 'publishing-vod', 'cleaning-up'] as const;
type Closing = (typeof closing)[number];

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

/** A show whose run was terminated while it closed down; the vendor is well again. */
async function terminatedWhile(phase: Closing) {
  const own = await testEnvironment();
  const vendor = new FakeVendor();
  vendor.namesRuns = true;
  await own.work(
    activitiesOn(vendor, {
      allAccounts: () => [{ vendor: 'alibaba-oss', account: 'default' }],
      earlierRun: earlierRunPort(own.client),
      sweep: sweepPort(own.client),
    }),
  );
  if (phase === 'stopping') vendor.fail('stop', 'not-yet', forEver);
  if (phase === 'cleaning-up') vendor.fail('cleanUp', 'not-yet', forEver);
  if (phase === 'publishing-vod') vendor.vod = () => undefined;
  const plan = planFor({ duration: '30s', waits: { firstConnect: '30s', encoderLost: '30s' } });
  const { eventId } = plan;
  const reaches = (wanted: string) =>
    until(async () => (await own.showcaller.status(eventId).catch(() => undefined))?.phase === wanted);
  await own.showcaller.start(plan);
  await reaches('waiting-for-encoder');
  const [name = ''] = vendor.channels.keys();
  vendor.connect(name);
  await reaches(phase);
  // Visibility is a moment behind.
  await pause(5 * second);
  await own.client.workflow.getHandle(`live-event/${eventId}`).terminate('as an operator should not');
  vendor.recover();
  vendor.vod = (windows) => [fakeVod(windows)];
  const sweep = async () => {
    for (const one of vendor.channels.keys()) vendor.owners.set(one, `live-event/${eventId}`);
    return (await sweepNow(own.client, { graceMs: 10, taskQueue: own.taskQueue })).accounts[0];
  };
  return { own, vendor, plan, eventId, name, reaches, sweep };
}

describe.concurrent.each(closing)('a run that is terminated while %s', (phase) => {
  it('is over: the next run of the event gets a channel of its own, and the sweep releases the old one', async () => {
    const { own, vendor, plan, eventId, name, reaches, sweep } = await terminatedWhile(phase);
    await own.showcaller.start({ ...plan, startsAt: new Date().toISOString() });
    await reaches('waiting-for-encoder');
    const names = [...vendor.channels.keys()];
    expect(names).toHaveLength(2);
    expect((await sweep())?.orphans).toMatchObject([
      { outcome: 'released', reason: 'its run has another channel', ref: { name } },
    ]);
    const [now = ''] = vendor.channels.keys();
    vendor.connect(now);
    await pause(2 * second);
    const report = await own.showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'reached-end', released: true, gaps: [] });
    expect(report.vod[0]?.proof.proved).toBe(true);
    expect(vendor.channels.size).toBe(0);
    await own.close();
  });

  it('its recording can be tried again where its stop was done, also after the sweep; else the refusal says why', async () => {
    const { own, vendor, eventId, name, sweep } = await terminatedWhile(phase);
    expect((await own.showcaller.status(eventId)).endDetail).toContain('the sweep releases what it left');
    expect((await sweep())?.orphans).toMatchObject([{ outcome: 'released', reason: 'its run is over', ref: { name } }]);
    const retry = own.showcaller.retryVod(eventId, by);
    if (phase === 'stopping') {
      await expect(retry).rejects.toThrow(RefusedError);
      await expect(retry).rejects.toThrow('terminated before its channel was stopped');
    } else {
      await retry;
      expect(await own.showcaller.vodRetry(eventId)).toMatchObject({ proved: true });
    }
    expect(vendor.channels.size).toBe(0);
    await own.close();
  });
});
