import { attributeNames } from '../domain/search-attributes.ts';
import type { EventPage, EventSummary, PageRequest } from './listing.ts';

/** Events that have begun, and those whose phase is not listed yet. */
const begun = `${attributeNames.phase} != 'scheduled' OR ${attributeNames.phase} IS NULL`;

/** The events that run, at most so many. Where there are more, those that wait for their time are left out first: they were planned last. */
export async function runningEvents(
  client: { page(request: PageRequest): Promise<EventPage> },
  limit: number,
): Promise<{ events: EventSummary[]; hasMore: boolean }> {
  // A full page has a cursor also where nothing follows it.
  const { events } = await client.page({ running: true, limit: limit + 1 });
  if (events.length <= limit) return { events, hasMore: false };
  const { events: first } = await client.page({ running: true, limit, query: begun });
  const shown = [...first, ...events.filter(({ phase }) => phase === 'scheduled')].slice(0, limit);
  return { events: shown, hasMore: true };
}
