import { describe, expect, it } from 'vitest';
import type { EventStatus, ProvedAsset } from '../../../domain/report.ts';
import type { LogEntry } from '../../../simulators/kit/types.ts';
import { Prng } from '../prng.ts';
import type { Evidence } from './evidence.ts';
import { faultyVendors, operationsOf } from './operations.ts';
import { longestHistory, problemsOf } from './oracle.ts';
import { scenarioOf } from './scenario.ts';

const at = 1_800_000_000_000;

const asset = (ok: boolean): ProvedAsset => ({
  url: 'http://127.0.0.1/vod.m3u8',
  finality: 'closed',
  proof: {
    proved: ok,
    durationMs: 4_000,
    expectedMs: 4_000,
    segments: 2,
    discontinuities: 0,
    checks: [{ name: 'ended', ok, detail: 'what was seen' }],
  },
});

const report: EventStatus = {
  eventId: 'e',
  title: 'e',
  vendor: 'alibaba-oss',
  account: 's1',
  phase: 'completed',
  encoder: 'connected',
  startsAt: at,
  endsAt: at + 6_000,
  hardEndsAt: at + 9_000,
  stoppedAt: at + 6_100,
  entered: { 'waiting-for-encoder': at + 500, live: at + 1_000, stopping: at + 6_000 },
  windows: [{ from: at + 1_000, to: at + 6_000 }],
  gaps: [],
  sessions: [],
  output: { details: {} },
  channel: { ref: { vendor: 'alibaba-oss', account: 's1', name: 'sc-e', workflowId: 'live-event/e' }, details: {} },
  vod: [asset(true)],
  audit: [],
  troubles: [],
  endReason: 'reached-end',
  endDetail: 'the show ended',
  released: true,
  plan: {
    eventId: 'e',
    title: 'e',
    vendor: 'alibaba-oss',
    account: 's1',
    startsAt: at,
    endsAt: at + 6_000,
    hardEndsAt: at + 9_000,
    warmUpMs: 0,
    startLeadMs: 0,
    standby: false,
    sources: [],
    waits: { firstConnectMs: 3_000, encoderLostMs: 1_000, maxDurationMs: 9_000 },
    vod: { publish: true, deadlineMs: 86_400_000 },
    vendorOptions: {},
    capabilities: {
      standby: false,
      relay: false,
      vodNeedsChannel: true,
    },
  },
};

const channel = { vendor: 'alibaba-oss', kind: 'live-channel', name: 'sc-e', billed: false, state: 'Idle' };
const call: LogEntry = {
  at,
  vendor: 'alibaba-oss',
  operation: 'GetLiveChannelStat',
  method: 'GET',
  url: '',
  status: 200,
};
const frozen = { at: at + 4_000, warning: 'viewers-frozen' as const, message: 'viewers see no new picture' };
const hit: LogEntry = { ...call, fault: 'hang' };

const sound: Evidence = {
  scenario: { ...scenarioOf(2), vendor: 'alibaba-oss' },
  report,
  workflow: 'COMPLETED',
  mishaps: [],
  cancelled: false,
  calls: [call],
  pushes: [{ from: at + 900, to: at + 6_050 }],
  letInAfterwards: false,
  left: [],
  mostChannels: 1,
  channelsMade: 1,
  billed: {
    spans: [{ vendor: 'alibaba-oss', kind: 'live-channel', name: 'sc-e', from: at + 1_000, to: at + 6_000 }],
    at: at + 9_000,
  },
  neighbours: { before: [channel], after: [channel] },
  historyLength: 70,
  leakedSecrets: [],
  tookMs: 9_000,
};

const reported = (changed: Partial<EventStatus>): Partial<Evidence> => ({ report: { ...report, ...changed } });
const failed = (endReason: EventStatus['endReason'], rest: Partial<EventStatus> = {}): Partial<Evidence> => ({
  ...reported({ endReason, phase: 'failed', ...rest }),
  workflow: 'FAILED',
});

const faulty: [string, Partial<Evidence>, RegExp][] = [
  ['a resource that is left', { left: [channel] }, /left: live-channel sc-e/],
  ['a report that does not say released', reported({ released: false }), /everything is released/],
  ['two channels at one time', { mostChannels: 2 }, /2 channels at one time/],
  ['a channel made twice', { channelsMade: 2 }, /2 channels were made/],
  ['a run that answers nothing', { report: undefined }, /never answered/],
  ['a run that does not end', { unfinished: [], workflow: 'RUNNING' }, /had not ended/],
  ['a run without a reason', reported({ endReason: undefined }), /the end reason is undefined/],
  ['a reason that says nothing', reported({ endDetail: undefined }), /nothing is said/],
  ['a status of the workflow that is not the reason’s', { workflow: 'FAILED' }, /ended the workflow as FAILED/],
  ['an end without an encoder', { pushes: [] }, /no encoder ever came/],
  ['an encoder that came and is said never to have', failed('encoder-never-connected'), /the encoder came/],
  ['an encoder that stayed and is said to be gone', reported({ endReason: 'encoder-gone' }), /never left/],
  ['a stop without an action', reported({ endReason: 'stopped-by-operator' }), /no operator stopped it/],
  ['an extension without an action', reported({ endReason: 'max-duration' }), /no operator extended it/],
  [
    'a cancellation without a request',
    { ...reported({ endReason: 'cancelled', phase: 'cancelled', vod: [] }), workflow: 'CANCELLED' },
    /no client cancelled it/,
  ],
  ['an allocation that failed though nothing was refused', failed('allocation-failed'), /refused nothing/],
  [
    'an allocation that was not in time though nothing kept it',
    failed('allocation-failed', { endDetail: 'it was not done before the show was to end' }),
    /refused nothing/,
  ],
  ['a show that is called missed', failed('missed'), /there was time/],
  ['a plan that is called invalid', failed('invalid-plan'), /no such plan/],
  ['a recording that is not proved', reported({ vod: [asset(false)] }), /neither proved nor called unproved/],
  ['a show without a recording', reported({ vod: [] }), /neither proved nor called unproved/],
  [
    'a recording that is unproved without a cause',
    failed('vod-unproved', { vod: [asset(false)], endDetail: 'x (the show itself ended by reached-end: y)' }),
    /unproved without a cause/,
  ],
  [
    'a failed show that does not say what became of its recording',
    { ...failed('encoder-never-connected', { vod: [] }), calls: [hit] },
    /neither proved nor called unproved/,
  ],
  ['viewers without a picture, without a cause', reported({ warnings: [frozen] }), /viewers-frozen without a cause/],
  ['more seen than was sent', reported({ viewed: [{ from: at, to: at + 60_000 }] }), /viewers are said to have got/],
  ['tries that do not say why', { trying: [{ name: 'cleanUp', attempt: 4 }] }, /without saying why/],
  ['a push after the stop', { pushes: [...sound.pushes, { from: at + 7_000, to: at + 8_000 }] }, /after the stop/],
  ['an open ingest after the end', { letInAfterwards: true }, /after the end/],
  ['a neighbour that is gone', { neighbours: { before: [channel], after: [] } }, /another's: live-channel sc-e/],
  ['an operator without an answer', { mishaps: ['stopNow: no worker'] }, /without an answer: stopNow/],
  ['a secret', { leakedSecrets: ['abcd… as abcd…'] }, /a secret leaked/],
  ['a history that grows', { historyLength: longestHistory + 1 }, /history has 401 events/],
  [
    'usage that the vendor bills otherwise',
    { billed: { ...sound.billed, spans: sound.billed.spans.map((span) => ({ ...span, to: at + 7_500 })) } },
    /usage of live channel sc-e: 5000 ms, and the vendor bills 6500 ms/,
  ],
  [
    'what is billed and in no usage',
    reported({ channel: undefined }),
    /usage of live-channel sc-e: 0 ms|usage of live channel sc-e: 0 ms/,
  ],
  ['an unknown call', { calls: [{ ...call, operation: 'NewCall' }] }, /does not know the call NewCall/],
];

describe('the oracle', () => {
  it('has nothing against a sound run', () => {
    expect(problemsOf(sound)).toEqual([]);
  });

  it.each(faulty)('reports %s', (_what, changed, words) => {
    expect(problemsOf({ ...sound, ...changed }).join('\n')).toMatch(words);
  });

  it('accepts an unproved recording, a refusal and an absence where a fault explains them', () => {
    const explained = [
      failed('vod-unproved', { vod: [asset(false)], endDetail: 'x (the show itself ended by reached-end: y)' }),
      failed('allocation-failed', { vod: [], windows: [] }),
      failed('encoder-never-connected', { vod: [], windows: [] }),
    ];
    for (const changed of explained) {
      const billed = changed.report?.windows.length === 0 ? { spans: [], at } : sound.billed;
      expect(problemsOf({ ...sound, ...changed, billed, calls: [hit] })).toEqual([]);
    }
  });
});

describe('a seed', () => {
  it('gives the same scenario every time, and another than its neighbour', () => {
    expect(scenarioOf(7)).toEqual(scenarioOf(7));
    expect(scenarioOf(7)).not.toEqual({ ...scenarioOf(11), seed: 7 });
  });

  it('takes the vendors in turn', () => {
    const vendors = Array.from({ length: 8 }, (_, i) => scenarioOf(100 + i).vendor);
    expect(new Set(vendors.slice(0, 4))).toEqual(new Set(faultyVendors));
    expect(vendors.slice(4)).toEqual(vendors.slice(0, 4));
  });

  it('puts every kind of fault on every call of every vendor, sooner or later', () => {
    const faults = Array.from({ length: 4_000 }, (_, seed) => scenarioOf(seed)).flatMap(({ vendor, faults }) =>
      faults.map(({ operation, kind }) => ({ at: `${vendor} ${operation}`, kind })),
    );
    const calls = Object.entries(operationsOf).flatMap(([vendor, all]) => all.map((one) => `${vendor} ${one}`));
    expect(calls.filter((one) => !faults.some(({ at }) => at === one))).toEqual([]);
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(14);
  });

  it('spreads its throws evenly', () => {
    const prng = new Prng(1);
    const low = Array.from({ length: 10_000 }, () => prng.throw()).filter((thrown) => thrown < 0.3).length;
    expect(low).toBeGreaterThan(2_800);
    expect(low).toBeLessThan(3_200);
  });
});
