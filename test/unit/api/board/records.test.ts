import { expect, it } from 'vitest';
import type { Preflight } from '../../../../domain/preflight.ts';
import type { EventStatus } from '../../../../domain/report.ts';
import { itemsIn, pageFile, pageHarness, textsIn } from './page-harness.ts';

pageHarness();
const { findings, alerts, vendorDetails } = (await pageFile('records.js')) as {
  alerts(status: Pick<EventStatus, 'warnings' | 'warningsDropped' | 'troubles'>): unknown[];
  findings(status: Pick<EventStatus, 'preflight' | 'legs'>): unknown[];
  vendorDetails(status: Partial<EventStatus>): unknown[];
};

const finding = { check: 'quota' as const, message: 'no room', advice: 'move an event' };
const unseen = { check: 'place' as const, reason: 'the look did not end within 25 s' };
const looked = (more: Partial<Preflight>): Preflight => ({ at: 0, findings: [], unseen: [], ...more });

it('an event shows what its preflight found and what it could not look at, with the reason', () => {
  const shown = (more: Partial<Preflight>) => itemsIn(findings({ preflight: looked(more) }));
  expect(shown({ findings: [finding], unseen: [unseen] })).toEqual([
    '▲ quotano roommove an event',
    '? place, not looked atthe look did not end within 25 s',
  ]);
  expect(shown({ unseen: [unseen] })).toEqual(['? place, not looked atthe look did not end within 25 s']);
  expect(findings({ preflight: looked({}) })).toEqual([]);
  expect(findings({})).toEqual([]);
});

it('an event with legs shows that of each leg', () => {
  const leg = { vendor: 'aws-ivs', account: 'default', start: 'with-event' as const };
  const ofLeg = (name: string, preflight?: Preflight) => ({
    ...{ ...leg, name },
    ...(preflight && { status: { preflight } as EventStatus }),
  });
  const legs = [
    ofLeg('main', looked({ findings: [finding] })),
    ofLeg('backup', looked({ unseen: [unseen] })),
    ofLeg('spare'),
  ];
  expect(itemsIn(findings({ legs }))).toEqual([
    '▲ quotaleg main: no roommove an event',
    '? place, not looked atleg backup: the look did not end within 25 s',
  ]);
});

it('an event shows how many warnings are not kept', () => {
  const warnings = [{ at: 0, warning: 'step-slow' as const, message: 'start takes long' }];
  const last = (dropped?: number) =>
    itemsIn(alerts({ warnings, troubles: [], ...(dropped !== undefined && { warningsDropped: dropped }) })).at(-1);
  expect(last(7)).toBe('7 earlier warnings are not kept');
  expect(last()).toContain('start takes long');
});

it('an event shows how many vendor events and sessions are not kept', () => {
  const hints = [{ source: 'queue', id: '1', type: 'dropped', at: 0, facts: {} }];
  const sessions = [{ startedAt: 0 }];
  const titles = (more: Partial<EventStatus>) => textsIn(vendorDetails({ hints, sessions, ...more }), 'summary');
  expect(titles({ vendorEventsDropped: 7, connections: 25 })).toEqual([
    'Sessions: the newest 1 of 25',
    'Vendor events: the newest 1 of 8',
  ]);
  expect(titles({})).toEqual(['Sessions: 1', 'Vendor events: 1']);
});

it('a leg that failed and is well again is shown once, as over', () => {
  const message = 'leg main (aws-ivs / default) has failed: no encoder is connected';
  const trouble = { at: 0, phase: 'live' as const, kind: 'leg-failed', message };
  const warning = { at: 0, warning: 'leg-failed' as const, message };
  const shown = (more: object) => itemsIn(alerts({ warnings: [{ ...warning, ...more }], troubles: [trouble] }));
  expect(shown({})).toEqual([expect.stringMatching(/^✕ leg-failed/)]);
  expect(shown({ endedAt: 1, ended: 'it is well again' })).toEqual([
    expect.stringMatching(/^✓ leg-failed.*over since/),
  ]);
});
