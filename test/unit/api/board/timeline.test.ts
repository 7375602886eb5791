import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { EventStatus } from '../../../../domain/report.ts';
import { itemsIn, pageFile, pageHarness } from './page-harness.ts';

interface Span {
  from: number;
  to: number;
}
type Show = Partial<EventStatus> & { staleSince?: number };

pageHarness();
const { windowsSoFar, outageNow, unseenNow } = (await pageFile('timeline.js')) as Record<
  'windowsSoFar' | 'outageNow' | 'unseenNow',
  (show: Show) => Span[] | Span | undefined
>;
const { timesOf } = (await pageFile('records.js')) as { timesOf(status: Show): unknown };

const minute = 60_000;
const now = Date.UTC(2026, 11, 1, 19);
const before = (minutes: number) => now - minutes * minute;
const windows = [
  { from: before(60), to: before(50) },
  { from: before(45), to: before(40) },
];

beforeAll(() => void vi.useFakeTimers({ now }));
afterAll(() => void vi.useRealTimers());

const drawn = (show: Show) => ({
  windows: windowsSoFar(show),
  outage: outageNow(show),
  unseen: unseenNow(show),
});

it('a connection that goes on reaches to now while it is seen, and to when it was last seen otherwise', () => {
  const show: Show = { phase: 'live', encoder: 'connected', windows };
  expect(drawn(show)).toEqual({ windows: [windows[0], { from: before(45), to: now }] });
  expect(drawn({ ...show, staleSince: before(30) })).toEqual({
    windows: [windows[0], { from: before(45), to: before(30) }],
    unseen: { from: before(30), to: now },
  });
  // The run had looked since.
  expect(drawn({ ...show, staleSince: before(42) })).toEqual({ windows, unseen: { from: before(40), to: now } });
});

it('an outage that is not seen any more reaches to when it was last seen', () => {
  const show: Show = { phase: 'encoder-lost', encoder: 'lost', windows };
  expect(drawn(show)).toEqual({ windows, outage: { from: before(40), to: now } });
  expect(drawn({ ...show, staleSince: before(30) })).toEqual({
    ...{ windows, outage: { from: before(40), to: before(30) } },
    unseen: { from: before(30), to: now },
  });
});

it.each<Show>([
  { phase: 'live', encoder: 'lost', windows },
  { phase: 'live', encoder: 'connected', stoppedAt: before(40), windows },
  { phase: 'completed', encoder: 'connected', windows, staleSince: before(30) },
])('a connection that has ended stays as it was: %j', (show) => {
  expect(drawn(show)).toEqual({ windows });
});

it('the times of an event name when its encoder was connected, and since when that is not seen', () => {
  const of = (more: Show) =>
    itemsIn([timesOf({ ...{ startsAt: now, endsAt: now, hardEndsAt: now, gaps: [], windows }, ...more })]);
  const { textContent } = timesOf({
    ...{ startsAt: now, endsAt: now, hardEndsAt: now, gaps: [], windows, phase: 'completed' as const },
  }) as { textContent: string };
  expect(textContent).toContain('Encoder connected');
  expect(textContent).not.toContain('On air');
  expect(of({ phase: 'live', encoder: 'connected' }).at(-1)).toMatch(/^since [^,]+$/);
  expect(of({ phase: 'live', encoder: 'connected', staleSince: before(30) }).at(-1)).toMatch(
    /^since .+, last seen .+$/,
  );
});
