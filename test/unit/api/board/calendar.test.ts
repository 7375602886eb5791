import { expect, it, vi } from 'vitest';
import { until } from '../../../support/until.ts';
import { pageFile, pageHarness, textOf } from './page-harness.ts';

pageHarness();
const { createCalendar } = (await pageFile('calendar.js')) as {
  createCalendar(of: Record<string, unknown>): { element: unknown; show(cards: unknown[]): void };
};

const pageSize = 100;
const cut = 'Only the newest 500 events of this week are shown.';

/** What a week shows of an API with so many events, which names a next page after each full one. */
async function weekWith(count: number): Promise<string> {
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', async (url: URL) => {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const ids = Array.from({ length: Math.min(pageSize, count - from) }, (_, n) => `show-${from + n}.`);
    const events = ids.map((eventId) => ({ eventId, phase: 'live', startsAt: '2026-11-25T12:00:00Z' }));
    return Response.json({ events, ...(events.length === pageSize && { cursor: String(from + pageSize) }) });
  });
  const calendar = createCalendar({
    query: () => new URLSearchParams('view=week&week=2026-11-25'),
    ...{ passes: () => true, addressOf: () => '#', coming: () => [] },
  });
  calendar.show([]);
  await until(() => textOf([calendar.element]).includes('show-0.'));
  return textOf([calendar.element]);
}

it('a week says that it shows the newest events alone where there are more, and not where it shows exactly all', async () => {
  const [all, more] = [await weekWith(500), await weekWith(501)];
  expect(all).toContain('show-499.');
  expect(all).not.toContain(cut);
  expect(more).toContain('show-499.');
  expect(more).not.toContain('show-500.');
  expect(more).toContain(cut);
});
