import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, Observation } from '../../../domain/channel.ts';
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
let env: TestEnvironment;
let vendor: FakeVendor;
/** How many channels each look at named ones was for. */
let looks: number[];
/** What a look sees instead, where it is set. */
let sees: ((channels: readonly Channel[]) => Promise<Observation[]>) | undefined;
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
    const own = vendor.driver(account);
    return {
      ...own,
      observe: (channels: readonly Channel[]) => {
        looks.push(channels.length);
        return sees ? sees(channels) : own.observe(channels);
      },
    };
  };
  await env.work(
    activitiesOn(vendor, { driver, accounts: () => [account], poller: pollerPort(env.client, env.taskQueue) }),
  );
});
beforeEach(() => {
  sees = undefined;
  looks = [];
  asks = { answers: 0, resets: 0 };
});
afterAll(async () => {
  await env.client.workflow.getHandle(pollerIdOf(env.taskQueue, 'alibaba-oss', account)).terminate();
  await env.close();
});

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
  await until(() => looks.length === count);
  const { listings } = vendor;
  await until(() => vendor.listings > listings + 1);
  looks = [];
  asks = { answers: 0, resets: 0 };
  return ids;
}

const connect = (ids: readonly string[]) => {
  for (const id of ids) vendor.connect(`sc-${id}`);
};

async function end(ids: readonly string[]): Promise<void> {
  sees = undefined;
  await Promise.all(ids.map((id) => env.showcaller.stopNow(id, { ...by, keepRecording: false })));
  await Promise.all(ids.map((id) => env.showcaller.result(id)));
}

describe('an encoder that two looks of the poller saw', () => {
  it('is the answer to its run, which makes no look of its own for it', async () => {
    const ids = await waiting(1);
    connect(ids);
    await allAre(ids, 'live');
    expect(asks).toEqual({ answers: 1, resets: 0 });
    // The confirming one, and the first of the watch that follows.
    await until(() => looks.length === 2);
    const { encoder, windows } = await env.showcaller.status(ids[0] ?? '');
    expect({ encoder, windows: windows?.length }).toEqual({ encoder: 'connected', windows: 1 });
    await end(ids);
  });

  it('is confirmed for hundreds by one look at the account', async () => {
    const ids = await waiting(30);
    connect(ids);
    await allAre(ids, 'live');
    expect(asks.answers).toBe(30);
    expect(looks.filter((channels) => channels > 1)).toEqual([30]);
    await end(ids);
  });

  it('and that has another session is the answer too', async () => {
    const ids = await waiting(1);
    connect(ids);
    await allAre(ids, 'live');
    await until(() => looks.length === 2);
    vendor.disconnect(`sc-${ids[0]}`);
    connect(ids);
    await until(() => asks.answers === 2);
    expect(asks.resets).toBe(0);
    await end(ids);
  });
});

describe('a run is made to look by itself', () => {
  it('when the second look of the poller sees no encoder', async () => {
    const ids = await waiting(1);
    sees = async () => [{ encoder: 'absent' }];
    connect(ids);
    await until(() => asks.resets === 1 && looks.length === 2);
    expect(asks.answers).toBe(0);
    expect(await phaseOf(ids[0] ?? '')).toBe('waiting-for-encoder');
    await end(ids);
  });

  it('when the vendor does not answer the second look', async () => {
    const ids = await waiting(1);
    sees = async () => {
      if (looks.length > 1) sees = undefined;
      throw new VendorError({
        kind: 'unavailable',
        vendor: 'alibaba-oss',
        operation: 'Look',
        message: 'as the test asked',
      });
    };
    connect(ids);
    await allAre(ids, 'live');
    expect(asks).toEqual({ answers: 0, resets: 1 });
    await end(ids);
  });

  it('when its encoder is gone', async () => {
    const ids = await waiting(1);
    connect(ids);
    await allAre(ids, 'live');
    await until(() => looks.length === 2);
    vendor.disconnect(`sc-${ids[0]}`);
    await allAre(ids, 'encoder-lost');
    expect(asks).toEqual({ answers: 1, resets: 1 });
    await end(ids);
  });
});
