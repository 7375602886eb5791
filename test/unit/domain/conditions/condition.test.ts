import { describe, expect, it } from 'vitest';
import { type AccountSeen, conditionsOf, type SeenEvent } from '../../../../domain/conditions/condition.ts';
import type { PendingStep } from '../../../../domain/conditions/pending-step.ts';
import type { EventStatus } from '../../../../domain/report.ts';
import { preparedPlan } from '../plans.ts';

const now = Date.parse('2026-12-01T18:10:00Z');
const second = 1_000;
const minute = 60 * second;

const statusOf = (given: Partial<EventStatus> = {}): EventStatus => ({
  eventId: 'final',
  title: 'Final',
  vendor: 'aws-ivs',
  account: 'default',
  phase: 'live',
  encoder: 'connected',
  startsAt: now - 10 * minute,
  endsAt: now + 20 * minute,
  hardEndsAt: now + 60 * minute,
  entered: { 'waiting-for-encoder': now - 9 * minute },
  windows: [],
  gaps: [],
  sessions: [],
  vod: [],
  audit: [],
  troubles: [],
  released: false,
  ...given,
});

const healthy: AccountSeen = { vendor: 'aws-ivs', account: 'default', heardAt: now - second, seenAt: now - second };

const wrong = (given: Partial<SeenEvent>) =>
  conditionsOf({ status: statusOf(), seenAt: now, accounts: [healthy], ...given }, now);
const named = (given: Partial<SeenEvent>) => wrong(given).map(({ name, since }) => ({ name, ago: now - since }));

describe('what is wrong with an event as it was last seen', () => {
  it('is nothing while its run answers, its account was just looked at, and no cue has passed', () => {
    expect(wrong({})).toEqual([]);
  });

  it('is stale since its run last answered, and says that what is shown is old', () => {
    const seen = { seenAt: now - 9 * second, unanswered: 'no worker answers' };
    expect(wrong(seen)).toEqual([
      {
        name: 'stale',
        since: now - 9 * second,
        message: 'the run does not answer: no worker answers; what is shown is of 2026-12-01T18:09:51.000Z',
      },
    ]);
    expect(wrong({ ...seen, seenAt: now - 2 * second })).toEqual([]);
    expect(conditionsOf({ unanswered: 'no worker answers', accounts: [] }, now)).toMatchObject([{ name: 'stale' }]);
  });

  it.each<[string, Partial<AccountSeen>, number, string]>([
    ['refuses', { failing: { since: now - 3 * second, reason: 'unauthorized: expired' } }, 1, 'unauthorized: expired'],
    ['has not answered for long', { seenAt: now - 12 * second }, 12, 'has not answered since'],
    [
      'is looked at by no living worker',
      { seenAt: now - 14 * second, heardAt: now - 14 * second },
      14,
      'is silent since',
    ],
  ])('is stale when the account %s', (_, account, ago, words) => {
    const [found, ...others] = wrong({ accounts: [{ ...healthy, ...account }] });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ name: 'stale', since: now - ago * second });
    expect(found?.message).toContain(words);
  });

  it('is stale when the vendor answers for the account, and not for its channel', () => {
    const ref = { vendor: 'aws-ivs', account: 'default', name: 'sc-final', workflowId: 'live-event/final' };
    const status = statusOf({ channel: { ref, details: {} } });
    const unseen = [{ channel: 'sc-final', since: now - 20 * second, reason: 'InternalError' }];
    expect(wrong({ status, accounts: [{ ...healthy, unseen }] })).toMatchObject([
      { name: 'stale', since: now - 20 * second, message: expect.stringContaining('InternalError') },
    ]);
    expect(
      wrong({
        status: statusOf({ channel: { ref: { ...ref, name: 'sc-other' }, details: {} } }),
        accounts: [{ ...healthy, unseen }],
      }),
    ).toEqual([]);
  });

  it('without a poller is what the looks of the run itself saw', () => {
    const { heardAt: _, seenAt: __, ...unheard } = healthy;
    const look = (given: Partial<PendingStep>): PendingStep[] => [{ name: 'watchEncoder', attempt: 3, ...given }];
    const of = (steps: PendingStep[]) => named({ accounts: [unheard], steps });
    expect(of(look({ triedAt: now - 60 * second }))).toEqual([]);
    expect(of(look({ triedAt: now - 80 * second }))).toEqual([{ name: 'stale', ago: 80 * second }]);
    expect(of(look({ triedAt: now - second, failing: { since: now - 5 * second, errors: 2 } }))).toEqual([
      { name: 'stale', ago: 5 * second },
    ]);
  });

  it('is failing with the words of the vendor, how often and since when, and still billed while it stops', () => {
    const steps = [
      { name: 'stop', attempt: 8, reason: 'throttled (429)', failing: { since: now - 30 * second, errors: 6 } },
    ];
    const status = statusOf({ phase: 'stopping', entered: { stopping: now - 40 * second } });
    expect(wrong({ status, steps })).toEqual([
      {
        name: 'failing',
        since: now - 30 * second,
        message: 'stopping the channel fails, 6 times until now: throttled (429)',
      },
      {
        name: 'still-billed',
        since: now - 40 * second,
        message: expect.stringContaining('still billed: what may have been made at aws-ivs / default'),
      },
    ]);
    expect(wrong({ status, steps: [{ name: 'stop', attempt: 8, reason: 'the channel to stop' }] })).toEqual([]);
  });

  it('is overdue when a cue has passed for long enough that the run should have acted', () => {
    const cue = (ago: number) => statusOf({ phase: 'allocating', nextCue: { what: 'start', at: now - ago } });
    expect(named({ status: cue(10 * second) })).toEqual([{ name: 'overdue', ago: 10 * second }]);
    expect(named({ status: cue(2 * second) })).toEqual([]);
  });

  it('is slow when a step waits for long for the vendor', () => {
    const steps = [{ name: 'allocate', attempt: 40, reason: 'the channel to be made' }];
    const since = (ago: number) => statusOf({ phase: 'allocating', entered: { allocating: now - ago } });
    expect(named({ status: since(6 * minute), steps })).toEqual([{ name: 'slow', ago: 6 * minute }]);
    expect(named({ status: since(minute), steps })).toEqual([]);
  });

  it('of one that is over is only what is still billed', () => {
    const over = statusOf({ phase: 'failed', entered: { stopping: now - minute }, nextCue: { what: 'end', at: 1 } });
    expect(named({ status: { ...over, released: true } })).toEqual([]);
    const left = { vendor: 'aws-ivs', account: 'default', name: 'sc-final', workflowId: 'w' };
    expect(named({ status: { ...over, left } })).toEqual([{ name: 'still-billed', ago: minute }]);
  });

  it('of legs names the leg whose encoder is not seen', () => {
    const leg = { name: 'backup', vendor: 'alibaba-oss', account: 'default', start: 'with-event' as const };
    const status = statusOf({ legs: [{ ...leg, status: statusOf({ vendor: 'alibaba-oss' }) }] });
    const failing = { since: now - second, reason: 'SlowDown' };
    expect(wrong({ status, accounts: [healthy, { ...healthy, vendor: 'alibaba-oss', failing }] })).toMatchObject([
      { name: 'stale', message: expect.stringMatching(/^leg backup: .*SlowDown/) },
    ]);
  });

  const silent = { heardAt: now - 10 * second };
  const refusing = { failing: { since: now - 30 * second, reason: 'unauthorized: expired' } };
  const unanswered = { seenAt: now - 12 * second };
  it.each<[string, Partial<AccountSeen>, string | undefined]>([
    [
      'the poller is silent, and the account refused its last look',
      { ...silent, ...refusing, ...unanswered },
      'silent',
    ],
    ['the poller is silent', { ...silent, ...unanswered }, 'silent'],
    ['the account refuses', { ...refusing, ...unanswered }, 'expired'],
    ['the account refuses since a moment', refusing, 'expired'],
    ['the account does not answer', unanswered, 'has not answered since'],
    ['the account has not answered for 10 s', { seenAt: now - 10 * second }, 'has not answered since'],
    ['the account has not answered for nearly 10 s', { seenAt: now - 10 * second + 1 }, undefined],
    [
      'the poller is silent for nearly 10 s',
      { heardAt: now - 10 * second + 1, ...unanswered },
      'has not answered since',
    ],
  ])('is stale for the gravest reason when %s', (_, account, words) => {
    const messages = wrong({ accounts: [{ ...healthy, ...account }] }).map(({ message }) => message);
    expect(messages).toEqual(words === undefined ? [] : [expect.stringContaining(words)]);
  });

  it('is no longer slow once it is overdue, and not where the phase has more than one step', () => {
    const steps = [{ name: 'allocate', attempt: 40, reason: 'the channel to be made' }];
    const of = (phase: EventStatus['phase'], cueAgo: number) => {
      const nextCue = { what: 'start' as const, at: now - cueAgo };
      return named({ status: statusOf({ phase, entered: { [phase]: now - 6 * minute }, nextCue }), steps });
    };
    expect(of('allocating', -minute)).toEqual([{ name: 'slow', ago: 6 * minute }]);
    expect(of('allocating', 5 * second - 1)).toEqual([{ name: 'slow', ago: 6 * minute }]);
    expect(of('allocating', 5 * second)).toEqual([{ name: 'overdue', ago: 5 * second }]);
    expect(of('live', -minute)).toEqual([]);
    expect(of('publishing-vod', -minute)).toEqual([]);
  });

  it('is slow from the instant that the plan names, or after five minutes', () => {
    const steps = [{ name: 'start', attempt: 9, reason: 'the channel to open' }];
    const lasting = (ago: number, given: Partial<EventStatus> = {}) =>
      named({ status: statusOf({ phase: 'starting', entered: { starting: now - ago }, ...given }), steps });
    expect(lasting(5 * minute - 1)).toEqual([]);
    expect(lasting(5 * minute)).toEqual([{ name: 'slow', ago: 5 * minute }]);
    const plan = preparedPlan({ notify: { receivers: [], slowStepMs: minute } });
    expect(lasting(minute - 1, { plan })).toEqual([]);
    expect(lasting(minute, { plan })).toEqual([{ name: 'slow', ago: minute }]);
  });

  const ref = { vendor: 'aws-ivs', account: 'default', name: 'sc-final', workflowId: 'live-event/final' };
  const closing = (ago: number, given: Partial<EventStatus> = {}) =>
    named({ status: statusOf({ phase: 'stopping', entered: { stopping: now - ago }, ...given }) });
  it.each<[string, number, Partial<EventStatus>, boolean]>([
    ['a stop of 59 s', 59, {}, false],
    ['a stop of 61 s', 61, {}, true],
    ['a channel that is stopped since long', 3_600, { stoppedAt: now - 3_500 * second }, false],
    ['a stopped channel that was handed over', 5, { stoppedAt: now, left: ref }, true],
    ['a stop of which all was released', 61, { released: true }, false],
  ])('is still billed, or closes down as usual: %s', (_, ago, given, isBilled) => {
    expect(closing(ago * second, given)).toEqual(isBilled ? [{ name: 'still-billed', ago: ago * second }] : []);
  });
});

describe('an encoder that has not come', () => {
  const openedAt = now - 15 * minute;
  const plan = preparedPlan({ startsAt: now - 30 * minute, endsAt: now + 60 * minute, hardEndsAt: now + 90 * minute });
  const giveUpAt = openedAt + plan.waits.firstConnectMs;
  const waiting: Partial<EventStatus> = {
    phase: 'waiting-for-encoder',
    encoder: 'waiting',
    plan,
    endsAt: plan.endsAt,
    entered: { 'waiting-for-encoder': openedAt },
    nextCue: { what: 'give up waiting for the encoder', at: giveUpAt },
  };
  const missing = (given: Partial<EventStatus> = {}, at = now) =>
    conditionsOf({ status: statusOf({ ...waiting, ...given }), seenAt: at, accounts: [] }, at);
  const found = {
    name: 'encoder-missing',
    since: now,
    message:
      'no encoder was seen, and half of the wait is over: the show fails at 2026-12-01T18:25:00.000Z unless an encoder connects',
  };

  it('is missing from half of the wait on', () => {
    expect(missing({}, now - 1)).toEqual([]);
    expect(missing({}, now)).toEqual([found]);
    expect(missing({}, now + 10 * minute)).toEqual([found]);
  });

  it('is missing without a cue too', () => {
    expect(missing({ nextCue: undefined })).toMatchObject([
      { message: expect.stringMatching(/the show fails without one$/) },
    ]);
  });

  it('is waited for until the end at the latest', () => {
    const endsAt = now + 5 * minute;
    expect(missing({ endsAt }, now - 5 * minute - 1)).toEqual([]);
    expect(missing({ endsAt }, now - 5 * minute)).toMatchObject([{ since: now - 5 * minute }]);
  });

  it.each<[string, Partial<EventStatus>]>([
    ['that is there', { encoder: 'connected' }],
    ['that came and went', { phase: 'encoder-lost', encoder: 'lost' }],
    ['of a run that has no plan yet', { plan: undefined }],
    ['of an event with legs, which have one each', { legs: [] }],
  ])('is not missed: one %s', (_, given) => {
    expect(missing(given)).toEqual([]);
  });
});
