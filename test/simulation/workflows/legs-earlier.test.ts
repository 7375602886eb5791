import { expect, it } from 'vitest';
import { reportLines } from '../../../cli/report-text.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import { legOf, looksAt, twoLegs } from './legs-harness.ts';

/** As Temporal leaves it where the event is reset to before its legs began: the leg's run goes on, and has no event. */
it.each([
  ['stopped', 'begins anew', 'waiting-for-encoder'],
  ['terminated', 'joins the show', 'live'],
] as const)(
  'an event whose leg has a run of before says so, and that it is billed; when that is %s its own %s',
  async (how, _what, phase) => {
    const env = await testEnvironment();
    const vendors = { a: new FakeVendor(), b: new FakeVendor() };
    const ports = { legs: legsPort(env.client), earlierRun: earlierRunPort(env.client), timeScale: 1 };
    await env.work(activitiesOnAccounts(vendors, ports));
    const { vendor: _, ...rest } = planFor({ duration: '10m', waits: { firstConnect: '5m', encoderLost: '5m' } });
    const { eventId, ...plan } = rest;
    const main = looksAt(env, `${eventId}@main`);
    const earlier = await env.client.workflow.start('liveEvent', {
      workflowId: `live-event/${eventId}@main`,
      taskQueue: env.taskQueue,
      args: [{ ...plan, vendor: 'alibaba-oss', account: 'a' }],
    });
    await main.when(({ phase }) => phase === 'waiting-for-encoder');
    const [channel = ''] = vendors.a.channels.keys();
    vendors.a.connect(channel);
    await main.when(({ phase }) => phase === 'live');

    await env.showcaller.start({ ...rest, legs: twoLegs(), failover: { dark: '10s' } });
    const event = looksAt(env, eventId);
    const waiting = await event.when((now) => legOf(now, 'main')?.failed !== undefined);
    expect(legOf(waiting, 'main')).toMatchObject({
      earlierSince: expect.any(Number),
      failed: { reason: expect.stringMatching(/run of before .* billed .* stop .*@main/) },
    });
    expect(legOf(waiting, 'main')?.status).toBeUndefined();
    expect(waiting.released).toBe(false);
    expect(reportLines(waiting).join('\n')).toMatch(/leg {7}main .*run of before/);
    const session = vendors.a.channels.get(channel)?.session;
    // A stop of the leg reaches the run that goes on.
    if (how === 'stopped') await env.showcaller.stopNow(`${eventId}@main`, { by: 'tester', reason: 'it was reset' });
    else await earlier.terminate('the event was reset');
    const begun = await event.reaches('main', phase);
    const now = [vendors.a.made, vendors.a.channels.get(channel)?.session];
    expect(now).toEqual(how === 'stopped' ? [2, 0] : [1, session]);
    expect(legOf(begun, 'main')).not.toHaveProperty('earlierSince');
    await env.showcaller.stopNow(eventId, { by: 'tester', reason: 'it is seen' });
    expect(await env.showcaller.result(eventId)).toMatchObject({ released: true });
    expect(Object.values(vendors).map(({ channels }) => channels.size)).toEqual([0, 0]);
    await env.close();
  },
);
