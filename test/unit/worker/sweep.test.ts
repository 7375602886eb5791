import { status as grpc } from '@grpc/grpc-js';
import { type Client, QueryNotRegisteredError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { attributeNames } from '../../../domain/search-attributes.ts';
import { sweepPort } from '../../../worker/sweep.ts';

const channel = { ref: { vendor: 'aws-ivs', account: 'us', name: 'sc-a', workflowId: 'live-event/a' }, details: {} };

/** Of a namespace where these runs are, in these states, all with the attributes; a query gives the answer. */
const portOf = (states: Record<string, string>, attributes: Record<string, unknown>, answer: Error | object) =>
  sweepPort({
    withDeadline: (_deadline: number, work: () => unknown) => work(),
    workflow: {
      getHandle: (workflowId: string) => ({
        describe: async () => {
          const name = states[workflowId];
          if (name === undefined) throw new WorkflowNotFoundError('not found', workflowId, undefined);
          return { status: { name }, searchAttributes: attributes };
        },
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

const channelOf = (answer: Error | object) =>
  portOf({ 'live-event/a': 'TERMINATED' }, {}, answer).channelOf?.('live-event/a');

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

const silent = refusal(grpc.DEADLINE_EXCEEDED, 'context deadline exceeded');
const ownerOf = (states: Record<string, string>, attributes: Record<string, unknown> = {}) =>
  portOf(states, attributes, silent).ownerOf('live-event/a');

it.each([
  ['RUNNING', 'running'],
  // A paused run acts again when it is unpaused, and counts on its channel then.
  ['PAUSED', 'running'],
  ['COMPLETED', 'over'],
  ['FAILED', 'over'],
  ['CANCELLED', 'over'],
  ['TERMINATED', 'over'],
  ['TIMED_OUT', 'over'],
])('a run that is %s in Temporal is %s', async (name, state) => {
  expect(await ownerOf({ 'live-event/a': name })).toMatchObject({ state });
});

it('says that there is no run where Temporal knows none', async () => {
  expect(await ownerOf({})).toEqual({ state: 'unknown' });
});

it('gives the account of an owner that is running itself, and keeps what a silent one may be about to allocate', async () => {
  const attributes = { [attributeNames.vendor]: ['aws-ivs'], [attributeNames.account]: ['us'] };
  const at = { vendor: 'aws-ivs', account: 'us' };
  expect(await ownerOf({ 'live-event/a': 'RUNNING' }, attributes)).toEqual({ state: 'running', at });
  expect(await ownerOf({ 'live-event/a': 'TERMINATED' }, attributes)).toEqual({ state: 'over' });
});

it.each([
  ['RUNNING', 'running'],
  ['PAUSED', 'running'],
  ['COMPLETED', 'over'],
])(
  'the channel of an event that is over is kept while its recording is published again: that run is %s',
  async (name, state) => {
    const attributes = { [attributeNames.channel]: ['sc-a'] };
    const states = { 'live-event/a': 'COMPLETED', 'live-event-vod/a': name };
    expect(await ownerOf(states, attributes)).toEqual({ state, channel: 'sc-a' });
  },
);
