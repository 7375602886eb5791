import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBeforeStop, type Phase, phases } from '../../../domain/phases.ts';
import {
  checkExtend,
  checkReschedule,
  cuesOf,
  isMissed,
  missedMs,
  nextCue,
  openSpan,
  openText,
  overrunEnd,
  reasonAtEnd,
  rescheduled,
  type ShowFacts,
} from '../../../domain/timeline.ts';
import { anyPlan, hour, minute, noon, preparedPlan } from './plans.ts';

const instant = fc.integer({ min: noon - 2000 * hour, max: noon + 2000 * hour });
const anyFacts: fc.Arbitrary<ShowFacts> = fc.record(
  { endsAt: instant, awaitedSince: instant, firstConnectedAt: instant, lostAt: instant },
  { requiredKeys: [] },
);
const aroundTheEnd = fc.integer({ min: -24 * hour, max: 30 * hour });
const anyPhase = fc.constantFrom(...phases);

describe('the time in which a channel lets encoders in', () => {
  const plan = preparedPlan();

  it('is planned until it was seen, moves with the end, and is over at the stop', () => {
    const planned = { plan, entered: {}, endsAt: noon + hour };
    expect(openSpan(planned)).toEqual({ opensAt: noon - 10 * minute, closesAt: noon + hour });
    const opened = { ...planned, entered: { 'waiting-for-encoder': noon - 9 * minute }, endsAt: noon + 2 * hour };
    expect(openSpan(opened)).toEqual({ opensAt: noon - 9 * minute, closesAt: noon + 2 * hour });
    expect(openSpan({ ...opened, stoppedAt: noon + minute })).toMatchObject({ closesAt: noon + minute });
    expect(openSpan({ entered: {}, endsAt: noon })).toEqual({ closesAt: noon });
    expect(openText(planned)).toMatch(/^open from \S+Z to \S+Z$/);
  });
});

describe('cuesOf', () => {
  const plan = preparedPlan();

  it('allocates by the warm-up and opens by the start lead', () => {
    expect(cuesOf(plan, {})).toMatchObject({ allocateAt: noon - 15 * minute, openAt: noon - 10 * minute });
  });

  it('never allocates later than it opens', () => {
    expect(cuesOf(preparedPlan({ warmUpMs: 0 }), {}).allocateAt).toBe(noon - 10 * minute);
  });

  it('waits for the first connection from the start of the show, not from an early opening', () => {
    expect(cuesOf(plan, { awaitedSince: noon - 10 * minute }).giveUpAt).toBe(noon + 30 * minute);
  });

  it('waits for the first connection from a late opening', () => {
    expect(cuesOf(plan, { awaitedSince: noon + 20 * minute }).giveUpAt).toBe(noon + 50 * minute);
  });

  it('waits for the first connection no longer than the show', () => {
    expect(cuesOf(plan, { awaitedSince: noon + 50 * minute }).giveUpAt).toBe(noon + hour);
  });

  it('gives a lost encoder its grace, but not beyond the end', () => {
    expect(cuesOf(plan, { lostAt: noon + 20 * minute }).lostUntil).toBe(noon + 25 * minute);
    expect(cuesOf(plan, { lostAt: noon + 58 * minute }).lostUntil).toBe(noon + hour);
  });

  it('lets an encoder that rehearsed before the show come back for its start', () => {
    expect(cuesOf(plan, { lostAt: noon - 9 * minute }).lostUntil).toBe(noon + 5 * minute);
  });

  it('gives up no encoder whose absence cannot be seen, before the end', () => {
    const facts = { awaitedSince: noon, lostAt: noon + 20 * minute, unseen: 'it is down' };
    expect(cuesOf(plan, facts)).toMatchObject({ giveUpAt: noon + hour, endAt: noon + hour });
    expect(cuesOf(plan, facts)).not.toHaveProperty('lostUntil');
    for (const phase of ['waiting-for-encoder', 'encoder-lost'] as const)
      expect(nextCue(plan, facts, { phase }, noon)).toEqual({ what: 'end', at: noon + hour });
  });

  it('ends at the end as extended', () => {
    expect(cuesOf(plan, { endsAt: noon + 2 * hour }).endAt).toBe(noon + 2 * hour);
  });

  it('keeps cues in order and within the hard end, whatever happened', () => {
    fc.assert(
      fc.property(anyPlan, anyFacts, (plan, facts) => {
        const { allocateAt, openAt, giveUpAt, endAt, lostUntil = endAt } = cuesOf(plan, facts);
        expect(allocateAt).toBeLessThanOrEqual(openAt);
        expect(openAt).toBeLessThanOrEqual(plan.startsAt);
        expect(giveUpAt).toBeLessThanOrEqual(endAt);
        expect(lostUntil).toBeLessThanOrEqual(endAt);
        expect(endAt).toBeLessThanOrEqual(plan.hardEndsAt);
      }),
    );
  });

  it('never moves a deadline forward because something happened later', () => {
    fc.assert(
      fc.property(anyPlan, instant, fc.nat(hour), (plan, at, laterMs) => {
        const before = cuesOf(plan, { awaitedSince: at, lostAt: at });
        const after = cuesOf(plan, { awaitedSince: at + laterMs, lostAt: at + laterMs });
        expect(after.giveUpAt).toBeGreaterThanOrEqual(before.giveUpAt);
        expect(after.lostUntil).toBeGreaterThanOrEqual(before.lostUntil ?? Number.POSITIVE_INFINITY);
      }),
    );
  });
});

describe('nextCue', () => {
  const plan = preparedPlan();

  it.each<[Phase, ShowFacts, ReturnType<typeof nextCue>]>([
    ['scheduled', {}, { what: 'allocate', at: noon - 15 * minute }],
    ['allocating', {}, { what: 'start', at: noon - 10 * minute }],
    ['starting', {}, { what: 'end', at: noon + hour }],
    ['creating-output', {}, { what: 'end', at: noon + hour }],
    ['waiting-for-encoder', {}, { what: 'give up waiting for the encoder', at: noon + 30 * minute }],
    ['live', { firstConnectedAt: noon }, { what: 'end', at: noon + hour }],
    ['encoder-lost', { lostAt: noon }, { what: 'give up the lost encoder', at: noon + 5 * minute }],
    ['encoder-lost', { lostAt: noon + 58 * minute }, { what: 'end', at: noon + hour }],
    ['stopping', {}, undefined],
    ['publishing-vod', {}, undefined],
    ['cleaning-up', {}, undefined],
    ['completed', {}, undefined],
    ['failed', {}, undefined],
    ['cancelled', {}, undefined],
  ])('in %s with %o is %o', (phase, facts, cue) => {
    expect(nextCue(plan, facts, { phase }, noon - 20 * minute)).toEqual(cue);
  });

  it('is the end of the proof of the recording, once the channel was stopped', () => {
    const stopped = { phase: 'publishing-vod' as const, stoppedAt: noon + hour };
    expect(nextCue(plan, {}, stopped, noon + hour)).toEqual({ what: 'give up the recording', at: noon + 25 * hour });
  });

  it('is the end for an allocation that is late for the opening', () => {
    expect(nextCue(plan, {}, { phase: 'allocating' }, noon)).toEqual({ what: 'end', at: noon + hour });
  });

  it('is never later than the hard end while the show can run', () => {
    fc.assert(
      fc.property(anyPlan, anyFacts, anyPhase, instant, (plan, facts, phase, now) => {
        const cue = nextCue(plan, facts, { phase }, now);
        fc.pre(cue !== undefined && cue.what !== 'give up the recording');
        expect(cue?.at).toBeLessThanOrEqual(plan.hardEndsAt);
      }),
    );
  });
});

describe('late runs', () => {
  const plan = preparedPlan();

  it('miss nothing when they begin by the start', () => {
    expect(missedMs(plan, noon)).toBeUndefined();
    expect(missedMs(plan, noon - 1)).toBeUndefined();
  });

  it('record what they missed when they join a show under way', () => {
    expect(missedMs(plan, noon + 7 * minute)).toBe(7 * minute);
    expect(isMissed(plan, noon + 7 * minute)).toBe(false);
  });

  it('are missed from the very end on', () => {
    expect(isMissed(plan, noon + hour - 1)).toBe(false);
    expect(isMissed(plan, noon + hour)).toBe(true);
  });
});

describe('overrunEnd', () => {
  const overrun = { stepMs: 5 * minute, until: noon + hour + 12 * minute };
  const plan = preparedPlan({ overrun });
  const sending: ShowFacts = { firstConnectedAt: noon };
  const end = noon + hour;

  it('goes on by one step while the encoder sends', () => {
    expect(overrunEnd(plan, sending, end)).toBe(end + 5 * minute);
    expect(overrunEnd(plan, { ...sending, endsAt: end + 5 * minute }, end + 5 * minute)).toBe(end + 10 * minute);
  });

  it('goes on up to its cap, and no further', () => {
    expect(overrunEnd(plan, { ...sending, endsAt: end + 10 * minute }, end + 10 * minute)).toBe(overrun.until);
    expect(overrunEnd(plan, { ...sending, endsAt: overrun.until }, overrun.until)).toBeUndefined();
  });

  it.each<[string, ShowFacts]>([
    ['never came', {}],
    ['is lost', { firstConnectedAt: noon, lostAt: end - minute }],
  ])('ends the show when the encoder %s', (_, facts) => {
    expect(overrunEnd(plan, facts, end)).toBeUndefined();
  });

  it('ends the show of a plan without overrun', () => {
    expect(overrunEnd(preparedPlan(), sending, end)).toBeUndefined();
  });

  it('steps from now when the end passed without a look', () => {
    expect(overrunEnd(plan, sending, end + 2 * minute)).toBe(end + 7 * minute);
    expect(overrunEnd(plan, sending, end + hour)).toBeUndefined();
  });

  it('always moves on, stays within every cap, and comes to an end', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const facts: ShowFacts = { firstConnectedAt: plan.startsAt };
        const steps = plan.overrun ? Math.ceil((plan.overrun.until - plan.endsAt) / plan.overrun.stepMs) : 0;
        fc.pre(steps < 10_000);
        let taken = 0;
        for (let at = plan.endsAt; ; taken += 1) {
          const next = overrunEnd(plan, { ...facts, endsAt: at }, at);
          if (next === undefined) break;
          expect(next).toBeGreaterThan(at);
          expect(next).toBeLessThanOrEqual(Math.min(plan.hardEndsAt, plan.overrun?.until ?? plan.endsAt));
          at = next;
        }
        expect(taken).toBe(steps);
      }),
    );
  });
});

describe('reasonAtEnd', () => {
  it('is the plan when the show ends as planned, even at its longest', () => {
    expect(reasonAtEnd(preparedPlan(), {})).toBe('reached-end');
    expect(reasonAtEnd(preparedPlan({ hardEndsAt: noon + hour }), {})).toBe('reached-end');
  });

  it('is the plan when an extension still left room', () => {
    expect(reasonAtEnd(preparedPlan(), { endsAt: noon + 2 * hour })).toBe('reached-end');
  });

  it('is the longest duration when the show was prolonged until it', () => {
    expect(reasonAtEnd(preparedPlan(), { endsAt: noon + 6 * hour })).toBe('max-duration');
  });
});

describe('checkExtend', () => {
  const plan = preparedPlan();
  const now = noon + 30 * minute;

  it.each(phases.filter(isBeforeStop))('lets the end move while %s', (phase) => {
    expect(checkExtend(plan, {}, phase, now, noon + 2 * hour)).toBeUndefined();
  });

  it.each(phases.filter((phase) => !isBeforeStop(phase)))('refuses while %s', (phase) => {
    expect(checkExtend(plan, {}, phase, now, noon + 2 * hour)).toMatch(/the show is over/);
  });

  it.each<[string, number, RegExp]>([
    ['what is not an instant', Number.NaN, /not an instant/],
    ['an end in the past', now, /is past; .*use stop/],
    ['an earlier end', noon + 59 * minute, /runs until 2026-12-01T13:00:00.000Z already/],
    ['the present end', noon + hour, /already/],
    ['an end after the longest duration', noon + 6 * hour + 1, /no run goes on past 2026-12-01T18:00:00.000Z.*6h/],
  ])('refuses %s', (_, endsAt, why) => {
    expect(checkExtend(plan, {}, 'live', now, endsAt)).toMatch(why);
  });

  it('allows the very last instant', () => {
    expect(checkExtend(plan, {}, 'live', now, plan.hardEndsAt)).toBeUndefined();
  });

  it('counts from the end as it was extended before', () => {
    expect(checkExtend(plan, { endsAt: noon + 3 * hour }, 'live', now, noon + 2 * hour)).toMatch(/already/);
  });

  it('never lets a show go on past its hard end, and never shortens it', () => {
    fc.assert(
      fc.property(anyPlan, aroundTheEnd, aroundTheEnd, aroundTheEnd, (plan, extendedBy, nowAfter, wantedAfter) => {
        const facts: ShowFacts = { endsAt: plan.endsAt + extendedBy };
        const endsAt = plan.endsAt + wantedAfter;
        const allowed = checkExtend(plan, facts, 'live', plan.endsAt + nowAfter, endsAt) === undefined;
        const present = cuesOf(plan, facts).endAt;
        expect(allowed).toBe(wantedAfter > nowAfter && endsAt > present && endsAt <= plan.hardEndsAt);
        if (allowed) expect(cuesOf(plan, { ...facts, endsAt }).endAt).toBe(endsAt);
      }),
    );
  });
});

describe('checkReschedule', () => {
  const plan = preparedPlan();
  const now = noon - hour;
  const tomorrow = { startsAt: noon + 24 * hour, endsAt: noon + 25 * hour };

  it('lets a scheduled show move', () => {
    expect(checkReschedule(plan, 'scheduled', now, tomorrow)).toBeUndefined();
  });

  it.each(phases.filter((phase) => phase !== 'scheduled'))('refuses while %s', (phase) => {
    expect(checkReschedule(plan, phase, now, tomorrow)).toMatch(/use extend/);
  });

  it.each<[string, number, number, RegExp]>([
    ['a start that is not an instant', Number.NaN, noon, /not an instant/],
    ['an end that is not an instant', noon, Number.POSITIVE_INFINITY, /not an instant/],
    ['an end at the start', noon, noon, /not after the new start/],
    ['an end in the past', noon - 3 * hour, noon - 2 * hour, /is past/],
    ['a show longer than allowed', noon, noon + 7 * hour, /7h, longer than waits.maxDuration 6h/],
  ])('refuses %s', (_, startsAt, endsAt, why) => {
    expect(checkReschedule(plan, 'scheduled', now, { startsAt, endsAt })).toMatch(why);
  });

  it('moves every cue with the show, and keeps what holds of a plan', () => {
    fc.assert(
      fc.property(anyPlan, instant, fc.double({ min: 0, max: 1, noNaN: true }), (plan, startsAt, share) => {
        const endsAt = startsAt + Math.max(1, Math.floor(plan.waits.maxDurationMs * share));
        expect(checkReschedule(plan, 'scheduled', startsAt, { startsAt, endsAt })).toBeUndefined();
        const moved = rescheduled(plan, { startsAt, endsAt });
        expect(moved.hardEndsAt - startsAt).toBe(plan.waits.maxDurationMs);
        expect(moved.endsAt).toBeLessThanOrEqual(moved.hardEndsAt);
        expect(cuesOf(moved, {}).openAt - startsAt).toBe(cuesOf(plan, {}).openAt - plan.startsAt);
        if (moved.overrun) expect(moved.overrun.until).toBeLessThanOrEqual(moved.hardEndsAt);
      }),
    );
  });

  it('moves the cap of an overrun with the end', () => {
    const overrun = { stepMs: minute, until: noon + 2 * hour };
    expect(rescheduled(preparedPlan({ overrun }), tomorrow).overrun?.until).toBe(noon + 26 * hour);
  });
});
