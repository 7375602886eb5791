import { marked } from 'marked';
import { expect, it } from 'vitest';
import type { EventStatus } from '../../../../domain/report.ts';
import { detailsOf } from '../../../../workflows/live-event/current-details.ts';

const attack = '[x](https://evil.example) <img src=x onerror=alert(1)> | `y` ![z](https://evil.example/p.png)\n\n# Big';

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
