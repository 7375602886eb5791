import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LiveChannel } from '../../../domain/channel.ts';
import { VendorError } from '../../../domain/errors.ts';
import { pollerIdOf } from '../../../domain/ids.ts';
import { pollerPort } from '../../../worker/poller.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOn, planFor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { by } from './workflows-harness.ts';

const account = 'poller-answers';
const many = 8;
let env: TestEnvironment;
let vendor: FakeVendor;
/** What the second list gives, where it is set: the one after the first that has an encoder. */
let second: ((live: LiveChannel[]) => LiveChannel[]) | undefined;
let hadEncoder = false;
let proves = true;
let asks: { answers: number; resets: number };

beforeAll(async () => {
  env = await testEnvironment();
  vendor = new FakeVendor();
  vendor.lists = true;
  const { workflowService } = env.client;
  const { respondActivityTaskCompletedById, resetActivity } = workflowService;
  Object.assign(workflowService, {
    respondActivityTaskCompletedById: (given: never) => {
      asks.answers += 1;
      return respondActivityTaskCompletedById.call(workflowService, given);
    },
    resetActivity: (given: never) => {
      asks.resets += 1;
      return resetActivity.call(workflowService, given);
    },
  });
  const driver = async () => {
    const { listProves, listLive, ...own } = vendor.driver(account);
    const list = async () => {
      const live = (await listLive?.()) ?? [];
      const isSecond = hadEncoder;
      hadEncoder = live.length > 0;
      return isSecond && second ? second(live) : live;
    };
    return { ...own, listLive: list, ...(proves && listProves && { listProves }) };
  };
  const poller = pollerPort(env.client, env.taskQueue);
  await env.work(activitiesOn(vendor, { driver, accounts: () => [account], poller }));
});
beforeEach(() => {
  second = undefined;
  hadEncoder = false;
  asks = { answers: 0, resets: 0 };
});
afterAll(async () => {
  await endPoller();
  await env.close();
});

const endPoller = () => env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account)).terminate();
const looksAt = (ids: readonly string[]) => ids.map((id) => vendor.count('observe', `sc-${id}`));

const phaseOf = async (eventId: string) => (await env.showcaller.status(eventId).catch(() => undefined))?.phase;
const allAre = (ids: readonly string[], wanted: string) =>
  until(async () => (await Promise.all(ids.map(phaseOf))).every((phase) => phase === wanted));

/** Shows that wait for their encoder, and that the poller follows. */
async function waiting(count: number): Promise<string[]> {
  const waits = { firstConnect: '50m', encoderLost: '50m' };
  const plans = Array.from({ length: count }, () => planFor({ account, duration: '60m', waits }));
  await Promise.all(plans.map((plan) => env.showcaller.start(plan)));
  const ids = plans.map(({ eventId }) => eventId);
  await allAre(ids, 'waiting-for-encoder');
  await until(() => looksAt(ids).every((looks) => looks === 1));
  const { listings } = vendor;
  await until(() => vendor.listings > listings + 1);
  asks = { answers: 0, resets: 0 };
  return ids;
}

const connect = (ids: readonly string[]) => {
  for (const id of ids) vendor.connect(`sc-${id}`);
};

/** Shows that were waiting, whose encoders have come. */
async function live(): Promise<string[]> {
  const ids = await waiting(many);
  connect(ids);
  await allAre(ids, 'live');
  // The first of the watch that follows is the second of the run.
  await until(() => looksAt(ids).every((looks) => looks === 2));
  return ids;
}

async function end(ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => env.showcaller.stopNow(id, { ...by, keepRecording: false })));
  await Promise.all(ids.map((id) => env.showcaller.result(id)));
}

describe('encoders of many runs that two lists show', () => {
  it('are the answers to their runs, none of which makes a look of its own for it', async () => {
    const ids = await live();
    expect(asks).toEqual({ answers: many, resets: 0 });
    const { encoder, windows } = await env.showcaller.status(ids[0] ?? '');
    expect({ encoder, windows: windows?.length }).toEqual({ encoder: 'connected', windows: 1 });
    await end(ids);
  });

  it('are the answers too when all have another session', async () => {
    const ids = await live();
    for (const id of ids) vendor.disconnect(`sc-${id}`);
    connect(ids);
    await until(() => asks.answers === 2 * many);
    expect(asks.resets).toBe(0);
    await end(ids);
  });
});

describe('runs are made to look by themselves', () => {
  it('when they are few', async () => {
    const ids = await waiting(2);
    connect(ids);
    await allAre(ids, 'live');
    expect(asks).toEqual({ answers: 0, resets: 2 });
    await end(ids);
  });

  it('where the list of the vendor also has what is closed', async () => {
    proves = false;
    await endPoller();
    const ids = await waiting(many);
    connect(ids);
    await allAre(ids, 'live');
    expect(asks).toEqual({ answers: 0, resets: many });
    await end(ids);
    proves = true;
    await endPoller();
  });

  it('where the second list does not show the encoder', async () => {
    const ids = await waiting(many);
    second = (live) => live.filter(({ channel }) => channel !== `sc-${ids[0]}`);
    connect(ids);
    await until(() => asks.answers + asks.resets === many);
    expect(asks).toEqual({ answers: many - 1, resets: 1 });
    second = undefined;
    await allAre(ids, 'live');
    await end(ids);
  });

  it('where the vendor gives no second list', async () => {
    const ids = await waiting(many);
    second = () => {
      throw new VendorError({ kind: 'unavailable', vendor: 'alibaba-oss', operation: 'List', message: 'as asked' });
    };
    connect(ids);
    await until(() => asks.resets === many);
    second = undefined;
    await allAre(ids, 'live');
    expect(asks.answers).toBe(0);
    await end(ids);
  });

  it('when their encoders are gone', async () => {
    const ids = await live();
    for (const id of ids) vendor.disconnect(`sc-${id}`);
    await allAre(ids, 'encoder-lost');
    expect(asks).toEqual({ answers: many, resets: many });
    await end(ids);
  });
});
