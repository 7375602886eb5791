import { describe, expect, it } from 'vitest';
import { amountOf, rateOf } from '../../../domain/usage/amount.ts';
import { withBilledStates } from '../../../domain/usage/billing.ts';
import { csvOf, type EventUsage, summaryOf } from '../../../domain/usage/summary.ts';
import { type Billed, usageOf } from '../../../domain/usage/usage.ts';
import { billsOf } from '../../../plan/bills.ts';
import { readPriceList } from '../../../plan/prices.ts';

const ref = { vendor: 'v', account: 'default', name: 'sc-final', workflowId: 'live-event/final' };
const status = (overrides: Partial<Billed> = {}): Billed => ({
  channel: { ref, details: {} },
  encoder: 'connected',
  phase: 'completed',
  entered: {},
  windows: [],
  sessions: [],
  released: true,
  stoppedAt: 90_000,
  ...overrides,
});
const seen = (state: 'standby' | 'running' | 'off', at: number, resource = 'live event', name = 'sc-final') => ({
  resource,
  name,
  state,
  at,
});

describe('what is billed by state', () => {
  const azure = billsOf('azure-media-services');

  it('is standby and running, each from the instant that the vendor dates', () => {
    const billing = [seen('standby', 1_000), seen('running', 5_000), seen('off', 60_000)];
    const { spans, unknown } = usageOf(status({ billing }), azure, 100_000);
    expect(spans).toMatchObject([
      { resource: 'live event', state: 'standby', from: 1_000, to: 5_000 },
      { resource: 'live event', state: 'running', from: 5_000, to: 60_000 },
    ]);
    expect(unknown).toEqual([]);
  });

  it('goes on until now, and is not guessed where nothing was made', () => {
    const running = status({ billing: [seen('running', 5_000)], phase: 'live', stoppedAt: undefined, released: false });
    expect(usageOf(running, azure, 8_000).spans).toMatchObject([{ from: 5_000, to: 8_000, goesOn: true }]);
    expect(usageOf(status({ channel: undefined }), azure, 8_000)).toEqual({ spans: [], unknown: [] });
  });

  it('is said to be unsure where the service does not date its states, or its end was not seen', () => {
    const undated = usageOf(status({ entered: { starting: 2_000 } }), azure, 100_000);
    expect(undated.spans).toMatchObject([{ from: 2_000, to: 90_000 }]);
    expect(undated.unknown.join()).toContain('does not date its states');
    const vanished = usageOf(status({ billing: [seen('running', 5_000)] }), azure, 100_000);
    expect(vanished.spans).toMatchObject([{ from: 5_000, to: 90_000 }]);
    expect(vanished.unknown.join()).toContain('when sc-final ended is not seen');
  });

  it('has the streaming endpoint that goes on after the event', () => {
    const endpoint = seen('running', 7_000, 'streaming endpoint', 'default');
    const billing = [seen('running', 5_000), endpoint, seen('off', 60_000)];
    const { spans, unknown } = usageOf(status({ billing }), azure, 100_000);
    expect(spans).toContainEqual({
      resource: 'streaming endpoint',
      name: 'default',
      state: 'running',
      from: 7_000,
      to: 100_000,
      goesOn: true,
    });
    expect(unknown.join()).toContain('until it is stopped by hand');
  });

  it('goes on after the stop until all is released', () => {
    const billing = [seen('running', 5_000)];
    const stopped = status({ billing, phase: 'cleaning-up', released: false });
    expect(usageOf(stopped, azure, 100_000).spans).toMatchObject([{ from: 5_000, to: 100_000, goesOn: true }]);
    const handedOver = usageOf({ ...stopped, phase: 'failed', left: ref }, azure, 100_000);
    expect(handedOver.spans).toMatchObject([{ to: 100_000, goesOn: true }]);
    expect(handedOver.unknown).toEqual([expect.stringContaining('whether it still costs is not seen')]);
  });

  it('ends where the sweep saw it end', () => {
    const cutOff = status({
      billing: [seen('running', 5_000)],
      phase: 'failed',
      stoppedAt: undefined,
      released: false,
    });
    const swept = { at: 70_000, states: [seen('running', 5_000), seen('off', 69_000)], sessions: [] };
    expect(usageOf(cutOff, azure, 100_000, swept).spans).toMatchObject([{ from: 5_000, to: 69_000 }]);
  });
});

describe('what is billed by input', () => {
  const ivs = billsOf('aws-ivs');
  const session = (startedAt: number, endedAt?: number) => ({
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
  });

  it('is nothing where the vendor’s record has a push within one second', () => {
    for (const from of [5_000, 5_590]) {
      const seen = status({ windows: [{ from, to: from + 1_040 }], sessions: [session(5_000, 5_000)] });
      expect(usageOf(seen, ivs, 100_000).spans).toEqual([]);
    }
  });

  it('is the vendor’s own sessions, also those outside the show, without what lies between them', () => {
    const seen = status({
      sessions: [session(1_000, 20_000), session(20_500, 40_000)],
      windows: [{ from: 2_000, to: 39_000 }],
    });
    expect(usageOf(seen, ivs, 100_000).spans.map(({ from, to }) => [from, to])).toEqual([
      [1_000, 20_000],
      [20_500, 40_000],
    ]);
  });

  it('is what the run saw where the vendor forgets, and says so where it has no record', () => {
    const forgotten = status({
      sessions: [session(50_000, 60_000)],
      windows: [
        { from: 1_000, to: 20_000 },
        { from: 50_000, to: 60_000 },
      ],
    });
    expect(usageOf(forgotten, ivs, 100_000).spans.map(({ from, to }) => to - from)).toEqual([19_000, 10_000]);
    const none = usageOf(status({ windows: [{ from: 1_000, to: 20_000 }] }), ivs, 100_000);
    expect(none.unknown.join()).toContain('no record of the sessions');
  });

  it('is what the run saw before the oldest session, where that began much earlier', () => {
    const from = (began: number) =>
      usageOf(
        status({ sessions: [session(50_000, 60_000)], windows: [{ from: began, to: 60_000 }] }),
        ivs,
        100_000,
      ).spans.map((span) => [span.from, span.to]);
    expect(from(39_999)).toEqual([[39_999, 60_000]]);
    expect(from(40_000)).toEqual([[50_000, 60_000]]);
  });

  it.each([
    ['connected', [1_000, 30_000, true]],
    ['starved', [1_000, 30_000, true]],
    ['lost', [1_000, 20_000, undefined]],
  ] as const)('while its encoder is %s is from, to, and goes on: %j', (encoder, span) => {
    const windows = [{ from: 1_000, to: 20_000 }];
    const live = status({ encoder, windows, stoppedAt: undefined, phase: 'live', released: false });
    expect(usageOf(live, ivs, 30_000).spans.map(({ from, to, goesOn }) => [from, to, goesOn])).toEqual([span]);
  });

  it('ends with the stop, where the vendor’s session has no end', () => {
    const { spans } = usageOf(status({ sessions: [session(1_000)] }), ivs, 100_000);
    expect(spans).toMatchObject([{ from: 1_000, to: 90_000 }]);
    expect(spans[0]).not.toHaveProperty('goesOn');
  });

  it('goes on until now while the encoder is connected, and until the sweep where the run was cut off', () => {
    const windows = [{ from: 1_000, to: 20_000 }];
    const live = status({ windows, stoppedAt: undefined, phase: 'live', released: false });
    expect(usageOf(live, ivs, 30_000).spans).toMatchObject([{ from: 1_000, to: 30_000, goesOn: true }]);
    const swept = { at: 50_000, states: [], sessions: [session(900, 49_000)] };
    expect(usageOf({ ...live, phase: 'failed' }, ivs, 99_000, swept)).toMatchObject({
      spans: [{ from: 900, to: 49_000 }],
    });
  });
});

it('keeps a state that says something new', () => {
  const first = withBilledStates([], [seen('running', 1), seen('running', 2), seen('off', 3)]);
  expect(withBilledStates(first, [seen('off', 4), seen('running', 5)])).toEqual([
    seen('running', 1),
    seen('off', 3),
    seen('running', 5),
  ]);
});

it('takes the vendor’s own date of what was asked for', () => {
  const asked = { ...seen('running', 1), asked: true };
  expect(withBilledStates([asked], [seen('running', 4)])).toEqual([seen('running', 4)]);
  expect(withBilledStates([seen('running', 4)], [asked])).toEqual([seen('running', 4)]);
});

describe('sums', () => {
  const to = 3_600_000;
  const event = (eventId: string, tenant: string, account: string, state: 'input' | 'running'): EventUsage => {
    const name = state === 'running' ? 'shared' : eventId;
    const spans = [{ resource: 'channel', name, state, class: 'STANDARD', from: 0, to }];
    return { eventId, tenant, vendor: 'aws-ivs', account, spans, unknown: [] };
  };
  const input = { vendor: 'aws-ivs', resource: 'channel', state: 'input' };
  const list = {
    currency: 'USD',
    asOf: '2026-01-01',
    prices: [
      { ...input, perHour: 1 },
      { ...input, class: 'STANDARD', perHour: 2 },
      { ...input, account: 'ours', perHour: 1.5 },
    ],
  };
  const prices = readPriceList(list);
  const given = prices.ok ? prices.value : undefined;

  it('are made by tenant, vendor or account, with the price that fits best', () => {
    const events = [
      event('a', 'acme', 'default', 'input'),
      event('b', 'bolt', 'ours', 'input'),
      event('c', 'acme', 'ours', 'input'),
    ];
    expect(summaryOf(events, 'vendor', given).rows).toMatchObject([
      { key: 'aws-ivs', events: 3, minutes: 180, money: 5 },
    ]);
    expect(summaryOf(events, 'tenant', given).rows).toMatchObject([
      { key: 'acme', minutes: 120, money: 3.5 },
      { key: 'bolt', minutes: 60, money: 1.5 },
    ]);
    expect(summaryOf(events, 'account').rows.map(({ key, money }) => [key, money])).toEqual([
      ['aws-ivs/default', undefined],
      ['aws-ivs/ours', undefined],
    ]);
  });

  it('count what events share once, and name what has no price', () => {
    const events = [event('a', 'acme', 'default', 'running'), event('b', 'acme', 'default', 'running')];
    const summary = summaryOf(events, 'vendor', given);
    expect(summary.rows).toMatchObject([{ minutes: 60, events: 2 }]);
    expect(summary.rows[0]?.money).toBeUndefined();
    expect(summary.unknown).toEqual(['aws-ivs channel, running: the price list has no price for it']);
  });

  it('are no money where a part of them has no price', () => {
    const ofOurs = readPriceList({ ...list, prices: [{ ...input, account: 'ours', perHour: 1.5 }] });
    const ours = ofOurs.ok ? ofOurs.value : undefined;
    for (const accounts of [
      ['default', 'ours'],
      ['ours', 'default'],
    ]) {
      const events = accounts.map((account) => event(account, 'acme', account, 'input'));
      const [row] = summaryOf(events, 'vendor', ours).rows;
      expect(row).toMatchObject({ minutes: 120 });
      expect(row).not.toHaveProperty('money');
    }
  });

  it('of a budget take what has no price for the dearest', () => {
    const [span] = event('a', 'acme', 'default', 'running').spans;
    if (!span) throw new Error('no span');
    const owned = { ...span, vendor: 'aws-ivs', account: 'default', goesOn: true };
    expect(amountOf([owned], 'money', given)).toBe(2);
    expect(rateOf([owned], 'money', given)).toBe(2 / 3_600_000);
    expect(amountOf([owned], 'minutes', given)).toBe(60);
  });

  it('count an event once that has legs on several accounts of a vendor', () => {
    const events = [event('a', 'acme', 'one', 'input'), event('a', 'acme', 'two', 'input')];
    const [row] = summaryOf(events, 'tenant').rows;
    expect(row).toMatchObject({ events: 1, minutes: 120 });
  });

  it('are CSV that no spreadsheet takes for a formula', () => {
    const csv = csvOf(summaryOf([event('a', '=cmd,"x"', 'default', 'input')], 'tenant', given));
    expect(csv.split('\n')).toEqual([
      'key,vendor,resource,state,class,events,minutes,money,currency',
      `"'=cmd,""x""",aws-ivs,channel,input,STANDARD,1,60,2,USD`,
      '',
    ]);
  });

  it('refuse a price list with everything that is wrong with it', () => {
    const wrong = readPriceList({
      currency: 'USD',
      prices: [{ vendor: 'x', resource: 'r', state: 'on', perHour: -1 }],
    });
    expect(wrong.ok ? [] : wrong.problems.map(({ path }) => path).sort()).toEqual([
      'asOf',
      'prices[0].perHour',
      'prices[0].state',
    ]);
  });
});
