import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepNow } from '../../../client/sweep.ts';
import type { ChannelRef } from '../../../domain/channel.ts';
import { VendorError } from '../../../domain/errors.ts';
import { contradicts, type SweepOptions, type SweepReport } from '../../../domain/sweep.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

let env: TestEnvironment;
const vendor = new FakeVendor();
const account = { vendor: 'alibaba-oss', account: 'default' };
const sweep = (options: SweepOptions = {}) =>
  sweepNow(env.client, { graceMs: 10, ...options, taskQueue: env.taskQueue });

beforeAll(async () => {
  env = await testEnvironment();
  await env.work(
    activitiesOn(vendor, {
      allAccounts: () => [account],
      secrets: () => ['a-real-secret'],
      timeScale: testTimeScale,
      proofGraceMs: 1000,
      sweep: sweepPort(env.client),
    }),
  );
});
afterAll(() => env.close());

/** A show that is live, and its channel's name. */
async function liveShow(): Promise<{ eventId: string; name: string }> {
  vendor.place ??= 'eu-west-1';
  const { eventId, ...plan } = planFor({ duration: '60s', waits: { firstConnect: '60s' } });
  await env.showcaller.start({ eventId, ...plan });
  const name = `sc-${eventId}`;
  await until(() => vendor.channels.get(name)?.open);
  return { eventId, name };
}

describe('the sweep', () => {
  it('releases what a terminated run left, and never what is alive', async () => {
    const [dead, alive] = await Promise.all([liveShow(), liveShow()]);
    await env.client.workflow.getHandle(`live-event/${dead.eventId}`).terminate('as an operator should not');
    const cutOff = await env.showcaller.status(dead.eventId);
    expect(cutOff).toMatchObject({ phase: 'failed', released: false });
    expect(cutOff.endDetail).toContain('the sweep releases what it left');
    const dry = await sweep({ dryRun: true });
    expect(dry.accounts[0]).toMatchObject({
      seen: 2,
      orphans: [{ outcome: 'would be released', ref: { name: dead.name } }],
    });
    expect(vendor.channels.has(dead.name)).toBe(true);
    const swept = await sweep();
    expect(swept.accounts[0]?.orphans).toMatchObject([
      { outcome: 'released', reason: 'its run is over', ref: { name: dead.name } },
    ]);
    expect(vendor.channels.has(dead.name)).toBe(false);
    expect(vendor.channels.has(alive.name)).toBe(true);
    expect((await sweep()).accounts[0]).toMatchObject({ seen: 1, orphans: [] });
    await env.showcaller.stopNow(alive.eventId, { by: 'test', reason: 'enough', keepRecording: false });
    await env.showcaller.result(alive.eventId);
  });

  it('releases the channel of an earlier run while a later one has another', async () => {
    const { eventId, name } = await liveShow();
    vendor.namesRuns = true;
    const left = `${name}_earlier`;
    vendor.channels.set(left, { open: true, encoder: 'connected', session: 1, sessions: [] });
    vendor.owners.set(left, `live-event/${eventId}`);
    expect((await sweep()).accounts[0]?.orphans).toMatchObject([
      { outcome: 'released', reason: 'its run has another channel', ref: { name: left } },
    ]);
    expect([...vendor.channels.keys()]).toEqual([name]);
    vendor.namesRuns = false;
    await env.showcaller.stopNow(eventId, { by: 'test', reason: 'enough', keepRecording: false });
    await env.showcaller.result(eventId);
  });

  it('releases what a terminated run left on air although its event is planned anew for later', async () => {
    const { eventId, name } = await liveShow();
    vendor.connect(name);
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('as an operator should not');
    const later = { ...planFor({ startsAt: new Date(Date.now() + 7 * 86_400_000).toISOString() }), eventId };
    await env.showcaller.start(later);
    await until(async () => (await env.showcaller.status(eventId)).entered.scheduled !== undefined);
    expect((await sweep()).accounts[0]?.orphans).toMatchObject([
      { outcome: 'released', reason: 'its run allocates later', ref: { name } },
    ]);
    expect(vendor.channels.has(name)).toBe(false);
    await env.showcaller.cancel(eventId);
    await env.showcaller.result(eventId);
  });

  it('leaves alone what a run that begins soon finds', async () => {
    const { eventId, name } = await liveShow();
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('as an operator should not');
    const soon = { ...planFor({ startsAt: new Date(Date.now() + 8 * 60_000).toISOString() }), eventId };
    await env.showcaller.start(soon);
    await until(async () => (await env.showcaller.status(eventId)).entered.scheduled !== undefined);
    expect((await sweep()).accounts[0]?.orphans).toEqual([]);
    expect(vendor.channels.has(name)).toBe(true);
    await env.showcaller.cancel(eventId);
    await env.showcaller.result(eventId);
    await sweep();
  });

  it('releases what Temporal knows nothing of only when the option says that no other namespace may own it', async () => {
    vendor.channels.set('sc-long-gone', { open: true, encoder: 'absent', session: 0, sessions: [] });
    expect((await sweep()).accounts[0]?.orphans).toMatchObject([{ outcome: 'left alone' }]);
    expect(vendor.channels.size).toBe(1);
    const { accounts } = await sweep({ unknownToo: true });
    expect(accounts[0]?.orphans).toMatchObject([{ outcome: 'released', reason: 'its run is unknown to Temporal' }]);
    expect(vendor.channels.size).toBe(0);
  });

  it('reports a resource whose name contradicts its ownership tag, and never touches it, whichever run is alive', async () => {
    const { eventId, name } = await liveShow();
    const stray = 'prod-main-of-another-team';
    const made = { open: true, encoder: 'connected' as const, session: 1, sessions: [] };
    vendor.channels.set(stray, made);
    for (const owner of [eventId, 'long-over']) {
      vendor.owners.set(stray, `live-event/${owner}`);
      const { accounts } = await sweep({ unknownToo: true });
      expect(accounts[0]?.orphans).toMatchObject([
        { outcome: 'left alone', ref: { name: stray }, reason: contradicts, detail: expect.stringContaining(owner) },
      ]);
    }
    expect(vendor.channels.get(stray)).toEqual(made);
    expect(vendor.channels.has(name)).toBe(true);
    vendor.channels.delete(stray);
    await env.showcaller.stopNow(eventId, { by: 'test', reason: 'enough', keepRecording: false });
    await env.showcaller.result(eventId);
  });

  it('reports what has the tag and the name of a run that made its channel in another place, and never touches it', async () => {
    const { eventId, name } = await liveShow();
    const { ref } = (await env.showcaller.status(eventId)).channel ?? {};
    expect(ref?.place).toBe('eu-west-1');
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('as an operator should not');
    // What the account leads to now differs in the place alone.
    vendor.place = 'us-east-1';
    const { accounts } = await sweep({ unknownToo: true });
    expect(accounts[0]?.orphans).toMatchObject([
      { outcome: 'left alone', ref: { name, place: 'us-east-1' }, detail: expect.stringContaining('in another place') },
    ]);
    expect(vendor.channels.get(name)).toMatchObject({ open: true });
    vendor.place = 'eu-west-1';
    expect((await sweep()).accounts[0]?.orphans).toMatchObject([{ outcome: 'released', ref: { name } }]);
    expect(vendor.channels.size).toBe(0);
  });

  it('knows the channel that a run recorded, also under the name that an older version gave', async () => {
    vendor.prefix = 'showcaller-of-old-';
    const { eventId } = planFor();
    await env.showcaller.start({ ...planFor({ duration: '60s', waits: { firstConnect: '60s' } }), eventId });
    const name = `showcaller-of-old-${eventId}`;
    await until(() => vendor.channels.get(name)?.open);
    vendor.prefix = 'sc-';
    vendor.owners.set(name, `live-event/${eventId}`);
    expect((await sweep({ unknownToo: true })).accounts[0]).toMatchObject({ seen: 1, orphans: [] });
    await env.client.workflow.getHandle(`live-event/${eventId}`).terminate('as an operator should not');
    expect((await sweep()).accounts[0]?.orphans).toMatchObject([{ outcome: 'released', ref: { name } }]);
    expect(vendor.channels.size).toBe(0);
  });

  it('leaves alone what came alive again within the grace time', async () => {
    const { eventId, ...plan } = planFor({ duration: '60s', waits: { firstConnect: '60s' } });
    const name = `sc-${eventId}`;
    vendor.channels.set(name, { open: false, encoder: 'absent', session: 0, sessions: [] });
    const sweeping = await env.client.workflow.start('sweep', {
      workflowId: `sweep-${eventId}`,
      taskQueue: env.taskQueue,
      args: [{ graceMs: 1500, unknownToo: true }],
    });
    await until(async () => (await sweeping.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes));
    await env.showcaller.start({ eventId, ...plan });
    const { accounts } = (await sweeping.result()) as SweepReport;
    expect(accounts[0]?.orphans).toMatchObject([{ outcome: 'alive again' }]);
    expect(vendor.channels.has(name)).toBe(true);
    await until(() => vendor.channels.get(name)?.open);
    await env.showcaller.stopNow(eventId, { by: 'test', reason: 'enough' });
    await env.showcaller.result(eventId);
  });

  it('reports what it could not release, in the vendor’s words and without a secret', async () => {
    vendor.channels.set('sc-stubborn', { open: true, encoder: 'absent', session: 0, sessions: [] });
    const driver = vendor.driver.bind(vendor);
    vendor.driver = (name) => ({
      ...driver(name),
      cleanUp: async (ref: ChannelRef) => {
        throw new VendorError({
          kind: 'unauthorized',
          vendor: 'fake',
          operation: 'delete',
          resource: ref.name,
          message: 'the key a-real-secret is revoked',
        });
      },
    });
    const { accounts } = await sweep({ unknownToo: true });
    vendor.driver = driver;
    const [resource] = accounts[0]?.orphans ?? [];
    expect(resource).toMatchObject({ outcome: 'not released', ref: { name: 'sc-stubborn' } });
    expect(resource?.detail).toContain('is revoked');
    expect(resource?.detail).not.toContain('a-real-secret');
    expect((await sweep({ unknownToo: true })).accounts[0]?.orphans).toMatchObject([{ outcome: 'released' }]);
  });

  it('says which account it could not look at, and sweeps the others', async () => {
    vendor.fail('owned', 'unauthorized', 10);
    const { accounts } = await sweep();
    expect(accounts[0]?.problem).toContain('as the test asked');
    expect(accounts[0]?.orphans).toEqual([]);
  });
});
