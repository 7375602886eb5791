import { status as grpc } from '@grpc/grpc-js';
import { type Client, QueryNotRegisteredError, ServiceError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { attributeNames } from '../../../domain/search-attributes.ts';
import { sweepPort } from '../../../worker/sweep.ts';

const channel = { ref: { vendor: 'aws-ivs', account: 'us', name: 'sc-a', workflowId: 'live-event/a' }, details: {} };

/** Of a namespace where all runs are in the state and have the attributes, and a query gives the answer. */
const portOf = (state: string, attributes: Record<string, unknown>, answer: Error | object) =>
  sweepPort({
    withDeadline: (_deadline: number, work: () => unknown) => work(),
    workflow: {
      getHandle: (workflowId: string) => ({
        describe: async () => ({
          status: { name: workflowId.startsWith('live-event/') ? state : 'COMPLETED' },
          searchAttributes: attributes,
        }),
        query: async () => {
          if (answer instanceof Error) throw answer;
          return answer;
        },
      }),
    },
  } as unknown as Client);

const refusal = (code: number, details: string) =>
  new ServiceError('Failed to query Workflow', {
    cause: Object.assign(new Error(details), { code, details, metadata: {} }),
  });

const channelOf = (answer: Error | object) => portOf('TERMINATED', {}, answer).channelOf?.('live-event/a');

it('says that it does not know the channel of a run that does not answer in time', async () => {
  for (const error of [
    refusal(grpc.DEADLINE_EXCEEDED, 'context deadline exceeded'),
    refusal(grpc.UNAVAILABLE, 'connection refused'),
    refusal(grpc.FAILED_PRECONDITION, 'no poller seen for task queue recently, worker may be down'),
    new Error('the codec is away'),
  ])
    await expect(channelOf(error)).rejects.toBe(error);
});

it('takes a run that can never be asked as one that recorded no channel', async () => {
  for (const error of [
    new QueryNotRegisteredError('cannot be replayed', grpc.INVALID_ARGUMENT),
    refusal(grpc.FAILED_PRECONDITION, 'the version is drained and has no pollers to answer the query'),
  ])
    expect(await channelOf(error)).toBeUndefined();
  expect(await channelOf({ channel })).toEqual(channel);
});

it('gives the account of an owner that is running itself, and keeps what a silent one may be about to allocate', async () => {
  const attributes = { [attributeNames.vendor]: ['aws-ivs'], [attributeNames.account]: ['us'] };
  const silent = refusal(grpc.DEADLINE_EXCEEDED, 'context deadline exceeded');
  const at = { vendor: 'aws-ivs', account: 'us' };
  expect(await portOf('RUNNING', attributes, silent).ownerOf('live-event/a')).toEqual({ state: 'running', at });
  expect(await portOf('TERMINATED', attributes, silent).ownerOf('live-event/a')).toEqual({ state: 'over' });
});
