import { describe, expect, it } from 'vitest';
import { startQueues } from '../../../api/vendor-event-queues.ts';
import { VendorError } from '../../../domain/errors.ts';
import type { QueuedMessage, VendorEventQueue } from '../../../domain/vendor-events/inbound.ts';
import type { Account, VendorManifest } from '../../../vendors/manifest.ts';
import { vendorNamed } from '../../../vendors/registry.ts';
import { accountsFrom, driverContext } from '../../support/accounts.ts';
import { until } from '../../support/until.ts';
import { Letterbox } from '../../support/vendor-events-harness.ts';

function ivsWith(openQueue: (account: Account) => VendorEventQueue | undefined): VendorManifest {
  const ivs = vendorNamed('aws-ivs');
  if (!ivs) throw new Error('there is no vendor aws-ivs');
  return { ...ivs, vendorEventQueue: async () => ({ openQueue }) };
}

const key = 'mGZwg8lU9KfQkZ/1ZHuSWq2szEEHO88yytEDBilO';
const prefix = 'ivs/v1/1/abc/2026/6/23/20/12/j8Z9O91ndcVs';
const channel = 'arn:aws:ivs:us-west-2:1:channel/abc';
const event = {
  source: 'aws.ivs',
  id: 'i',
  'detail-type': 'IVS Recording State Change',
  time: '2026-11-20T18:00:00Z',
  resources: [channel],
  detail: { recording_status_reason: `refused for ${key}`, recording_s3_key_prefix: prefix },
};

const accountsWith = (queues: Record<string, string | undefined>) =>
  accountsFrom(
    Object.fromEntries(
      Object.entries(queues).flatMap(([name, queue]) => [
        [`AWS_IVS_${name}_REGION`, 'us-west-2'],
        [`AWS_IVS_${name}_ACCESS_KEY_ID`, 'id'],
        [`AWS_IVS_${name}_SECRET_ACCESS_KEY`, key],
        ...(queue === undefined ? [] : [[`AWS_IVS_${name}_EVENT_QUEUE_URL`, queue]]),
      ]),
    ),
  );

/** Reads queues whose first answers are these until each has been given and its messages removed; what was delivered, and logged. */
async function readQueues(queues: Record<string, string | undefined>, firstAnswers: (() => QueuedMessage[])[]) {
  const box = new Letterbox();
  const said: string[] = [];
  const removed: QueuedMessage[] = [];
  const answers = [...firstAnswers];
  const openQueue = ({ settings }: Account): VendorEventQueue | undefined => {
    const name = settings.eventQueueUrl;
    if (!name) return undefined;
    return {
      name,
      receive: async (stopping) => {
        const answer = answers.shift();
        if (answer) return answer();
        return new Promise((resolve) => stopping.addEventListener('abort', () => resolve([])));
      },
      remove: async (message) => void removed.push(message),
    };
  };
  const running = await startQueues({
    delivery: box,
    accounts: accountsWith(queues),
    context: driverContext,
    vendors: [ivsWith(openQueue)],
    log: (line) => said.push(line),
    backoffMs: 1,
  });
  await until(() => removed.length > 0);
  await running.close();
  return { messages: box.messages, said };
}

const one = () => [{ id: '1', body: JSON.stringify(event), receipt: 'r' }];
const north = 'https://sqs.example/1/north';

describe('a message of a queue', () => {
  it('is about a channel of the account that has the queue, whatever channel it names', async () => {
    const { messages } = await readQueues({ NORTH: north, SOUTH: undefined }, [one]);
    expect(messages).toMatchObject([{ channel, account: 'north' }]);
  });

  it('is about a channel of one of the accounts that have the queue', async () => {
    const { messages } = await readQueues({ NORTH: north, SOUTH: undefined, WEST: north }, [one]);
    expect(messages).toMatchObject([
      { channel, account: 'north' },
      { channel, account: 'west' },
    ]);
  });

  it('is delivered, and a failure of the queue logged, without a key that it repeats', async () => {
    const refused = (): never => {
      const facts = { kind: 'unauthorized', vendor: 'aws-ivs', operation: 'ReceiveMessage' } as const;
      throw new VendorError({ ...facts, message: `${key} is wrong` });
    };
    const { messages, said } = await readQueues({ NORTH: north }, [refused, one]);
    expect(said).toEqual([expect.stringContaining('*** is wrong')]);
    const [message] = messages;
    // What names a recording stays whole.
    expect(message?.vendorEvent.facts).toMatchObject({ recordingReason: 'refused for ***', recordingPrefix: prefix });
  });
});
