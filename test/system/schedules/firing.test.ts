import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { type Schedules, schedulesOf, soon } from '../../support/schedules-harness.ts';
import { fakeVendor } from '../../support/shows.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
let shows: Schedules;
const { vendor, activities } = fakeVendor();

beforeAll(async () => {
  env = await testEnvironment();
  shows = schedulesOf(env);
});
afterAll(async () => {
  await shows.clear();
  await env.close();
});

const by = { by: 'tester', reason: 'the test says so' };

/** A show soon, of a schedule of its own. */
async function show(at: ReturnType<typeof soon>, duration: string) {
  const { warmUp, cron } = at;
  const report = await shows.create({
    plan: { duration, warmUp, startLead: '1s' },
    spec: { cron, timeZone: 'UTC' },
  });
  const [next] = report.shows;
  if (!next) throw new Error('no show to come');
  return { ...next, scheduleId: report.scheduleId };
}

const status = (eventId: string) => env.showcaller.status(eventId).catch(() => undefined);

describe('schedules that fire', () => {
  it('begin their runs before the show, at the same instant, whether or not a worker runs; a late worker joins or is too late; paused ones begin nothing', async () => {
    const at = soon();
    const [long, brief, paused] = await Promise.all([show(at, '10m'), show(at, '3s'), show(at, '10m')]);
    await shows.schedules.pause(paused.scheduleId, 'summer break');
    expect(long.startsAt).toBe(new Date(at.startsAt).toISOString());
    const begun = await Promise.all(
      [long, brief].map(({ eventId }) =>
        until(async () => {
          const handle = env.client.workflow.getHandle(`live-event/${eventId}`);
          return handle.describe().catch(() => undefined);
        }),
      ),
    );
    for (const { startTime } of begun) {
      const lateMs = startTime.getTime() - Date.parse(long.beginsAt);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(startTime.getTime()).toBeLessThan(at.startsAt);
    }
    await until(() => Date.now() > at.startsAt + 4_000);
    expect(await shows.schedules.describe(paused.scheduleId)).toMatchObject({ paused: true, recent: [] });
    await shows.schedules.resume(paused.scheduleId, 'autumn');
    await env.work(activities);

    const joined = await until(async () => {
      const found = await status(long.eventId);
      return found?.phase === 'waiting-for-encoder' && found;
    });
    expect(joined).toMatchObject({ eventId: long.eventId, startsAt: at.startsAt, endsAt: at.startsAt + 600_000 });
    expect(joined.missedMs).toBeGreaterThanOrEqual(4_000);

    const missed = await env.showcaller.result(brief.eventId);
    expect(missed).toMatchObject({ endReason: 'missed', eventId: brief.eventId, startsAt: at.startsAt });
    expect(vendor.count('allocate', `sc-${brief.eventId}`)).toBe(0);

    const [goesOn, over] = await Promise.all(
      [long, brief].map(({ scheduleId }) => shows.schedules.describe(scheduleId)),
    );
    expect(goesOn).toMatchObject({ running: [long.eventId], recent: [{ eventId: long.eventId }], missed: 0 });
    expect(over?.recent.map(({ eventId }) => eventId)).toEqual([brief.eventId]);

    await env.showcaller.stopNow(long.eventId, { ...by, keepRecording: false });
    expect((await env.showcaller.result(long.eventId)).released).toBe(true);

    expect((await shows.schedules.describe(paused.scheduleId)).recent).toEqual([]);

    // With a worker there, a run allocates at once and opens in time.
    const { scheduleId } = long;
    const triggered = await shows.schedules.trigger(scheduleId);
    expect(triggered).toMatchObject({ outcome: 'started', eventId: expect.stringContaining(`${scheduleId}-`) });
    const eventId = triggered.outcome === 'started' ? triggered.eventId : '';
    const allocated = await until(async () => {
      const found = await status(eventId);
      return found?.channel !== undefined && found;
    });
    const leadMs = at.startsAt - Date.parse(long.beginsAt);
    expect(allocated.missedMs).toBeUndefined();
    expect(allocated.startsAt - Date.parse(eventId.slice(scheduleId.length + 1))).toBeGreaterThanOrEqual(leadMs);
    expect(allocated.startsAt - Date.parse(eventId.slice(scheduleId.length + 1))).toBeLessThan(leadMs + 1_000);
    await env.showcaller.cancel(eventId);
    expect((await env.showcaller.result(eventId)).released).toBe(true);
  });
});
