import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../plan/check.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 11, 1, 12);
const plan = { eventId: 'weekly', vendor: 'alibaba-oss', duration: '1h' };

const check = (changes: object, nominalStart?: number) => checkPlan({ ...plan, ...changes }, { now, nominalStart });

function prepared(changes: object, nominalStart?: number) {
  const checked = check(changes, nominalStart);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.plan;
}

function problems(changes: object) {
  const checked = check(changes);
  return checked.ok ? [] : checked.problems;
}

describe('startsAfter', () => {
  it('starts the show that long after the nominal time of a schedule', () => {
    const nominal = Date.UTC(2026, 11, 2, 17, 45);
    expect(prepared({ startsAfter: '15m' }, nominal)).toMatchObject({
      startsAt: nominal + 15 * minute,
      endsAt: nominal + 15 * minute + hour,
    });
  });

  it('starts the show that long after now where no schedule started it', () => {
    expect(prepared({ startsAfter: 'PT10M' }).startsAt).toBe(now + 10 * minute);
  });

  it('is refused beside startsAt', () => {
    expect(problems({ startsAfter: '15m', startsAt: '2026-12-01T18:00:00Z' })).toEqual([
      { path: 'startsAfter', given: '"15m"', message: 'and startsAt are both given: give one of them' },
    ]);
  });

  it('is refused when the show would be over before it starts', () => {
    const found = problems({ startsAfter: '2h', duration: undefined, endsAt: '2026-12-01T13:00:00Z' });
    expect(found.map(({ path }) => path)).toEqual(['endsAt']);
  });

  it('is refused when it is no duration, with no second problem about times that hang on it', () => {
    expect(problems({ startsAfter: 'soon' }).map(({ path }) => path)).toEqual(['startsAfter']);
  });
});

describe('the cap of an overrun', () => {
  const overrun = (until: string) => ({ overrun: { while: 'encoder-connected', until } });

  it('may be a duration after the planned end', () => {
    const { endsAt, overrun: cap } = prepared(overrun('30m'));
    expect(cap?.until).toBe(endsAt + 30 * minute);
  });

  it('is counted from the planned end of each occurrence', () => {
    const nominal = Date.UTC(2027, 0, 5, 18);
    expect(prepared(overrun('PT30M'), nominal).overrun?.until).toBe(nominal + hour + 30 * minute);
  });

  it('may still be an instant', () => {
    expect(prepared(overrun('2026-12-01T14:00:00Z')).overrun?.until).toBe(Date.UTC(2026, 11, 1, 14));
  });

  it.each([
    ['0s', /more than 0s/],
    ['8d', /at most 7d/],
    ['2026-12-01T14:00:00', /no time zone/],
    ['later', /how long after the end, e.g. "30m"/],
    ['12h', /later than waits.maxDuration allows/],
  ])('is refused when it is %s', (until, message) => {
    expect(problems(overrun(until))).toEqual([
      expect.objectContaining({ path: 'overrun.until', message: expect.stringMatching(message) }),
    ]);
  });
});
