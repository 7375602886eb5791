import { expect, it } from 'vitest';
import { Cards } from '../../../client/cards.ts';
import type { ShowcallerClient } from '../../../client/client.ts';
import type { PageRequest } from '../../../client/listing.ts';

/** What a board has to say of events beyond those that it looks at. */
async function notShown(cut: { running: boolean; over: boolean }) {
  const client = {
    within: (_ms: number, work: () => unknown) => work(),
    page: async ({ running }: PageRequest) => ({
      events: [],
      ...((running ? cut.running : cut.over) && { cursor: 'more' }),
    }),
    workersSeen: async () => [],
  };
  return (await new Cards(client as unknown as ShowcallerClient, 1_000).poll()).system.notShown;
}

it('a board says that more events run, or are over, than it shows and looks at', async () => {
  expect(await notShown({ running: true, over: true })).toEqual(['running', 'over']);
  expect(await notShown({ running: true, over: false })).toEqual(['running']);
  expect(await notShown({ running: false, over: true })).toEqual(['over']);
  expect(await notShown({ running: false, over: false })).toBeUndefined();
});
