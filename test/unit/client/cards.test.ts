import { describe, expect, it } from 'vitest';
import { Cards, cardOf } from '../../../client/cards.ts';
import type { ShowcallerClient } from '../../../client/client.ts';
import type { EventSummary, PageRequest } from '../../../client/listing.ts';
import type { EventStatus } from '../../../domain/report.ts';

type Line = Pick<EventSummary, 'eventId' | 'workflowStatus' | 'tenant'>;

/** The board of a Temporal with these events, which names a next page after each full one; no run answers. */
async function polled(there: { running: readonly Line[]; over: readonly Line[] }) {
  const client = {
    within: (_ms: number, work: () => unknown) => work(),
    page: async ({ running, limit }: PageRequest) => {
      const events = (running ? there.running : there.over)
        .slice(0, limit)
        .map((one) => ({ ...one, key: one.eventId }));
      return { events, ...(events.length === limit && { cursor: 'more' }) };
    },
    workersSeen: async () => [],
    status: () => Promise.reject(new Error('no answer')),
    pending: async () => [],
  };
  return new Cards(client as unknown as ShowcallerClient, 1_000).poll();
}

/** The board of a Temporal with so many events. */
async function boardOf(there: { running: number; over: number }) {
  const lines = (length: number, of: string, workflowStatus: string): Line[] =>
    Array.from({ length }, (_, n) => ({ eventId: `${of}-${n}`, workflowStatus }));
  const { cards, system } = await polled({
    running: lines(there.running, 'running', 'RUNNING'),
    over: lines(there.over, 'over', 'TERMINATED'),
  });
  return { shown: cards.length, notShown: system.notShown };
}

it('a board says that more events run, or are over, than it shows and looks at, and not where it shows exactly all', async () => {
  expect(await boardOf({ running: 201, over: 51 })).toEqual({ shown: 250, notShown: ['running', 'over'] });
  expect(await boardOf({ running: 201, over: 0 })).toEqual({ shown: 200, notShown: ['running'] });
  expect(await boardOf({ running: 0, over: 51 })).toEqual({ shown: 50, notShown: ['over'] });
  expect(await boardOf({ running: 200, over: 50 })).toEqual({ shown: 250, notShown: undefined });
});

it('an event that ran more than once has one card, of its newest run; one of another tenant has its own', async () => {
  const line = (eventId: string, workflowStatus: string, tenant?: string): Line => ({
    eventId,
    workflowStatus,
    ...(tenant !== undefined && { tenant }),
  });
  const { cards } = await polled({
    running: [line('a', 'RUNNING')],
    over: [line('a', 'FAILED'), line('b', 'COMPLETED'), line('b', 'TERMINATED'), line('b', 'FAILED', 'north')],
  });
  expect(cards.map(({ eventId, workflowStatus, tenant }) => [eventId, workflowStatus, tenant])).toEqual([
    ['a', 'RUNNING', undefined],
    ['b', 'COMPLETED', undefined],
    ['b', 'FAILED', 'north'],
  ]);
});

describe('the alerts of a card', () => {
  const warning = (at: number, message: string, endedAt?: number) => ({
    at,
    warning: 'step-slow' as const,
    message,
    ...(endedAt !== undefined && { endedAt, ended: 'done' }),
  });
  const trouble = (at: number, message: string) => ({ at, phase: 'live' as const, kind: 'unavailable', message });
  const alertsOf = (given: Pick<EventStatus, 'warnings' | 'troubles'>) => {
    const summary = { eventId: 'a', key: 'a', workflowStatus: 'RUNNING' };
    const status = { phase: 'live', vod: [], ...given } as unknown as EventStatus;
    const { alerts, latestAlert } = cardOf({ summary, status, conditions: [] });
    return [alerts, latestAlert];
  };

  it.each<[string, Pick<EventStatus, 'warnings' | 'troubles'>, [number, string | undefined]]>([
    ['none', { troubles: [] }, [0, undefined]],
    ['a warning that has not ended', { warnings: [warning(1, 'slow')], troubles: [] }, [1, 'slow']],
    ['a warning that has ended', { warnings: [warning(1, 'slow', 2)], troubles: [] }, [0, undefined]],
    [
      'one that has not ended before one that has',
      { warnings: [warning(1, 'slow'), warning(3, 'over', 4)], troubles: [] },
      [1, 'slow'],
    ],
    [
      'a trouble that is a warning too',
      { warnings: [warning(1, 'failed')], troubles: [trouble(1, 'failed')] },
      [1, 'failed'],
    ],
    ['one that is over', { warnings: [warning(1, 'failed', 2)], troubles: [trouble(1, 'failed')] }, [0, undefined]],
    ['a newer warning', { warnings: [warning(5, 'slow')], troubles: [trouble(4, 'refused')] }, [2, 'slow']],
    ['a newer trouble', { warnings: [warning(3, 'slow')], troubles: [trouble(4, 'refused')] }, [2, 'refused']],
  ])('are the warnings that have not ended and the troubles, with the newest message: %s', (_, given, alerts) => {
    expect(alertsOf(given)).toEqual(alerts);
  });
});
