import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OnAirChange } from '../../../domain/on-air.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { legsPort } from '../../../worker/legs.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { activitiesOnAccounts, planFor } from '../../support/shows.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import { looksAt, twoLegs } from './legs-harness.ts';

let env: TestEnvironment;
/** One vendor in memory for each account. */
const vendors = { a: new FakeVendor(), b: new FakeVendor() };
beforeAll(async () => {
  env = await testEnvironment();
  await env.work(activitiesOnAccounts(vendors, { legs: legsPort(env.client) }));
});
afterAll(() => env.close());

const darkMs = 10_000;

/** An event with two hot legs whose encoder sends to both, and what viewers of the first get. */
async function show() {
  const { vendor: _, ...plan } = planFor({ duration: '5m', waits: { firstConnect: '60s', encoderLost: '60s' } });
  const { eventId } = plan;
  await env.showcaller.start({ ...plan, legs: twoLegs(), failover: { dark: `${darkMs}ms` } });
  const { when } = looksAt(env, eventId);
  const allAre = (phase: string) => when((now) => now.legs?.every(({ status }) => status?.phase === phase) ?? false);
  const open = await allAre('waiting-for-encoder');
  const connect = (at: 0 | 1, vendor: FakeVendor) => vendor.connect(open.legs?.[at]?.status?.channel?.ref.name ?? '');
  // The leg that is live first is on air.
  connect(0, vendors.a);
  await when((now) => onAir(now) === 'main');
  connect(1, vendors.b);
  await allAre('live');
  const leg = env.client.workflow.getHandle(`live-event/${eventId}@main`);
  const viewersGet = (state: OnAirChange['state'], reason?: string) =>
    leg.signal('onAir', { state, at: Date.now(), ...(reason && { reason }) });
  return { eventId, when, viewersGet };
}

const onAir = ({ legsOnAir }: EventStatus) => legsOnAir?.at(-1)?.leg;

test.each(['dark', 'frozen', 'gone'] as const)(
  'viewers of a live leg who get nothing new (%s) are sent to the other leg after failover.dark, and no sooner',
  async (state) => {
    const { eventId, when, viewersGet } = await show();
    await viewersGet('on-air');
    await when((now) => now.legs?.[0]?.status?.onAir?.state === 'on-air');
    expect(onAir(await env.showcaller.status(eventId))).toBe('main');
    const lostAt = Date.now();
    await viewersGet(state, 'no new segment for 7 s');
    const moved = await when((now) => onAir(now) === 'backup');
    const movedAfter = (moved.legsOnAir?.at(-1)?.from ?? 0) - lostAt;
    expect(movedAfter).toBeGreaterThanOrEqual(darkMs);
    expect(movedAfter).toBeLessThan(darkMs + 2_000);
    expect(moved.legs?.[0]?.failed?.reason).toMatch(/viewers/);
    await env.showcaller.cancel(eventId);
    await when(({ phase }) => phase === 'cancelled');
  },
);

test('viewers of whom nothing is known are no failure: the leg stays on air', async () => {
  const { eventId, when, viewersGet } = await show();
  await viewersGet('on-air');
  await viewersGet('unknown', 'the playlist could not be asked for');
  await when((now) => now.legs?.[0]?.status?.onAir?.state === 'unknown');
  await new Promise((resolve) => setTimeout(resolve, 4 * darkMs));
  expect(onAir(await env.showcaller.status(eventId))).toBe('main');
  await env.showcaller.cancel(eventId);
  await when(({ phase }) => phase === 'cancelled');
});
