import type { Client } from '@temporalio/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';

const words = { by: 'ada', reason: 'the picture hangs' };

/** For how long the client waits for the run to do the action. */
async function waited(act: (client: ShowcallerClient) => Promise<unknown>): Promise<number | undefined> {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let deadline: number | undefined;
  let updateBy: number | undefined;
  const handle = {
    workflowId: 'live-event/final',
    describe: async () => ({ workflowId: 'live-event/final', status: { name: 'RUNNING' }, searchAttributes: {} }),
    executeUpdate: async () => {
      updateBy = deadline;
      return { accepted: true, effect: 'done' };
    },
  };
  const client = {
    workflow: { getHandle: () => handle },
    withDeadline: (at: number, work: () => unknown) => {
      deadline = at;
      return work();
    },
  };
  await act(new ShowcallerClient(client as unknown as Client));
  return updateBy === undefined ? undefined : updateBy - Date.now();
}

it('a reset, which a run tries for 30 s, is waited for as long and 10 s more; other actions are for 10 s', async () => {
  expect(await waited((client) => client.resetEncoder('final', words))).toBe(40_000);
  expect(await waited((client) => client.stopNow('final', words))).toBe(10_000);
});
