import { describe, expect, it } from 'vitest';
import { boardMessages } from '../../../../api/streams/board-messages.ts';
import type { Board, EventCard } from '../../../../client/cards.ts';

const system = { workers: { count: 1 }, pollers: [] };
const card = (eventId: string, title: string): EventCard => ({ eventId, title, workflowStatus: 'RUNNING' });
const board = (...cards: EventCard[]): Board => ({ cards, system });
const namesIn = (text: Buffer) => [...String(text).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);

describe('the messages of a board', () => {
  it('are all cards first, then what is new, changed and gone', () => {
    const messages = boardMessages();
    const before = board(card('a', 'A'), card('b', 'B'), card('c', 'C'));
    expect(namesIn(messages(undefined, { value: before, id: '1' }))).toEqual(['snapshot', 'system']);
    const now = board(card('a', 'A'), card('b', 'other'), card('d', 'D'));
    const sent = messages(before.cards, { value: now, id: '2' });
    expect(namesIn(sent)).toEqual(['event', 'event', 'gone', 'system']);
    expect(String(sent)).toContain('event: gone\nid: 2\ndata: {"eventId":"c"}\n\n');
  });

  it('are made once for all viewers that had the same before, and anew for one that had not', () => {
    let made = 0;
    const counted = {
      ...card('a', 'A'),
      toJSON: () => {
        made += 1;
        return card('a', 'A');
      },
    };
    const messages = boardMessages();
    const before = board(card('a', 'former'));
    const now = { value: board(counted), id: '2' };
    const first = messages(before.cards, now);
    const forOne = made;
    for (let viewer = 0; viewer < 500; viewer += 1) expect(messages(before.cards, now)).toBe(first);
    expect(made).toBe(forOne);
    expect(namesIn(messages(undefined, now))).toEqual(['snapshot', 'system']);
  });
});
