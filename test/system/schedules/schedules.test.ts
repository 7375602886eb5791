import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidPlanError, NoSuchScheduleError, RefusedError } from '../../../client/errors.ts';
import { ShowcallerSchedules } from '../../../client/schedules/schedules.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { type Schedules, scheduleFor, schedulesOf } from '../../support/schedules-harness.ts';
import { until } from '../../support/until.ts';

let env: TestEnvironment;
let shows: Schedules;

beforeAll(async () => {
  env = await testEnvironment();
  shows = schedulesOf(env);
});
afterAll(async () => {
  await shows.clear();
  await env.close();
});

const minute = 60_000;
const described = (scheduleId: string) => env.client.schedule.getHandle(scheduleId).describe();
const atNextSecond = async (): Promise<void> => {
  const now = Math.floor(Date.now() / 1000);
  await until(() => Math.floor(Date.now() / 1000) > now);
};

describe('a new schedule', () => {
  it('starts a run of the live event before each show, by the warm-up of its plan', async () => {
    const made = await shows.create({ plan: { title: 'Noon' }, note: 'for the test' });
    const { action, info, spec, state } = await described(made.scheduleId);
    expect(action).toMatchObject({
      workflowType: 'liveEvent',
      workflowId: `live-event/${made.scheduleId}`,
      taskQueue: env.taskQueue,
      args: [{ eventId: made.scheduleId, title: 'Noon', duration: '1h', startsAfter: '15m' }],
      staticSummary: 'Noon',
    });
    expect(action.args?.[0]).not.toHaveProperty('startsAt');
    expect(spec.timezone).toBe('Europe/Berlin');
    expect(state).toMatchObject({ paused: false, note: 'for the test' });
    expect(made.shows).toHaveLength(5);
    expect(made.shows.map(({ startsAt }) => Date.parse(startsAt))).toEqual(
      info.nextActionTimes.slice(0, 5).map((at) => at.getTime() + 15 * minute),
    );
    for (const { local, startsAt, beginsAt, eventId } of made.shows) {
      expect(local).toMatch(/ 12:00 \+0[12]:00$/);
      expect(Date.parse(startsAt) - Date.parse(beginsAt)).toBe(15 * minute);
      expect(eventId).toBe(`${made.scheduleId}-${beginsAt.replace('.000', '')}`);
    }
  });

  it('is what its preview said', async () => {
    const input = scheduleFor();
    const preview = ShowcallerSchedules.preview(input);
    expect(await shows.keep(input)).toMatchObject(preview);
  });

  it('catches up for as long as its show lasts, counted from the start of the show', async () => {
    const { scheduleId, catchUp } = await shows.create({ plan: { duration: '45m' } });
    expect(catchUp).toBe('45m');
    expect((await described(scheduleId)).policies.catchupWindow).toBe((45 + 15) * minute);
  });

  it('catches up for as long as catchUp says', async () => {
    const { scheduleId } = await shows.create({ catchUp: '10s' });
    expect((await described(scheduleId)).policies.catchupWindow).toBe(15 * minute + 10_000);
  });

  it('starts no show outside its bounds, which count for the show and not for its run', async () => {
    const { shows: all } = await shows.create({
      spec: { startAt: '2027-06-01T12:00:00+02:00', endAt: '2027-06-03T12:00:00+02:00' },
    });
    expect(all.map(({ local }) => local.slice(0, 16))).toEqual([
      '2027-06-01 12:00',
      '2027-06-02 12:00',
      '2027-06-03 12:00',
    ]);
  });

  it('may have several calendars', async () => {
    const { calendars, shows: all } = await shows.create({
      spec: {
        cron: undefined,
        calendars: [
          { hour: 20, minute: 30, dayOfWeek: 'mon-fri' },
          { hour: '10,14', dayOfWeek: 'sat' },
        ],
        startAt: '2027-06-04T00:00:00Z',
      },
    });
    expect(calendars).toEqual(['30 20 * * 1,2,3,4,5', '0 10,14 * * 6']);
    expect(all.map(({ local }) => local.slice(0, 16))).toEqual([
      '2027-06-04 20:30',
      '2027-06-05 10:00',
      '2027-06-05 14:00',
      '2027-06-07 20:30',
      '2027-06-08 20:30',
    ]);
  });

  it('is refused where there is one of that id, which stays as it is', async () => {
    const { scheduleId } = await shows.create();
    const again = shows.create({ scheduleId, plan: { duration: '2h' } });
    await expect(again).rejects.toThrow(RefusedError);
    await expect(again).rejects.toThrow(`there is a schedule ${scheduleId} already`);
    expect((await shows.schedules.describe(scheduleId)).plan.duration).toBe('1h');
  });

  it('is refused with everything that is wrong with it, and not made', async () => {
    const input = scheduleFor({ plan: { vendor: 'vimeo' }, spec: { timeZone: 'Mars/Base' } });
    const refused = await shows.schedules.create(input).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidPlanError);
    expect((refused as InvalidPlanError).problems.map(({ path }) => path)).toEqual(['spec.timeZone', 'plan.vendor']);
    await expect(shows.schedules.describe(input.scheduleId)).rejects.toThrow(NoSuchScheduleError);
  });
});

describe('a schedule', () => {
  it('is set anew by an update, with the clock of its new zone and lead, and stays paused', async () => {
    const { scheduleId } = await shows.create();
    await shows.schedules.pause(scheduleId, 'summer break');
    const spec = { cron: '30 1 * * *', timeZone: 'America/New_York' };
    const updated = await shows.schedules.update(scheduleFor({ scheduleId, plan: { warmUp: '20m' }, spec }));
    expect(updated).toMatchObject({ paused: true, note: 'summer break', lead: '20m', timeZone: 'America/New_York' });
    for (const { local } of updated.shows) expect(local).toMatch(/ 01:30 -0[45]:00$/);
  });

  it('says that it is paused, and why', async () => {
    const { scheduleId } = await shows.create();
    await shows.schedules.pause(scheduleId, 'summer break');
    expect(await shows.schedules.describe(scheduleId)).toMatchObject({ paused: true, note: 'summer break' });
    await shows.schedules.resume(scheduleId, 'autumn');
    expect(await shows.schedules.describe(scheduleId)).toMatchObject({ paused: false, note: 'autumn' });
  });

  it('is listed with the others, and with no schedule of another workflow', async () => {
    const other = `other-${crypto.randomUUID()}`;
    const action = { type: 'startWorkflow', workflowType: 'other', taskQueue: env.taskQueue } as const;
    const handle = await env.client.schedule.create({ scheduleId: other, spec: {}, action });
    const made = await Promise.all([shows.create(), shows.create()]);
    const listed = await until(async () => {
      const ids: string[] = [];
      for await (const { scheduleId } of shows.schedules.list()) ids.push(scheduleId);
      return made.every(({ scheduleId }) => ids.includes(scheduleId)) && ids;
    });
    expect(listed).not.toContain(other);
    await expect(shows.schedules.describe(other)).rejects.toThrow(NoSuchScheduleError);
    await expect(shows.schedules.delete(other)).rejects.toThrow(NoSuchScheduleError);
    await handle.delete();
  });

  it('is gone when it is deleted', async () => {
    const { scheduleId } = await shows.create();
    await shows.schedules.delete(scheduleId);
    await until(() =>
      shows.schedules.describe(scheduleId).then(
        () => false,
        (error: unknown) => error instanceof NoSuchScheduleError,
      ),
    );
  });

  it('warns when it was changed elsewhere', async () => {
    const { scheduleId } = await shows.create();
    // The SDK's own update drops the clock.
    await env.client.schedule.getHandle(scheduleId).update((current) => current);
    expect((await shows.schedules.describe(scheduleId)).warnings[0]).toContain('changed elsewhere');
    const mended = await shows.schedules.update(scheduleFor({ scheduleId }));
    expect(mended.warnings.filter((warning) => warning.includes('elsewhere'))).toEqual([]);
  });

  it.each(['describe', 'trigger', 'delete'] as const)('that does not exist cannot be asked to %s', async (verb) => {
    await expect(shows.schedules[verb]('nobody')).rejects.toThrow(NoSuchScheduleError);
  });

  it.each(['pause', 'resume'] as const)('that does not exist cannot be asked to %s', async (verb) => {
    await expect(shows.schedules[verb]('nobody', 'why')).rejects.toThrow(NoSuchScheduleError);
  });
});

describe('a trigger while the show before is not over', () => {
  it('is skipped by skip', async () => {
    const { scheduleId } = await shows.create({ overlap: 'skip' });
    expect((await shows.schedules.trigger(scheduleId)).outcome).toBe('started');
    await atNextSecond();
    expect(await shows.schedules.trigger(scheduleId)).toEqual({ outcome: 'skipped' });
    expect(await shows.schedules.describe(scheduleId)).toMatchObject({ skipped: 1, overlap: 'skip' });
  });

  it('waits with buffer-one', async () => {
    const { scheduleId } = await shows.create({ overlap: 'buffer-one' });
    const first = await shows.schedules.trigger(scheduleId);
    expect(first.outcome).toBe('started');
    await atNextSecond();
    expect(await shows.schedules.trigger(scheduleId)).toEqual({ outcome: 'buffered' });
  });

  it('begins beside it with allow-all, as an event of its own', async () => {
    const { scheduleId } = await shows.create({ overlap: 'allow-all' });
    const first = await shows.schedules.trigger(scheduleId);
    await atNextSecond();
    const second = await shows.schedules.trigger(scheduleId);
    expect([first.outcome, second.outcome]).toEqual(['started', 'started']);
    const { recent } = await shows.schedules.describe(scheduleId);
    expect(new Set(recent.map(({ eventId }) => eventId)).size).toBe(2);
  });
});
