import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleOptions, withClock } from '../../../client/schedules/wire.ts';
import { parseCron } from '../../../domain/schedules/calendar.ts';
import { nextOccurrences } from '../../../domain/schedules/occurrences.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';

let env: TestEnvironment;
beforeAll(async () => {
  env = await testEnvironment();
});
afterAll(() => env.close());

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A schedule's clock knows the changes of so many years from when it is made. */
const horizon = Date.now() + 49 * 365 * day;
/** As many as Temporal lists at once. */
const count = 10;

interface Asked {
  cron: string;
  zone: string;
  leadMs: number;
  from: string;
}

/** The shows that Temporal's own next action times mean for a schedule that is made now and starts later. */
async function temporalSays({ cron, zone, leadMs, from }: Asked): Promise<number[]> {
  const scheduleId = `clock-${crypto.randomUUID()}`;
  const definition = {
    scheduleId,
    key: scheduleId,
    plan: { vendor: 'alibaba-oss', eventId: scheduleId, startsAfter: '0s' },
    title: scheduleId,
    recurrence: { zone, calendars: [parseCron(cron)], from: Date.parse(from) },
    leadMs,
    catchUpMs: minute,
    overlap: 'skip',
  } as const;
  const schedules = withClock(env.client.schedule, definition, Date.now());
  const handle = await schedules.create(scheduleOptions(definition, env.taskQueue));
  const { info } = await handle.describe();
  await handle.delete();
  return info.nextActionTimes.map((at) => at.getTime() + leadMs);
}

const weSay = ({ cron, zone, from }: Asked): number[] =>
  nextOccurrences({ zone, calendars: [parseCron(cron)], from: Date.parse(from) }, Date.now(), count);

const iso = (instants: number[]) => instants.map((instant) => `${new Date(instant).toISOString().slice(0, 16)}Z`);

describe('a clock change between two shows', () => {
  const leadMs = 15 * minute;

  it('skips the show at a time that does not exist: Berlin, 2027-03-28 02:30', async () => {
    const asked = { cron: '30 2 * * *', zone: 'Europe/Berlin', leadMs, from: '2027-03-26T12:00:00Z' };
    expect(iso(await temporalSays(asked)).slice(0, 3)).toEqual([
      '2027-03-27T01:30Z',
      '2027-03-29T00:30Z',
      '2027-03-30T00:30Z',
    ]);
  });

  it('doubles the show at a time that comes twice: Berlin, 2027-10-31 02:30', async () => {
    const asked = { cron: '30 2 * * *', zone: 'Europe/Berlin', leadMs, from: '2027-10-29T12:00:00Z' };
    expect(iso(await temporalSays(asked)).slice(0, 4)).toEqual([
      '2027-10-30T00:30Z',
      '2027-10-31T00:30Z',
      '2027-10-31T01:30Z',
      '2027-11-01T01:30Z',
    ]);
  });

  it('does not double the show before it', async () => {
    const asked = { cron: '30 1 * * *', zone: 'Europe/Berlin', leadMs, from: '2027-10-29T12:00:00Z' };
    expect(iso(await temporalSays(asked)).slice(0, 3)).toEqual([
      '2027-10-29T23:30Z',
      '2027-10-30T23:30Z',
      '2027-11-01T00:30Z',
    ]);
  });

  it('doubles the show at a time that comes twice: New York, 2027-11-07 01:30', async () => {
    const asked = { cron: '30 1 * * *', zone: 'America/New_York', leadMs, from: '2027-11-05T12:00:00Z' };
    expect(iso(await temporalSays(asked)).slice(0, 4)).toEqual([
      '2027-11-06T05:30Z',
      '2027-11-07T05:30Z',
      '2027-11-07T06:30Z',
      '2027-11-08T06:30Z',
    ]);
  });

  it('leaves the lead as it is when it falls between the run and its show', async () => {
    const asked = { cron: '30 3 * * *', zone: 'Europe/Berlin', leadMs: 3 * hour, from: '2027-03-26T12:00:00Z' };
    expect(iso(await temporalSays(asked)).slice(0, 3)).toEqual([
      '2027-03-27T02:30Z',
      '2027-03-28T01:30Z',
      '2027-03-29T01:30Z',
    ]);
  });
});

describe("Temporal's next action times are ours, for fifty years, whatever the lead", () => {
  const crons = ['30 2 * * *', '30 1 * * *', '15 0 * * *', '*/30 1-3 * * sun', '0 0 1 * *', '10 0 29 2 *'];
  const leads = [0, 15 * minute, 7 * hour + 1_000, 30 * day];
  it.each([
    ['UTC', '2027-03-27T12:00:00Z'],
    ['Europe/Berlin', '2027-03-27T12:00:00Z'],
    ['Europe/Berlin', '2027-10-30T12:00:00Z'],
    ['Europe/Berlin', '2055-10-29T12:00:00Z'],
    ['America/New_York', '2027-03-13T12:00:00Z'],
    ['America/New_York', '2027-11-06T12:00:00Z'],
    ['Asia/Kolkata', '2027-03-27T12:00:00Z'],
    ['America/St_Johns', '2027-11-06T12:00:00Z'],
    ['Pacific/Chatham', '2027-04-03T00:00:00Z'],
    ['Africa/Casablanca', '2027-02-06T00:00:00Z'],
  ])('in %s from %s', async (zone, from) => {
    for (const cron of crons) {
      for (const leadMs of leads) {
        const asked = { cron, zone, leadMs, from };
        const all = await temporalSays(asked);
        const says = iso(all.filter((at) => at < horizon));
        expect(says.length, `${cron} ${leadMs}`).toBeGreaterThan(4);
        expect(says, `${cron} ${leadMs}`).toEqual(iso(weSay(asked)).slice(0, says.length));
      }
    }
  });
});
