import { type Client, QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { RunCalls } from '../../../client/run-calls.ts';

const client = { withDeadline: (_: number, ask: () => Promise<unknown>) => ask() } as unknown as Client;
const invalidArgument = 3;
const refused = () => new QueryNotRegisteredError('the run was read again', invalidArgument);

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

it('asks once more a run that refuses a query', async () => {
  await expect(statusOf(refused(), { phase: 'live' })).resolves.toEqual({ phase: 'live' });
  await expect(statusOf(refused(), refused(), { phase: 'live' })).rejects.toThrow('read again');
});

it('gives any other failure of a query at once', async () => {
  await expect(statusOf(new Error('unavailable'), { phase: 'live' })).rejects.toThrow('unavailable');
});
