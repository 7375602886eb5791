import { expect, it } from 'vitest';
import type { EventSummary, PageRequest } from '../../../client/listing.ts';
import { runningEvents } from '../../../client/running-events.ts';

const eventOf = (key: string, phase: EventSummary['phase']): EventSummary => ({
  ...{ eventId: key, key, workflowStatus: 'RUNNING' },
  ...(phase && { phase }),
});

/** A Temporal that lists these, newest first, and names a next page after each full one, as it does. */
function listOf(all: readonly EventSummary[]) {
  const asked: PageRequest[] = [];
  const page = async (request: PageRequest) => {
    asked.push(request);
    const found = request.query === undefined ? all : all.filter(({ phase }) => phase !== 'scheduled');
    return { events: found.slice(0, request.limit), ...(found.length >= request.limit && { cursor: 'more' }) };
  };
  return { asked, page };
}

it('a show on air is seen, however many events were planned after it', async () => {
  const planned = Array.from({ length: 200 }, (_, n) => eventOf(`planned-${n}`, 'scheduled'));
  const { page } = listOf([...planned, eventOf('live', 'live'), eventOf('first', undefined)]);
  const { events: found, hasMore } = await runningEvents({ page }, 200);
  expect(hasMore).toBe(true);
  expect(found.slice(0, 3).map(({ key }) => key)).toEqual(['live', 'first', 'planned-0']);
  expect(found.length).toBe(200);
});

it('where all are listed Temporal is asked once, and they stay in its order', async () => {
  const all = [eventOf('planned', 'scheduled'), eventOf('live', 'live')];
  const { page, asked } = listOf(all);
  expect(await runningEvents({ page }, 200)).toEqual({ events: all, hasMore: false });
  expect(asked.length).toBe(1);
});

it('where exactly as many run as are shown there are no more', async () => {
  const all = Array.from({ length: 200 }, (_, n) => eventOf(`live-${n}`, 'live'));
  expect(await runningEvents(listOf(all), 200)).toEqual({ events: all, hasMore: false });
  const one = await runningEvents(listOf([...all, eventOf('oldest', 'live')]), 200);
  expect(one).toEqual({ events: all, hasMore: true });
});
