import type { Client, WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { RunCalls } from '../../../client/run-calls.ts';
import { readAgain } from '../../../domain/read-again.ts';

const client = { withDeadline: (_: number, ask: () => Promise<unknown>) => ask() } as unknown as Client;

/** Of a run whose queries give these, one after the other. */
function statusOf(...answers: (Error | object)[]) {
  let asked = 0;
  const query = async () => {
    const answer = answers[asked];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return new RunCalls(client, 'showcaller').status({ query } as unknown as WorkflowHandle);
}

it('asks once more a run that was read again just as something happened to it', async () => {
  await expect(statusOf(new Error(`Query failed: ${readAgain}`), { phase: 'live' })).resolves.toEqual({
    phase: 'live',
  });
});

it('gives any other failure of a query at once, and the second of this one', async () => {
  await expect(statusOf(new Error('no such query'), { phase: 'live' })).rejects.toThrow('no such query');
  await expect(statusOf(new Error(readAgain), new Error(readAgain), { phase: 'live' })).rejects.toThrow(readAgain);
});
