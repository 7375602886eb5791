import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningQueues, startQueues } from '../../../api/vendor-event-queues.ts';
import { type VendorEventDelivery, vendorEventDelivery } from '../../../client/vendor-events/deliver.ts';
import { driverContext } from '../../support/accounts.ts';
import { ShowHarness } from '../../support/show-harness.ts';
import { until } from '../../support/until.ts';
import { hookServer, listening, token } from '../../support/vendor-events-harness.ts';
import { longBefore } from './plans.ts';

const vendor = 'aws-ivs';

let harness: ShowHarness;
let delivery: VendorEventDelivery;
let app: FastifyInstance;
let queues: RunningQueues;
const said: string[] = [];

beforeAll(async () => {
  harness = await ShowHarness.open({ vendors: [vendor], slowness: 0.05 });
  await harness.work(0.2);
  delivery = vendorEventDelivery(harness.env.client, { spacingMs: 50 });
  app = await hookServer({ delivery, accounts: harness.accounts });
  // The first calls fail: a queue that is away is waited for.
  harness.simulators.kit.faults.add(vendor, { operation: 'sqs:ReceiveMessage', kind: 'unavailable', times: 3 });
  const log = (line: string) => said.push(line);
  queues = await startQueues({ delivery, accounts: harness.accounts, context: driverContext, log, backoffMs: 10 });
});
afterAll(async () => {
  await queues.close();
  await app.close();
  await harness.close();
});

const clientOf = () => harness.simulators.running[0]?.client ?? {};
const entries = (operation: string) => harness.simulators.kit.log.entries({ vendor, operation });

/** Everybody who may put something into the queue. */
async function enqueue(body: string): Promise<void> {
  const { endpoint, region = '', accessKeyId = '', secretAccessKey = '', eventQueueUrl } = clientOf();
  const sqs = new SQSClient({ region, endpoint, credentials: { accessKeyId, secretAccessKey } });
  await sqs.send(new SendMessageCommand({ QueueUrl: eventQueueUrl, MessageBody: body }));
  sqs.destroy();
}

describe('a queue that is away', () => {
  it('is logged once, and read as soon as it is back', async () => {
    await until(() => entries('sqs:ReceiveMessage').filter(({ fault }) => fault !== undefined).length === 3);
    await enqueue('{}');
    await until(() => entries('sqs:DeleteMessage').length > 0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^cannot pass on the messages of queue http\S+; the API retries: /);
  });
});

describe('a show on an IVS account whose events EventBridge sends on', () => {
  it('sees its encoder because of vendor events, by the queue and by the API destination, and keeps each event once', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const destinations = [{ url: `${await listening(app)}/hooks/${vendor}`, headers }];
    await fetch(clientOf().apiDestinations ?? '', { method: 'PUT', body: JSON.stringify(destinations) });
    const show = await harness.show(vendor, longBefore());
    const { channel } = await show.reaches('waiting-for-encoder');
    const encoder = await show.connect();
    await show.reaches('live');
    const status = await until(async () => {
      const status = await harness.env.showcaller.status(show.eventId);
      return status.hints?.some(({ facts }) => facts.event === 'Stream Start') && status;
    });
    expect(status.hints?.filter(({ facts }) => facts.event === 'Stream Start')).toHaveLength(1);
    expect(status.hints?.[0]).toMatchObject({ source: 'aws.ivs', type: 'IVS Stream State Change' });
    // On a busy machine it may be asked to come again first.
    const taken = () => entries('events:InvokeApiDestination').filter(({ status }) => status === 200);
    await until(() => taken().length >= 2);

    const event = {
      source: 'aws.ivs',
      'detail-type': 'IVS Limit Breach',
      id: 'by-sns',
      time: new Date().toISOString(),
      resources: [channel?.ref.id],
      detail: { limit_name: 'Ingest Bitrate', limit_value: 8_500_000, exceeded_by: 1, limit_unit: 'bits/second' },
    };
    await enqueue(JSON.stringify({ Type: 'Notification', MessageId: 'm', Message: JSON.stringify(event) }));
    const breach = await until(async () => {
      const status = await harness.env.showcaller.status(show.eventId);
      return status.hints?.find(({ id }) => id === 'by-sns');
    });
    expect(breach).toMatchObject({ facts: { limit: 'Ingest Bitrate', exceededBy: 1 }, evidenceOnly: true });

    await encoder.drop();
    await show.reaches('encoder-lost');
    await show.stopNow();
    const report = await show.result();
    const secrets = [...harness.keys];
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => JSON.stringify(report.hints).includes(secret))).toEqual([]);
  });

  it('takes what is no event off the queue, says so without its text, and what no event waits for without a word', async () => {
    const before = entries('sqs:DeleteMessage').length;
    said.length = 0;
    await enqueue('not JSON at all');
    await enqueue('[]');
    const foreign = {
      source: 'aws.ivs',
      'detail-type': 'IVS Stream State Change',
      id: 's',
      time: '2026-11-20T18:00:00Z',
    };
    const resources = ['arn:aws:ivs:us-west-2:1:channel/nobody'];
    await enqueue(JSON.stringify({ ...foreign, resources, detail: {} }));
    await until(() => entries('sqs:DeleteMessage').length >= before + 3);
    const none = /^message \S+ from queue http\S+ is not an event of aws-ivs; deleted$/;
    const lines = () => said.filter((line) => line.startsWith('message '));
    await until(() => lines().length >= 2);
    expect(lines()).toEqual([expect.stringMatching(none), expect.stringMatching(none)]);
  });

  it('leaves a message on the queue while Temporal is away', async () => {
    await queues.close();
    const calls: number[] = [];
    const away: VendorEventDelivery = {
      ...delivery,
      deliver: async () => {
        calls.push(1);
        throw new Error('Temporal is away');
      },
    };
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    queues = await startQueues({
      delivery: away,
      accounts: harness.accounts,
      context: driverContext,
      log,
      backoffMs: 10,
    });
    const deleted = entries('sqs:DeleteMessage').length;
    await enqueue(JSON.stringify({ source: 'aws.ivs', 'detail-type': 'x', id: 'i', time: '2026-11-20T18:00:00Z' }));
    await until(() => calls.length >= 2);
    expect(entries('sqs:DeleteMessage')).toHaveLength(deleted);
    expect(lines[0]).toContain('Temporal is away');
    await queues.close();
    queues = await startQueues({ delivery, accounts: harness.accounts, context: driverContext, log, backoffMs: 10 });
    await until(() => entries('sqs:DeleteMessage').length > deleted);
  });

  it('is refused with another signature', async () => {
    const { endpoint, region = '', accessKeyId = '', eventQueueUrl } = clientOf();
    const sqs = new SQSClient({ region, endpoint, credentials: { accessKeyId, secretAccessKey: 'wrong' } });
    const sent = sqs.send(new SendMessageCommand({ QueueUrl: eventQueueUrl, MessageBody: '{}' }));
    await expect(sent).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    sqs.destroy();
  });
});
