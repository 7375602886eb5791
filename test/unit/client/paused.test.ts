import { type Client, QueryRejectedError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { isPast } from '../../../cli/event-table.ts';
import { ShowcallerClient } from '../../../client/client.ts';
import { RefusedError } from '../../../client/errors.ts';
import { queryOf } from '../../../client/listing.ts';
import { notRunAgain } from '../../../client/run-again.ts';
import type { Phase } from '../../../domain/phases.ts';

const paused = 8;

/** A namespace with one run, which is paused: Temporal refuses to query it, and it never ends. */
function pausedEvent() {
  const done: string[] = [];
  const handle = {
    workflowId: 'live-event/final',
    describe: async () => ({ workflowId: 'live-event/final', status: { name: 'PAUSED' }, searchAttributes: {} }),
    query: async () => {
      throw new QueryRejectedError(paused);
    },
    result: async () => void done.push('result'),
    cancel: async () => void done.push('cancel'),
    executeUpdate: async () => void done.push('update'),
  };
  const client = {
    workflow: { getHandle: () => handle },
    withDeadline: (_deadline: number, work: () => unknown) => work(),
  };
  return { client: new ShowcallerClient(client as unknown as Client), done };
}

const words = { by: 'ada', reason: 'it rains' };

it.each<[string, (client: ShowcallerClient) => Promise<unknown>]>([
  ['its status', (client) => client.status('final')],
  ['an action', (client) => client.stopNow('final', words)],
  ['a retry of its recording', (client) => client.retryVod('final', words)],
  ['a cancellation', (client) => client.cancel('final', words)],
])('of a paused event %s is refused with what to do, and nothing waits for its end', async (_what, ask) => {
  const { client, done } = pausedEvent();
  const refused = ask(client);
  await expect(refused).rejects.toThrow(RefusedError);
  await expect(refused).rejects.toThrow('the event final is paused in Temporal: unpause its run');
  expect(done).toEqual([]);
});

it('a paused event is not over: lists of running events have it, and start finds it', async () => {
  expect(queryOf({ running: true })).toContain(' AND CloseTime IS NULL');
  expect(queryOf({ running: false })).toContain(' AND CloseTime IS NOT NULL');
  const row = { key: 'final', eventId: 'final', workflowStatus: 'PAUSED', phase: 'live' as Phase };
  expect([isPast(row as never), isPast({ ...row, workflowStatus: 'TERMINATED' } as never)]).toEqual([false, true]);
  expect(await pausedEvent().client.there({ eventId: 'final' })).toBe('PAUSED');
  expect(notRunAgain).toContain('PAUSED');
});
