import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SweepPort } from '../../../activities/ports.ts';
import { sweepNow } from '../../../client/sweep.ts';
import type { ChannelRef } from '../../../domain/channel.ts';
import { isElsewhere, isSilent, type SweepOptions } from '../../../domain/sweep.ts';
import type { VendorDriver } from '../../../vendors/driver.ts';
import { sweepPort } from '../../../worker/sweep.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';

const by = { by: 'test', reason: 'enough', keepRecording: false };
const places = { default: 'eu-west-1', us: 'us-east-1' };
type Account = keyof typeof places;
let env: TestEnvironment;
let vendors: Record<Account, FakeVendor>;
/** Whether channels are known by an id that is theirs alone, as at Amazon IVS. */
let hasIds = false;
/** Whether each channel is listed twice, under another id. */
let hasDoubles = false;
let answers: SweepPort['channelOf'] | undefined;

beforeAll(async () => {
  env = await testEnvironment();
  const port = sweepPort(env.client);
  await env.work(
    activitiesOnAccounts(
      {},
      {
        driver: async (_vendor, account) => driverOf(account as Account),
        accounts: () => Object.keys(places),
        allAccounts: () => Object.keys(places).map((account) => ({ vendor: 'alibaba-oss', account })),
        sweep: {
          ...port,
          channelOf: (workflowId) => (answers ?? port.channelOf)?.(workflowId) ?? Promise.resolve(undefined),
        },
      },
    ),
  );
});
afterAll(() => env.close());
beforeEach(() => {
  [hasIds, hasDoubles] = [false, false];
  answers = undefined;
  vendors = { default: new FakeVendor(), us: new FakeVendor() };
  vendors.default.place = places.default;
  vendors.us.place = places.us;
});

function driverOf(account: Account): VendorDriver {
  const vendor = vendors[account];
  const driver = vendor.driver(account);
  if (!hasIds) return driver;
  const withId = (ref: ChannelRef): ChannelRef => ({ ...ref, id: `arn:${vendor.place}:${ref.name}` });
  return {
    ...driver,
    async allocate(event) {
      const made = await driver.allocate(event);
      return made.done ? { ...made, value: { ...made.value, ref: withId(made.value.ref) } } : made;
    },
    async owned() {
      const items = (await driver.owned()).items.map(withId);
      const doubles = hasDoubles ? items.map((ref) => ({ ...ref, id: `${ref.id}:double` })) : [];
      return { items: [...items, ...doubles] };
    },
  };
}

const sweep = async (options: SweepOptions = {}) => {
  const { accounts } = await sweepNow(env.client, { graceMs: 10, ...options, taskQueue: env.taskQueue });
  return Object.fromEntries(accounts.map(({ account, orphans }) => [account, orphans]));
};

async function live(eventId: string, account: Account): Promise<void> {
  const plan = planFor({ account, duration: '120s', waits: { firstConnect: '120s' } });
  await env.showcaller.start({ ...plan, eventId });
  await until(
    async () => (await env.showcaller.status(eventId).catch(() => undefined))?.phase === 'waiting-for-encoder',
  );
}

const terminate = (eventId: string) =>
  env.client.workflow.getHandle(`live-event/${eventId}`).terminate('as it should not');

/** An event that was terminated on air at one account and is on air at another. */
async function movedShow(): Promise<{ eventId: string; name: string }> {
  const { eventId } = planFor();
  await live(eventId, 'default');
  await terminate(eventId);
  await live(eventId, 'us');
  const name = `sc-${eventId}`;
  expect(vendors.default.channels.get(name)).toMatchObject({ open: true });
  expect(vendors.us.channels.get(name)).toMatchObject({ open: true });
  return { eventId, name };
}

async function end(eventId: string): Promise<void> {
  await env.showcaller.stopNow(eventId, by);
  await env.showcaller.result(eventId);
}

describe('the sweep of an event that was terminated at one account and started again at another', () => {
  it.each([true, false])(
    'reports the first channel under the show, and releases it once that is over, with ids: %s',
    async (ids) => {
      hasIds = ids;
      const { eventId, name } = await movedShow();
      const reported = { outcome: 'left alone', reason: isElsewhere, ref: { name, account: 'default' } };
      expect(await sweep({ unknownToo: true })).toMatchObject({ default: [reported], us: [] });
      expect(vendors.default.channels.get(name)).toMatchObject({ open: true });
      await end(eventId);
      expect(await sweep()).toMatchObject({
        default: [{ outcome: 'released', reason: 'its run is over', ref: { name } }],
        us: [],
      });
      expect(vendors.default.channels.size).toBe(0);
    },
  );

  it('never touches a channel on air that both accounts list, beside a double of it whose answer was lost', async () => {
    [hasIds, hasDoubles] = [true, true];
    vendors.default = vendors.us;
    const { eventId } = planFor();
    await live(eventId, 'us');
    expect(await sweep({ unknownToo: true })).toMatchObject({ default: [{ outcome: 'left alone' }] });
    expect(vendors.us.channels.get(`sc-${eventId}`)).toMatchObject({ open: true });
    await end(eventId);
  });

  it.each([true, false])('never touches a channel on air that both accounts list, with ids: %s', async (ids) => {
    hasIds = ids;
    vendors.default = vendors.us;
    const { eventId } = planFor();
    await live(eventId, 'us');
    expect(await sweep({ unknownToo: true })).toEqual({ default: [], us: [] });
    expect(vendors.us.channels.get(`sc-${eventId}`)).toMatchObject({ open: true });
    await end(eventId);
  });

  it('never touches a channel on air that both accounts list, each under another name for its place', async () => {
    const { eventId } = planFor();
    await live(eventId, 'us');
    vendors.default.channels.set(`sc-${eventId}`, { open: true, encoder: 'absent', session: 0, sessions: [] });
    vendors.default.place = 'us-east-1 at another-host';
    expect(await sweep({ unknownToo: true })).toMatchObject({ default: [{ outcome: 'left alone' }], us: [] });
    expect(vendors.default.channels.size).toBe(1);
    await end(eventId);
  });

  it('releases nothing under the show while the run does not say which channel it has', async () => {
    hasIds = true;
    const { eventId, name } = await movedShow();
    answers = async () => undefined;
    const expected = { default: [{ outcome: 'not released', reason: isSilent, detail: expect.any(String) }], us: [] };
    const dry = await sweep({ dryRun: true });
    expect(dry).toMatchObject(expected);
    expect(dry.default?.[0]?.detail).toContain('the next sweep asks again');
    expect(await sweep()).toEqual(dry);
    expect(vendors.default.channels.get(name)).toMatchObject({ open: true });
    answers = undefined;
    await end(eventId);
  });
});

it('releases nothing in another place while the run that is over does not answer, and says so', async () => {
  const { eventId } = planFor();
  await live(eventId, 'us');
  await terminate(eventId);
  // What the account leads to now differs in the place alone.
  vendors.us.place = 'ap-south-1';
  answers = () => Promise.reject(new Error('deadline exceeded'));
  expect((await sweep()).us).toMatchObject([
    { outcome: 'not released', reason: isSilent, detail: expect.stringContaining('the next sweep asks again') },
  ]);
  answers = undefined;
  expect((await sweep()).us).toMatchObject([{ outcome: 'left alone', reason: isElsewhere }]);
  expect(vendors.us.channels.size).toBe(1);
  vendors.us.place = places.us;
  expect((await sweep()).us).toMatchObject([{ outcome: 'released' }]);
});
