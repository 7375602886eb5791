import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { attributeNames } from '../../../domain/search-attributes.ts';
import { earlierRunPort } from '../../../worker/earlier-run.ts';

const workflowId = 'live-event/final';

/** Temporal, which lists one earlier run of the event in this state; its history is gone. */
const listing = (status: string, phase: string): Client =>
  ({
    workflow: {
      async *list() {
        yield {
          workflowId,
          runId: 'earlier',
          startTime: new Date(0),
          status: { name: status },
          searchAttributes: {
            [attributeNames.phase]: [phase],
            [attributeNames.vendor]: ['aws-ivs'],
            [attributeNames.account]: ['default'],
            [attributeNames.channel]: ['arn:1'],
          },
        };
      },
      getHandle: () => ({ describe: () => Promise.reject(new WorkflowNotFoundError('gone', workflowId, 'earlier')) }),
    },
  }) as unknown as Client;

const ask = (status: string, phase: string) => {
  const port = earlierRunPort(listing(status, phase));
  const run = { workflowId, runId: 'this' };
  return Promise.all([port.cutOff(run), port.unreleased(run)]);
};

const channel = { vendor: 'aws-ivs', account: 'default', channel: 'arn:1' };

// One run of a workflow goes on at a time, so that one that is still listed so has been terminated.
it.each(['TERMINATED', 'TIMED_OUT', 'RUNNING', 'PAUSED'])('a run that is listed as %s was cut off', async (status) => {
  expect(await ask(status, 'live')).toEqual([channel, { phase: 'live', ...channel }]);
});

it('one that was terminated while it closed down is not joined, and may have left its channel', async () => {
  expect(await ask('TERMINATED', 'cleaning-up')).toEqual([undefined, { phase: 'cleaning-up', ...channel }]);
});

it.each([
  ['FAILED', 'failed'],
  ['COMPLETED', 'completed'],
  ['CANCELLED', 'cancelled'],
  ['TERMINATED', 'completed'],
])('one that ended by itself was not (%s, %s)', async (status, phase) => {
  expect(await ask(status, phase)).toEqual([undefined, undefined]);
});
