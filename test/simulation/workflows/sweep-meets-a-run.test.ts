import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sweepNow } from '../../../client/sweep.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';

const second = 1000;

/** What the sweep is at when the event is started again; the vendor is not done with it for some tries. */
const moments = [
  { at: 'stop', encoder: 'stays' },
  { at: 'cleanUp', encoder: 'comes back' },
] as const;

it.each(moments)(
  'a run that is started while the sweep is at $at keeps the channel: the encoder $encoder',
  async (m) => {
    const env = await testEnvironment();
    const vendor = new FakeVendor();
    vendor.namesRuns = true;
    await env.work(
      activitiesOn(vendor, {
        allAccounts: () => [{ vendor: 'alibaba-oss', account: 'default' }],
        earlierRun: earlierRunPort(env.client),
        sweep: sweepPort(env.client),
      }),
    );
    const plan = planFor({ duration: '600s', waits: { firstConnect: '120s', encoderLost: '120s' } });
    const { eventId } = plan;
    const status = () => env.showcaller.status(eventId).catch(() => undefined);
    await env.showcaller.start(plan);
    await until(async () => (await status())?.phase === 'waiting-for-encoder');
    const [name = ''] = vendor.channels.keys();
    vendor.connect(name);
    await until(async () => (await status())?.phase === 'live');
    await pause(5 * second);
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('the test says so');
    vendor.owners.set(name, `live-event/${eventId}`);
    vendor.fail(m.at, 'not-yet', 10);
    const sweeping = sweepNow(env.client, { graceMs: 10, taskQueue: env.taskQueue });
    await until(() => vendor.count(m.at) > 2);
    await env.showcaller.start(plan);
    expect((await sweeping).accounts[0]?.orphans).toMatchObject([{ outcome: 'alive again', ref: { name } }]);
    await until(async () => (await status())?.entered['waiting-for-encoder'] !== undefined);
    vendor.recover();
    if (m.encoder === 'comes back') vendor.connect(name);
    const report = await env.showcaller.result(eventId);
    expect(report).toMatchObject({ endReason: 'reached-end', released: true });
    expect(report.sessions).toHaveLength(m.encoder === 'stays' ? 1 : 2);
    expect(vendor.made).toBe(1);
    await env.close();
  },
);
