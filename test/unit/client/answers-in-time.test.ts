import type { Client } from '@temporalio/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';

const words = { by: 'ada', reason: 'the picture hangs' };

/** For how long the client waits for the run to take the action, where that is asked, and to do it. */
async function waited(act: (client: ShowcallerClient) => Promise<unknown>): Promise<Record<string, number>> {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let deadline: number | undefined;
  const waits: Record<string, number> = {};
  const done = (what: string) => {
    waits[what] = (deadline ?? Number.NaN) - Date.now();
    return { accepted: true, effect: 'done' };
  };
  const handle = {
    workflowId: 'live-event/final',
    describe: async () => ({ workflowId: 'live-event/final', status: { name: 'RUNNING' }, searchAttributes: {} }),
    executeUpdate: async () => done('done'),
    startUpdate: async () => {
      done('taken');
      return { result: async () => done('done') };
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
  return waits;
}

it('a reset, which a run takes at once and tries for 30 s, is waited for as long and 10 s more; other actions are for 10 s', async () => {
  expect(await waited((client) => client.resetEncoder('final', words))).toEqual({ taken: 10_000, done: 40_000 });
  expect(await waited((client) => client.stopNow('final', words))).toEqual({ done: 10_000 });
});
