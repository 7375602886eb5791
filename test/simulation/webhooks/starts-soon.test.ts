import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../domain/plan.ts';
import { planFor } from '../../support/shows.ts';
import { about, dataOf, type Received, startSubscriber, type TestSubscriber, typesOf, whole } from './subscriber.ts';
import { configured, WebhooksHarness } from './webhooks-harness.ts';

const minute = 60_000;
const by = { by: 'tester', reason: 'the test says so' };
let ops: TestSubscriber;
let quiet: TestSubscriber;
let harness: WebhooksHarness;
beforeAll(async () => {
  [ops, quiet] = await Promise.all([startSubscriber(), startSubscriber()]);
  harness = await WebhooksHarness.open({
    // The half hour is one, and passes at once.
    timeScale: 1,
    subscribers: [configured('ops', ops), configured('quiet', quiet, { types: ['ended'], isDefault: false })],
  });
});
afterAll(async () => {
  await harness.close();
  await Promise.all([ops, quiet].map((subscriber) => subscriber.close()));
});

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const show = async (ms: number, more: Partial<Plan> = {}) => {
  const startsAt = inMs(ms);
  const { reaches, ...event } = await harness.show({ startsAt, duration: '1m', warmUp: '1m', ...more });
  return { ...event, reaches, startsAt: Date.parse(startsAt) };
};

/** When subscribers were announced, and of what start. */
const announced = (received: readonly Received[]) =>
  received
    .filter((one) => typesOf([one])[0] === 'starts-soon')
    .map((one) => ({ at: Date.parse(one.event.time ?? ''), startsAt: Date.parse(String(dataOf(one).startsAt)) }));

const timersOf = async ({ history }: Pick<Awaited<ReturnType<typeof show>>, 'history'>) =>
  (await history()).texts[0]?.match(/EVENT_TYPE_TIMER_STARTED/g)?.length ?? 0;

describe('that the show starts soon', () => {
  it('is sent half an hour before, once, and costs five events besides the webhook', async () => {
    const [loud, still] = await Promise.all([show(90 * minute), show(90 * minute, { notify: ['quiet'] })]);
    const received = await whole(ops, loud.eventId);
    expect(announced(received)).toEqual([{ at: expect.any(Number), startsAt: loud.startsAt }]);
    const [{ at } = { at: 0 }] = announced(received);
    expect(at - (loud.startsAt - 30 * minute)).toBeGreaterThanOrEqual(0);
    expect(at - (loud.startsAt - 30 * minute)).toBeLessThan(minute);
    const one = received.find((each) => typesOf([each])[0] === 'starts-soon');
    expect(one && dataOf(one)).toMatchObject({
      phase: 'scheduled',
      message: `the show starts in 30 min, at ${new Date(loud.startsAt).toISOString()}`,
    });
    await whole(quiet, still.eventId);
    // Who does not want it has no timer for it.
    expect((await timersOf(loud)) - (await timersOf(still))).toBe(1);
  });

  it('is not sent of a run that began later', async () => {
    const late = await show(29 * minute);
    expect(announced(await whole(ops, late.eventId))).toEqual([]);
  });

  it('is sent also while the channel takes encoders already, and while the account is about to be looked at', async () => {
    const early = await show(90 * minute, { warmUp: '1h', startLead: '50m' });
    const looking = await show(90 * minute, { preflight: '10m' });
    const phases = async ({ eventId }: { eventId: string }) =>
      (await whole(ops, eventId)).flatMap((one) => (typesOf([one])[0] === 'starts-soon' ? [dataOf(one).phase] : []));
    expect(await phases(early)).toEqual(['waiting-for-encoder']);
    expect(await phases(looking)).toEqual(['scheduled']);
  });

  it('is sent again of another start, and at once of one that is nearer', async () => {
    const event = await show(90 * minute);
    const move = (ms: number) => {
      const times = { startsAt: inMs(ms), endsAt: inMs(ms + minute) };
      return harness.env.showcaller.reschedule(event.eventId, { ...by, ...times });
    };
    await event.reaches('scheduled');
    await move(120 * minute);
    await pause(61 * minute);
    expect(announced(about(ops, event.eventId))).toEqual([]);
    await pause(40 * minute);
    expect(announced(about(ops, event.eventId))).toHaveLength(1);
    await move(60 * minute);
    await pause(minute);
    await move(12 * minute);
    const received = await whole(ops, event.eventId);
    const leads = announced(received).map(({ at, startsAt }) => Math.round((startsAt - at) / minute));
    expect(leads).toEqual([30, 12]);
  });

  it('is sent once of a show with several legs, and not of each leg', async () => {
    const { vendor: _, ...rest } = planFor({ startsAt: inMs(90 * minute), duration: '1m' });
    const legs = [
      { name: 'main', vendor: 'alibaba-oss', account: 'default' },
      { name: 'backup', vendor: 'alibaba-oss', account: 'other' },
    ];
    await harness.env.showcaller.start({ ...rest, legs });
    await whole(ops, rest.eventId);
    const ofTheShow = ops.accepted.filter(({ event }) => event.subject?.startsWith(rest.eventId));
    expect(announced(ofTheShow)).toHaveLength(1);
    expect(ofTheShow.filter((one) => dataOf(one).eventId !== rest.eventId)).not.toEqual([]);
  });

  it('is not sent of a show that was stopped before, although its clean-up goes on', async () => {
    const event = await show(90 * minute, { warmUp: '1h' });
    await pause(35 * minute);
    harness.vendor.fail('cleanUp', 'unauthorized', 10_000);
    await harness.env.showcaller.stopNow(event.eventId, { ...by, keepRecording: false });
    await event.reaches('cleaning-up');
    await pause(60 * minute);
    await event.reaches('cleaning-up');
    await harness.env.showcaller.abandonCleanup(event.eventId, by);
    expect(announced(await whole(ops, event.eventId))).toEqual([]);
  });
});
