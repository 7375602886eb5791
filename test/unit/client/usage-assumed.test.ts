import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { NoWorkerError } from '../../../client/errors.ts';
import { usageOfRuns } from '../../../client/usage.ts';

const hour = 3_600_000;
const to = Date.now();
const startsAt = to - 2 * hour;
const planned = { eventId: 'final', startsAt: new Date(startsAt).toISOString(), duration: '1d' };

/** What is assumed of a run that began ten days ago, that no worker answers for, and that was started with this plan. */
async function assumedOf(plan: unknown) {
  const startedAt = to - 240 * hour;
  const client = {
    async *listRuns(query: string) {
      if (!query.includes('CloseTime >=')) return;
      const of = { eventId: 'final', key: 'final', vendor: 'aws-ivs', account: 'default', workflowStatus: 'RUNNING' };
      const run = { workflowId: 'live-event/final', runId: 'r-1', startedAt };
      yield { ...of, phase: 'live' as const, startsAt: new Date(startsAt), run };
    },
    status: async () => {
      throw new NoWorkerError('nowhere');
    },
  };
  const getWorkflowExecutionHistory = async ({ execution }: { execution: object }) => {
    expect(execution).toEqual({ workflowId: 'live-event/final', runId: 'r-1' });
    if (plan === undefined) throw new Error('14 UNAVAILABLE');
    const input = { payloads: [defaultPayloadConverter.toPayload(plan)] };
    return { history: { events: [{ workflowExecutionStartedEventAttributes: { input } }] } };
  };
  const loadedDataConverter = { payloadCodecs: [], payloadConverter: defaultPayloadConverter };
  const temporal = {
    workflowService: { getWorkflowExecutionHistory },
    options: { namespace: 'default', loadedDataConverter },
  } as unknown as Client;
  const options = { memory: undefined, most: 10, withShared: false };
  const [read] = await usageOfRuns(client, temporal, { from: to - 480 * hour, to }, options);
  const usage = read?.usage ?? [];
  expect(usage.flatMap(({ unknown }) => unknown)).toEqual([expect.stringContaining('its status cannot be read')]);
  return usage.map(({ vendor, account, assumed, eventId }) => ({
    ...{ eventId, vendor, account },
    hours: assumed?.map((span) => (span.to - span.from) / hour),
  }));
}

const ofIvs = { eventId: 'final', vendor: 'aws-ivs', account: 'default' };

it('an event that cannot be read counts from the warm-up of its plan on, however long that is', async () => {
  expect(await assumedOf({ ...planned, vendor: 'aws-ivs', warmUp: '2d' })).toEqual([{ ...ofIvs, hours: [50] }]);
  expect(await assumedOf({ ...planned, vendor: 'aws-ivs', warmUp: '1h' })).toEqual([{ ...ofIvs, hours: [3] }]);
  expect(await assumedOf({ ...planned, vendor: 'aws-ivs', warmUp: '20d' })).toEqual([{ ...ofIvs, hours: [240] }]);
});

it('an event whose plan cannot be read either counts from the beginning of its run on', async () => {
  expect(await assumedOf(undefined)).toEqual([{ ...ofIvs, hours: [240] }]);
  expect(await assumedOf({ vendor: 'one of another version' })).toEqual([{ ...ofIvs, hours: [240] }]);
});

it('each leg of an event that cannot be read counts, at its own vendor', async () => {
  const legs = [
    { name: 'main', vendor: 'aws-ivs', warmUp: '1h' },
    { name: 'backup', vendor: 'volcengine-live', account: 'east', start: 'on-failure', warmUp: '10h' },
  ];
  expect(await assumedOf({ ...planned, legs })).toEqual([
    { ...ofIvs, hours: [3] },
    { eventId: 'final', vendor: 'volcengine-live', account: 'east', hours: [12, 12] },
  ]);
});
