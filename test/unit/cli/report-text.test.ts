import { expect, it } from 'vitest';
import { reportLines } from '../../../cli/report-text.ts';
import type { EventStatus } from '../../../domain/report.ts';

const status: EventStatus = {
  ...{
    eventId: 'final',
    title: 'Final',
    vendor: 'aws-ivs',
    account: 'default',
    phase: 'scheduled',
    encoder: 'waiting',
  },
  ...{ startsAt: 1, endsAt: 2, hardEndsAt: 2, entered: {}, windows: [], gaps: [], sessions: [], vod: [] },
  ...{ audit: [], troubles: [], released: false },
};

it('a report says what the preflight found and what it could not look at, with the reason', () => {
  const preflight = {
    at: 0,
    findings: [{ check: 'quota' as const, message: 'no room', advice: 'move an event' }],
    unseen: [{ check: 'place' as const, reason: 'the look did not end within 25 s' }],
  };
  expect(reportLines({ ...status, preflight })).toEqual(
    expect.arrayContaining([
      '  finding   quota: no room; move an event',
      '  unseen    place: the look did not end within 25 s',
    ]),
  );
});

it('a report says how many warnings are not kept', () => {
  const warnings = [{ at: 0, warning: 'step-slow' as const, message: 'start takes long' }];
  const lines = reportLines({ ...status, warnings, warningsDropped: 7 });
  expect(lines).toEqual(
    expect.arrayContaining([
      '  warning   7 earlier ones are not kept',
      '  warning   1970-01-01T00:00:00Z start takes long',
    ]),
  );
  expect(reportLines({ ...status, warnings }).join()).not.toContain('earlier');
});

it('a report of an event with legs that is over says NO and what is still billed, by leg', () => {
  const ref = { vendor: 'aws-ivs', account: 'default', name: 'sc-final', workflowId: 'live-event/final@main' };
  const of = { vendor: 'aws-ivs', account: 'default', start: 'with-event' as const, begunAt: 1, endedAt: 2 };
  const legs = [
    { ...of, name: 'main', status: { ...status, phase: 'completed' as const, left: ref } },
    { ...of, name: 'backup', status: { ...status, phase: 'completed' as const, released: true } },
  ];
  expect(reportLines({ ...status, phase: 'completed', endReason: 'reached-end', legs })).toContain(
    '  released  NO: leg main: sc-final at aws-ivs / default: handed over, to be released by hand',
  );
});

it('a connection that goes on reaches to now while it is seen, and to when it was last seen otherwise, also of a leg', () => {
  const live = { phase: 'live' as const, encoder: 'connected' as const, windows: [{ from: 0, to: 1_000 }] };
  const ofMain = { name: 'main', vendor: 'aws-ivs', account: 'default', start: 'with-event' as const, begunAt: 1 };
  const event = { ...status, ...live, legs: [{ ...ofMain, status: { ...status, ...live } }] };
  const connected = (staleSince?: number) =>
    reportLines(event, staleSince)
      .map((line) => line.trim())
      .filter((line) => line.startsWith('live '));
  for (const line of connected()) expect(line).toMatch(/^live +1970-01-01T00:00:00Z → now /);
  const unseen = 'live      1970-01-01T00:00:00Z → 1970-01-01T00:00:09Z (9s), not seen since';
  expect(connected(9_000)).toEqual([unseen, unseen]);
});
