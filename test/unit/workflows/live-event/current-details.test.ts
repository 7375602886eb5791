import { marked } from 'marked';
import { expect, it } from 'vitest';
import type { Phase } from '../../../../domain/phases.ts';
import type { EventStatus } from '../../../../domain/report.ts';
import { detailsOf } from '../../../../workflows/live-event/current-details.ts';

const attack = '[x](https://evil.example) <img src=x onerror=alert(1)> | `y` ![z](https://evil.example/p.png)\n\n# Big';

it('says from when on it is a warning that no encoder is there, or that a step takes long', () => {
  const plan = { waits: { firstConnectMs: 600_000 }, startsAt: 0, endsAt: 3_600_000, hardEndsAt: 3_600_000 };
  const at = (phase: Phase, more: Partial<EventStatus> = {}) =>
    detailsOf({
      ...{ eventId: 'final', title: 'Final', vendor: 'aws-ivs', account: 'default', phase, encoder: 'waiting' },
      ...{ startsAt: 0, endsAt: 3_600_000, hardEndsAt: 3_600_000, entered: { [phase]: 0 }, windows: [], gaps: [] },
      ...{ sessions: [], vod: [], audit: [], troubles: [], released: false, plan: plan as never },
      ...more,
    });
  expect(at('waiting-for-encoder')).toContain(
    '| warning | from 1970-01-01 00:05:00 UTC on, if none has connected: no encoder yet |',
  );
  expect(at('starting')).toContain(
    '| warning | from 1970-01-01 00:05:00 UTC on, if starting is not over: it takes long |',
  );
  expect(at('live', { encoder: 'connected' })).not.toContain('warning');
  // With subscribers a timer warns.
  expect(at('starting', { plan: { ...plan, notify: { receivers: [], slowStepMs: 1 } } as never })).not.toContain(
    'warning',
  );
  const channel = { ref: { name: 'x' } } as never;
  expect(at('allocating', { channel })).not.toContain('warning');
});

it('says what the preflight of the event or of each leg found and could not look at, with the reason', () => {
  const status: EventStatus = {
    ...{ eventId: 'final', title: 'Final', vendor: 'aws-ivs', account: 'default', phase: 'scheduled' },
    ...{ encoder: 'waiting', startsAt: 0, endsAt: 1, hardEndsAt: 2, entered: {}, windows: [], gaps: [], sessions: [] },
    ...{ vod: [], audit: [], troubles: [], released: false },
  };
  const preflight: EventStatus['preflight'] = {
    at: 0,
    findings: [{ check: 'quota', message: 'no room', advice: 'move an event' }],
    unseen: [{ check: 'place', reason: `no answer | ${attack}` }],
  };
  const details = detailsOf({ ...status, preflight });
  expect(details).toContain('| finding | quota: no room; move an event |\n| unseen | place: no answer ');
  expect(marked.parse(details, { async: false, gfm: true })).not.toMatch(/<(a|img|script|h1)\b/);
  const leg = { vendor: 'aws-ivs', account: 'default', start: 'with-event' as const };
  const legs = [
    { ...leg, name: 'main', status: { ...status, preflight } },
    { ...leg, name: 'backup' },
  ];
  expect(detailsOf({ ...status, legs })).toContain(
    '| finding | quota: leg main: no room; move an event |\n| unseen | place: leg main: no answer ',
  );
});

it('says how many warnings there are besides the newest three', () => {
  const status: EventStatus = {
    ...{ eventId: 'final', title: 'Final', vendor: 'aws-ivs', account: 'default', phase: 'completed' },
    ...{ encoder: 'lost', startsAt: 0, endsAt: 1, hardEndsAt: 2, entered: {}, windows: [], gaps: [], sessions: [] },
    ...{ vod: [], audit: [], troubles: [], released: false },
  };
  const warnings = Array.from({ length: 5 }, (_, at) => ({ at, warning: 'step-slow' as const, message: `slow ${at}` }));
  const shown = detailsOf({ ...status, warnings, warningsDropped: 4 });
  expect(shown.match(/\| warning \|.*\|/g)).toEqual([
    '| warning | 6 earlier ones: `showcaller status` has those that are kept |',
    ...[2, 3, 4].map((at) => `| warning | 1970-01-01 00:00:00 UTC: slow ${at} |`),
  ]);
  expect(detailsOf({ ...status, warnings: warnings.slice(2) })).not.toContain('earlier');
});

it('shows a title and the words of others as text: no link, no picture, no HTML, no row of their own', () => {
  const status: EventStatus = {
    ...{ eventId: 'final', title: attack, vendor: 'aws-ivs', account: 'default', phase: 'completed', encoder: 'lost' },
    ...{ startsAt: 0, endsAt: 1, hardEndsAt: 2, entered: {}, windows: [], gaps: [], sessions: [], vod: [], audit: [] },
    ...{ vendorState: attack, endReason: 'reached-end', endDetail: attack, released: true },
    troubles: [{ at: 0, phase: 'live', kind: 'unknown', message: attack }],
  };
  const html = marked.parse(detailsOf(status), { async: false, gfm: true });
  expect(html).not.toMatch(/<(a|img|script|h1)\b/);
  expect(html.match(/<tr>/g)?.length).toBe(8);
});
