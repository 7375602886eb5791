import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { NoWorkerError } from '../../../client/errors.ts';
import { usageOfMonth } from '../../../client/month-usage.ts';
import { UsageMemory, usageOfEvents, usageOfRuns } from '../../../client/usage.ts';
import { PayloadUnreadableError } from '../../../domain/errors.ts';
import { monthOf } from '../../../domain/usage/month.ts';

const hour = 3_600_000;
const to = Date.now();
const startsAt = to - 2 * hour;
const planned = { eventId: 'final', startsAt: new Date(startsAt).toISOString(), duration: '1d' };

const grpc = (code: number, message: string) => Object.assign(new Error(message), { code, details: '', metadata: {} });

interface Failures {
  status?: unknown;
  history?: unknown;
  codec?: unknown;
}

/** A run that began ten days ago and was started with this plan; no worker answers for it. */
function runWith(plan: unknown, { status = new NoWorkerError('nowhere'), history, codec }: Failures = {}) {
  const startedAt = to - 240 * hour;
  const client = {
    async *listRuns(query: string) {
      if (!query.includes('CloseTime >=')) return;
      const of = { eventId: 'final', key: 'final', vendor: 'aws-ivs', account: 'default', workflowStatus: 'RUNNING' };
      const run = { workflowId: 'live-event/final', runId: 'r-1', startedAt };
      yield { ...of, phase: 'live' as const, startsAt: new Date(startsAt), run };
    },
    status: async () => {
      throw status;
    },
  };
  const getWorkflowExecutionHistory = async ({ execution }: { execution: object }) => {
    expect(execution).toEqual({ workflowId: 'live-event/final', runId: 'r-1' });
    if (history) throw history;
    const input = { payloads: [defaultPayloadConverter.toPayload(plan)] };
    return { history: { events: [{ workflowExecutionStartedEventAttributes: { input } }] } };
  };
  const decode = async (payloads: unknown) => {
    if (codec) throw codec;
    return payloads;
  };
  const loadedDataConverter = { payloadCodecs: [{ decode }], payloadConverter: defaultPayloadConverter };
  const temporal = {
    workflowService: { getWorkflowExecutionHistory },
    options: { namespace: 'default', loadedDataConverter },
  } as unknown as Client;
  return { client, temporal };
}

/** What is assumed of such a run. */
async function assumedOf(plan: unknown, failures?: Failures) {
  const { client, temporal } = runWith(plan, failures);
  const options = { memory: undefined, most: 10, withShared: false, assumes: true };
  const [read] = await usageOfRuns(client, temporal, { from: to - 480 * hour, to }, options);
  const usage = read?.usage ?? [];
  expect(usage.flatMap(({ unknown }) => unknown)).toEqual([expect.stringContaining('its status cannot be read')]);
  return usage.map(({ vendor, account, assumed, eventId, unreadPlan }) => ({
    ...{ eventId, vendor, account },
    hours: assumed?.map((span) => (span.to - span.from) / hour),
    ...(unreadPlan !== undefined && { unreadPlan }),
  }));
}

const ofIvs = { eventId: 'final', vendor: 'aws-ivs', account: 'default' };

it('an event that cannot be read counts from the warm-up of its plan on, however long that is', async () => {
  expect(await assumedOf({ ...planned, vendor: 'aws-ivs', warmUp: '2d' })).toEqual([{ ...ofIvs, hours: [50] }]);
  expect(await assumedOf({ ...planned, vendor: 'aws-ivs', warmUp: '1h' })).toEqual([{ ...ofIvs, hours: [3] }]);
  expect(await assumedOf({ ...planned, vendor: 'aws-ivs', warmUp: '20d' })).toEqual([{ ...ofIvs, hours: [240] }]);
});

it.each([
  ['its history is gone', {}, { history: grpc(5, '5 NOT_FOUND') }, '5 NOT_FOUND'],
  ['it is encrypted with an unknown key', {}, { codec: new PayloadUnreadableError('no key k-1') }, 'no key k-1'],
  ['it is of another version', { vendor: 'one of another version' }, {}, 'vendor'],
])(
  'an event whose plan cannot be read either counts from the beginning of its run on, with the reason: %s',
  async (_, plan, failures, why) => {
    expect(await assumedOf(plan, failures)).toEqual([
      { ...ofIvs, hours: [240], unreadPlan: expect.stringMatching(`its status cannot be read.*its plan.*${why}`) },
    ]);
  },
);

it.each([
  ['the history', { history: grpc(14, '14 UNAVAILABLE') }],
  ['the history', { status: grpc(14, '14 UNAVAILABLE'), history: grpc(14, '14 UNAVAILABLE') }],
  ['the history', { history: grpc(4, '4 DEADLINE_EXCEEDED') }],
  ['the history', { history: new Error('Channel has been shut down') }],
  ['the run', { status: grpc(14, '14 UNAVAILABLE') }],
  ['the run', { status: grpc(8, '8 RESOURCE_EXHAUSTED') }],
])('a month is not read where %s could not be asked just now: nothing is assumed', async (_, failures: Failures) => {
  const { client, temporal } = runWith({ ...planned, vendor: 'aws-ivs' }, failures);
  const { message } = (failures.history ?? failures.status) as Error;
  await expect(usageOfMonth(client, temporal, monthOf(to), new UsageMemory())).rejects.toThrow(
    `what final used cannot be read now: ${message}`,
  );
  // A list says it of that event alone.
  expect(await usageOfEvents(client, temporal, { from: to - 480 * hour, to })).toMatchObject([
    { eventId: 'final', spans: [], unknown: [expect.stringContaining('its status cannot be read')] },
  ]);
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
