import { expect, it } from 'vitest';
import { Cards } from '../../../client/cards.ts';
import type { ShowcallerClient } from '../../../client/client.ts';
import type { PageRequest } from '../../../client/listing.ts';

/** The board of a Temporal with so many events, which names a next page after each full one. */
async function boardOf(there: { running: number; over: number }) {
  const client = {
    within: (_ms: number, work: () => unknown) => work(),
    page: async ({ running, limit }: PageRequest) => {
      const length = Math.min(limit, running ? there.running : there.over);
      const events = Array.from({ length }, (_, n) => {
        const key = `${running ? 'running' : 'over'}-${n}`;
        return { eventId: key, key, workflowStatus: running ? 'RUNNING' : 'TERMINATED' };
      });
      return { events, ...(length === limit && { cursor: 'more' }) };
    },
    workersSeen: async () => [],
    status: () => Promise.reject(new Error('no answer')),
    pending: async () => [],
  };
  const { cards, system } = await new Cards(client as unknown as ShowcallerClient, 1_000).poll();
  return { shown: cards.length, notShown: system.notShown };
}

it('a board says that more events run, or are over, than it shows and looks at, and not where it shows exactly all', async () => {
  expect(await boardOf({ running: 201, over: 51 })).toEqual({ shown: 250, notShown: ['running', 'over'] });
  expect(await boardOf({ running: 201, over: 0 })).toEqual({ shown: 200, notShown: ['running'] });
  expect(await boardOf({ running: 0, over: 51 })).toEqual({ shown: 50, notShown: ['over'] });
  expect(await boardOf({ running: 200, over: 50 })).toEqual({ shown: 250, notShown: undefined });
});
