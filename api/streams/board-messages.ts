import type { Board, EventCard } from '../../client/cards.ts';
import { identityOf } from '../../client/listing.ts';
import { framesOf, type StreamEvent } from '../http/sse.ts';
import type { Snapshot } from './fan-out.ts';

/** What a viewer is sent who has the cards `before`; a viewer who has none gets all of them. */
export type BoardMessages = (before: readonly EventCard[] | undefined, now: Snapshot<Board>) => Buffer;

/** Makes them once for all viewers that had the same before: 500 viewers cost a look no more comparisons than one. */
export function boardMessages(): BoardMessages {
  let last: { before: readonly EventCard[] | undefined; board: Board; bytes: Buffer } | undefined;
  return (before, now) => {
    if (!last || last.before !== before || last.board !== now.value)
      last = { before, board: now.value, bytes: Buffer.from(framesOf(messagesOf(before, now))) };
    return last.bytes;
  };
}

function messagesOf(before: readonly EventCard[] | undefined, { value, id }: Snapshot<Board>): StreamEvent[] {
  const { cards, system } = value;
  const events = before ? changes(before, cards, id) : [{ event: 'snapshot', id, data: { events: cards } }];
  return [...events, { event: 'system', data: system }];
}

function changes(before: readonly EventCard[], now: readonly EventCard[], id: string): StreamEvent[] {
  const old = new Map(before.map((card) => [identityOf(card), card]));
  const changed = now.filter((card) => JSON.stringify(old.get(identityOf(card))) !== JSON.stringify(card));
  for (const card of now) old.delete(identityOf(card));
  return [
    ...changed.map((card) => ({ event: 'event', id, data: card })),
    ...[...old.values()].map(({ eventId, tenant }) => ({ event: 'gone', id, data: { eventId, tenant } })),
  ];
}
