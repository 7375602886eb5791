import { describe, expect, it } from 'vitest';
import { checkSchedule } from '../../../../client/schedules/check.ts';
import { previewOf } from '../../../../client/schedules/view.ts';
import { type Changes, scheduleFor } from '../../../support/schedules-harness.ts';

const now = Date.UTC(2026, 11, 1, 12);

const check = (changes: Changes = {}) => checkSchedule(scheduleFor(changes), now);

function problemsOf(changes: Changes) {
  const checked = check(changes);
  return checked.ok ? [] : checked.problems;
}

function preview(changes: Changes = {}) {
  const checked = check(changes);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return previewOf(checked.definition, now);
}

const refusals: [string, Changes, string, RegExp][] = [
  ['an id too long for the instant after it', { scheduleId: 'a'.repeat(80) }, 'scheduleId', /at most 79 characters/],
  ['an id with a slash', { scheduleId: 'a/b' }, 'scheduleId', /letters, digits/],
  ['no time zone', { spec: { timeZone: undefined } }, 'spec.timeZone', /required/],
  ['an unknown zone', { spec: { timeZone: 'Mars/Base' } }, 'spec.timeZone', /IANA name/],
  ['an offset for a zone', { spec: { timeZone: '+01:00' } }, 'spec.timeZone', /IANA name/],
  ['neither cron nor calendars', { spec: { cron: undefined } }, 'spec.cron', /required/],
  ['a cron with six fields', { spec: { cron: '0 0 20 * * *' } }, 'spec.cron', /five fields/],
  ['a minute of 60', { spec: { cron: '60 20 * * *' } }, 'spec.cron', /from 0 to 59/],
  ['a range backwards', { spec: { cron: '0 20 * * fri-mon' } }, 'spec.cron', /has "fri-mon"/],
  ['a step of nothing', { spec: { cron: '*/0 20 * * *' } }, 'spec.cron', /a step/],
  ['a zone inside cron', { spec: { cron: 'CRON_TZ=UTC 0 20 * * *' } }, 'spec.cron', /say it in timeZone/],
  ['an interval', { spec: { cron: '@every 1h' } }, 'spec.cron', /interval/],
  ['a day that never comes', { spec: { cron: '0 20 31 2 *' } }, 'spec', /never comes/],
  ['no calendar at all', { spec: { cron: undefined, calendars: [] } }, 'spec.calendars', /at least 1/],
  [
    'a calendar with a bad field',
    { spec: { cron: undefined, calendars: [{ hour: 24 }] } },
    'spec.calendars[0].hour',
    /0 to 23/,
  ],
  [
    'a calendar without hour',
    { spec: { cron: undefined, calendars: [{ minute: 5 }] } },
    'spec.calendars[0].hour',
    /cron field/,
  ],
  ['a start without zone', { spec: { startAt: '2027-01-01T00:00:00' } }, 'spec.startAt', /no time zone/],
  [
    'an end before the start',
    { spec: { startAt: '2027-02-01T00:00:00Z', endAt: '2027-01-01T00:00:00Z' } },
    'spec.endAt',
    /before startAt/,
  ],
  ['an end before any show', { spec: { endAt: '2026-12-01T12:00:00Z' } }, 'spec', /never comes before endAt/],
  [
    'a last show too near to warm up for',
    { spec: { cron: '5 13 * * *', endAt: '2026-12-01T12:05:00Z' } },
    'spec',
    /no show whose preparation could still begin, 15m before/,
  ],
  [
    'a zone that changes by half an hour, near its change',
    { spec: { cron: '30 1 * * *', timeZone: 'Australia/Lord_Howe' } },
    'spec',
    /2027-04-04 01:30 is too near/,
  ],
  ['no overlap', { overlap: undefined }, 'overlap', /"allow-all" or "skip" or "buffer-one"/],
  ['an overlap that kills', { overlap: 'terminate-other' as 'skip' }, 'overlap', /must be "allow-all"/],
  ['a catch-up shorter than Temporal knows', { catchUp: '9s' }, 'catchUp', /at least 10s/],
  ['a catch-up of a year', { catchUp: '365d' }, 'catchUp', /at most 7d/],
  ['a catch-up that is none', { catchUp: 'soon' }, 'catchUp', /not a duration/],
  ['an unknown field', { zone: 'UTC' } as Changes, 'zone', /not a known field/],
  ['an unknown field of the spec', { spec: { jitter: '1m' } }, 'spec.jitter', /not a known field/],
  ['a plan with a start', { plan: { startsAt: '2027-01-01T00:00:00Z' } }, 'plan.startsAt', /the schedule says when/],
  ['a plan with an end', { plan: { endsAt: '2027-01-01T00:00:00Z' } }, 'plan.endsAt', /give duration/],
  ['a plan with a lead of its own', { plan: { startsAfter: '5m' } }, 'plan.startsAfter', /the schedule says when/],
  ['a plan without duration', { plan: { duration: undefined } }, 'plan.duration', /required/],
  ['a plan for another event', { plan: { eventId: 'other' } }, 'plan.eventId', /leave it out/],
  ['an unknown vendor', { plan: { vendor: 'vimeo' } }, 'plan.vendor', /one of/],
  [
    'an overrun up to one instant',
    { plan: { overrun: { while: 'encoder-connected', until: '2027-01-01T00:00:00Z' } } },
    'plan.overrun.until',
    /say how long after the end/,
  ],
];

describe('a schedule is refused', () => {
  it.each(refusals)('with %s', (_, changes, path, message) => {
    expect(problemsOf(changes)).toEqual([expect.objectContaining({ path, message: expect.stringMatching(message) })]);
  });

  it('with everything that is wrong with it and with its plan at once', () => {
    const problems = problemsOf({
      scheduleId: 'a/b',
      overlap: undefined,
      catchUp: '1s',
      spec: { cron: 'never', timeZone: 'Mars/Base' },
      plan: { vendor: 'vimeo', startsAt: '2027-01-01T00:00:00Z', duration: 'long', waits: { firstConnect: 'long' } },
    });
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'catchUp',
      'overlap',
      'plan.duration',
      'plan.startsAt',
      'plan.vendor',
      'plan.waits.firstConnect',
      'scheduleId',
      'spec.cron',
      'spec.timeZone',
    ]);
  });

  it.each([undefined, null, 'daily', []])('that is %j', (given) => {
    expect(checkSchedule(given, now)).toMatchObject({ ok: false, problems: [{ path: '' }] });
  });

  it('without plan', () => {
    const { plan: _, ...rest } = scheduleFor();
    expect(checkSchedule(rest, now)).toMatchObject({ problems: [{ path: 'plan' }] });
  });
});

describe('a preview', () => {
  it('shows five instants in UTC and as the clock shows them, with the ids of their events', () => {
    const { shows, warnings } = preview({ scheduleId: 'noon' });
    expect(shows).toHaveLength(5);
    expect(shows[0]).toEqual({
      startsAt: '2026-12-02T11:00:00.000Z',
      local: '2026-12-02 12:00 +01:00',
      beginsAt: '2026-12-02T10:45:00.000Z',
      eventId: 'noon-2026-12-02T10:45:00Z',
    });
    expect(warnings).toEqual([]);
  });

  it('warns of the show that is skipped and of the one that comes twice within a year', () => {
    expect(preview({ spec: { cron: '30 2 * * *' } }).warnings).toEqual([
      '2027-03-28 02:30 in Europe/Berlin is skipped by a daylight-saving change: no show then',
      '2027-10-31 02:30 in Europe/Berlin comes twice by a daylight-saving change: two shows, at 2027-10-31T00:30:00.000Z and 2027-10-31T01:30:00.000Z',
    ]);
  });

  it('warns of nothing on days when there is no show', () => {
    expect(preview({ spec: { cron: '30 2 * * mon' } }).warnings).toEqual([]);
  });

  it('warns of nothing after the last show', () => {
    expect(preview({ spec: { cron: '30 2 * * *', endAt: '2027-03-01T00:00:00Z' } }).warnings).toEqual([]);
  });

  it('takes the warm-up of the vendor where the plan says none', () => {
    expect(preview({ plan: { vendor: 'aws-ivs', warmUp: undefined, startLead: undefined } }).lead).toBe('10m');
  });

  it('rounds a lead up to whole seconds, which is what Temporal knows', () => {
    expect(preview({ plan: { warmUp: '1500ms', startLead: '0s' } }).lead).toBe('2s');
  });

  it('says nothing of a show whose preparation should have begun', () => {
    expect(preview({ spec: { cron: '10 13 * * *' } }).shows[0]?.local).toBe('2026-12-02 13:10 +01:00');
  });

  it('has both kinds of day match, as Temporal does: the first Monday of the month', () => {
    const { shows } = preview({ spec: { cron: '0 20 1-7 * mon' } });
    expect(shows.map(({ local }) => local.slice(0, 10))).toEqual([
      '2026-12-07',
      '2027-01-04',
      '2027-02-01',
      '2027-03-01',
      '2027-04-05',
    ]);
  });
});
