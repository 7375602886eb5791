import { describe, expect, it } from 'vitest';
import { conditionsOf, type SeenEvent } from '../../../domain/conditions/condition.ts';
import type { EventStatus, LegStatus } from '../../../domain/report.ts';
import { stillBilled } from '../../../domain/still-billed.ts';
import { endData } from '../../../domain/webhooks/event-data.ts';

const now = Date.parse('2026-12-01T18:10:00Z');
const second = 1_000;

const statusOf = (given: Partial<EventStatus> = {}): EventStatus => ({
  ...{ eventId: 'final', title: 'Final', vendor: 'aws-ivs', account: 'a', phase: 'live', encoder: 'connected' },
  ...{ startsAt: now, endsAt: now, hardEndsAt: now, entered: {}, windows: [], gaps: [], sessions: [], vod: [] },
  ...{ audit: [], troubles: [], released: false },
  ...given,
});

const ref = { vendor: 'aws-ivs', account: 'a', name: 'sc-final', workflowId: 'live-event/final@main' };
const channel = { ref, details: {} };
const legOf = (status: Partial<EventStatus> | undefined, given: Partial<LegStatus> = {}): LegStatus => ({
  ...{ name: 'main', vendor: 'aws-ivs', account: 'a', start: 'with-event', begunAt: 1 },
  ...(status && { status: statusOf(status) }),
  ...given,
});
const done = legOf({ phase: 'completed', released: true, channel }, { name: 'done', endedAt: now });

/** An event with legs, whose top says only that not everything is released. */
const eventOf = (leg: LegStatus, given: Partial<EventStatus> = {}) =>
  statusOf({ phase: 'completed', entered: { completed: now }, legs: [done, leg], ...given });
const conditions = (status: EventStatus, steps: SeenEvent['steps'] = []) =>
  conditionsOf({ status, seenAt: now, accounts: [], steps }, now).filter(({ name }) => name === 'still-billed');

describe('what is still billed of an event with legs', () => {
  it('is what a leg has left to an operator, by its name, in the condition and in the last webhook too', () => {
    const since = now - 30 * second;
    const left = legOf({ phase: 'completed', left: ref, entered: { stopping: since } }, { endedAt: now });
    const text = 'leg main: sc-final at aws-ivs / a: handed over, to be released by hand';
    expect(stillBilled(eventOf(left))).toBe(text);
    expect(conditions(eventOf(left))).toEqual([{ name: 'still-billed', since, message: `still billed: ${text}` }]);
    expect(endData(eventOf(left))).toMatchObject({ released: false, stillBilled: text });
    expect(endData(eventOf(done, { released: true }))).not.toHaveProperty('stillBilled');
  });

  it('is the channel of a leg whose run was terminated, or closed without saying that it was released', () => {
    const lost = 'its run was terminated in Temporal';
    const terminated = eventOf(legOf({ channel }, { endedAt: now - second, lost }));
    expect(stillBilled(terminated)).toBe(`leg main: sc-final at aws-ivs / a: ${lost}`);
    expect(conditions(terminated)).toMatchObject([{ since: now - second }]);
    // While the other leg is on air too.
    expect(conditions({ ...terminated, phase: 'live' })).toHaveLength(1);
    expect(stillBilled(eventOf(legOf({ channel }, { endedAt: now })))).toContain('did not say that it was released');
    expect(stillBilled(eventOf(legOf(undefined, { endedAt: now, lost: 'its run could not be started' })))).toBe(
      undefined,
    );
  });

  it('is what a run of before goes on with, as long as the leg has none of its own', () => {
    const waits = eventOf(legOf(undefined, { earlierSince: now - 90 * second }), { phase: 'scheduled' });
    expect(stillBilled(waits)).toMatch(/^leg main: aws-ivs \/ a: its run of before .* is billed until it ends/);
    expect(conditions(waits)).toMatchObject([{ since: now - 90 * second }]);
  });

  it('is the channel of each leg that closes down, and a condition only where that takes long or fails', () => {
    const closing = (given: Partial<EventStatus>, since = now - second) =>
      eventOf(legOf({ phase: 'stopping', channel, entered: { stopping: since }, ...given }), { phase: 'stopping' });
    expect(stillBilled(closing({}))).toBe(
      'leg main: sc-final at aws-ivs / a: not stopped yet, so it costs what a running channel costs',
    );
    expect(stillBilled(closing({ stoppedAt: now }))).toBe(
      'leg main: sc-final at aws-ivs / a: stopped, not deleted yet',
    );
    expect(conditions(closing({}))).toEqual([]);
    // The show goes on with another leg.
    expect(conditions({ ...closing({}), phase: 'live' })).toEqual([]);
    expect(conditions(closing({}, now - 61 * second))).toHaveLength(1);
    const failing = { name: 'cleanUp', attempt: 9, failing: { since: now, errors: 9 } };
    expect(conditions(closing({ stoppedAt: now }), [{ ...failing, leg: 'main' }])).toHaveLength(1);
    expect(conditions(closing({ stoppedAt: now }), [{ ...failing, leg: 'done' }])).toEqual([]);
  });

  it('is nothing while the legs are on air or held back, and once all is released', () => {
    expect(stillBilled(eventOf(legOf({ phase: 'live', channel }), { phase: 'live' }))).toBe(undefined);
    expect(stillBilled(eventOf(legOf(undefined, { begunAt: undefined as never })))).toBe(undefined);
    expect(stillBilled(eventOf(done))).toBe(undefined);
  });
});
