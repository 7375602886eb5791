import { describe, expect, it } from 'vitest';
import { legReportOf } from '../../../../domain/legs/leg-report.ts';
import { newStatus } from '../../../../workflows/live-event/new-status.ts';

const status = newStatus('live-event/final@main');
const span = { from: 1, to: 2 };
const whole = {
  ...status,
  plan: { vendorOptions: {} },
  nextCue: { what: 'end', at: 1 },
  missedMs: 1,
  channel: { ref: { name: 'x' } },
  playback: { hls: 'https://a', note: 'b' },
  onAir: { state: 'frozen', since: 1, reason: 'late', latencyMs: 1, firstSegmentAt: 1, from: 1, lostAt: 1 },
  viewed: [span],
  viewersUnknown: [span],
  preflight: {
    at: 1,
    findings: [{ check: 'quota', message: 'no room', advice: 'move an event' }],
    unseen: [{ check: 'place', reason: 'no answer' }],
  },
  vendorState: 'Live',
  stoppedAt: 1,
  entered: { scheduled: 1 },
  windows: [span],
  gaps: [span],
  sessions: [{ startedAt: 1 }],
  vod: [{ url: 'https://a', covers: span, proof: { proved: true } }],
  endReason: 'reached-end',
  endDetail: 'a',
  billing: [{ resource: 'channel', name: 'x', state: 'running', at: 1 }],
};

describe('the report of a leg', () => {
  it.each([
    ['of a run that has only begun', status],
    ['of a run that knows all', whole],
  ])('is taken over: %s', (_, sent) => {
    expect(legReportOf({ leg: 'main', status: sent })).toEqual({ leg: 'main', status: sent });
  });

  it.each([
    { preflight: {} },
    { preflight: { at: 1, findings: [] } },
    { preflight: { at: 1, findings: [null], unseen: [] } },
    { preflight: { at: 1, findings: [{ check: 'quota', message: 1, advice: '' }], unseen: [] } },
    { preflight: { at: 1, findings: [], unseen: [{}] } },
    { phase: 'gone home' },
    { encoder: 'gone home' },
    { endsAt: 1e300 },
    { plan: {} },
    { nextCue: { what: 'rest', at: 1 } },
    { nextCue: { what: 'end', at: 1e300 } },
    { missedMs: 'long' },
    { channel: {} },
    { playback: { hls: 1 } },
    { playback: 'https://a' },
    { onAir: { state: 'on-air' } },
    { onAir: { state: 'up', since: 1 } },
    { onAir: { state: 'unknown', since: 1, lostAt: 'then' } },
    { viewed: [{ from: 1 }] },
    { viewersUnknown: {} },
    { vendorState: 1 },
    { stoppedAt: 'then' },
    { windows: [{ from: 1, to: 1e300 }] },
    { gaps: [null] },
    { sessions: [null] },
    { vod: [{ proof: { proved: true } }] },
    { vod: [{ url: 'https://a', covers: 1, proof: { proved: true } }] },
    { audit: {} },
    { endReason: 'bored' },
    { endDetail: 1 },
    { released: 'yes' },
    { billing: [null] },
    { billing: {} },
  ])('is none where the event would be decided or shown by what is not whole: %j', (part) => {
    expect(legReportOf({ leg: 'main', status: { ...whole, ...part } })).toBeUndefined();
  });
});
