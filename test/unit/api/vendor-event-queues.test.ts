import { describe, expect, it } from 'vitest';
import { startQueues } from '../../../api/vendor-event-queues.ts';
import { VendorError } from '../../../domain/errors.ts';
import type { QueuedMessage, VendorEventQueue } from '../../../domain/vendor-events/inbound.ts';
import { openQueue } from '../../../vendors/aws-ivs/queue.ts';
import type { Account, VendorManifest } from '../../../vendors/manifest.ts';
import { vendorNamed } from '../../../vendors/registry.ts';
import { accountsFrom, driverContext } from '../../support/accounts.ts';
import { until } from '../../support/until.ts';
import { Letterbox } from '../../support/vendor-events-harness.ts';

function ivsWith(open: (account: Account) => VendorEventQueue | undefined): VendorManifest {
  const ivs = vendorNamed('aws-ivs');
  if (!ivs) throw new Error('there is no vendor aws-ivs');
  return { ...ivs, vendorEventQueue: async () => ({ openQueue: open }) };
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

/** The queue of an account; or its settings. */
type Queues = Record<string, string | undefined | { queue?: string; region?: string; number?: string }>;

const accountsWith = (queues: Queues) =>
  accountsFrom(
    Object.fromEntries(
      Object.entries(queues).flatMap(([name, given]) => {
        const { queue, region = 'us-west-2', number } = typeof given === 'object' ? given : { queue: given };
        return [
          [`AWS_IVS_${name}_REGION`, region],
          ...(number === undefined ? [] : [[`AWS_IVS_${name}_ACCOUNT_NUMBER`, number]]),
          [`AWS_IVS_${name}_ACCESS_KEY_ID`, 'id'],
          [`AWS_IVS_${name}_SECRET_ACCESS_KEY`, key],
          ...(queue === undefined ? [] : [[`AWS_IVS_${name}_EVENT_QUEUE_URL`, queue]]),
        ];
      }),
    ),
  );

/** Reads queues whose first answers are these until each has been given and its messages removed; what was delivered, and logged. */
async function readQueues(queues: Queues, firstAnswers: (() => QueuedMessage[])[]) {
  const box = new Letterbox();
  const said: string[] = [];
  const removed: QueuedMessage[] = [];
  const answers = [...firstAnswers];
  const open = (account: Account): VendorEventQueue | undefined => {
    const queue = openQueue(account, driverContext);
    if (!queue) return undefined;
    return {
      ...queue,
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
    vendors: [ivsWith(open)],
    log: (line) => said.push(line),
    backoffMs: 1,
  });
  await until(() => answers.length === 0 && removed.length > 0);
  await running.close();
  return { messages: box.messages, said };
}

const one = () => [{ id: '1', body: JSON.stringify(event), receipt: 'r' }];
const north = 'https://sqs.us-west-2.amazonaws.com/1/north';
const ofEu = { ...event, resources: ['arn:aws:ivs:eu-west-1:000000000002:channel/abc'] };
const eu = { region: 'eu-west-1', number: '000000000002' };
const messagesOf = (...events: object[]) => [
  () => events.map((one, at) => ({ id: String(at), body: JSON.stringify(one), receipt: 'r' })),
];

describe('a message of a queue', () => {
  it.each([
    ['an account that names no queue', undefined],
    ['an account that names the same queue', north],
  ])('reaches, of an account whose region and number its channel has, also %s', async (_what, queue) => {
    const { messages, said } = await readQueues({ CENTRAL: north, EU: { ...eu, queue } }, messagesOf(ofEu));
    expect(messages).toMatchObject([{ channel: ofEu.resources[0], account: 'eu' }]);
    expect(said).toEqual([]);
  });

  it.each([
    `${north}/`,
    'https://us-west-2.queue.amazonaws.com/1/north',
    'https://sqs-fips.us-west-2.amazonaws.com/1/north',
    'https://sqs.us-west-2.api.aws/1/north',
    'https://vpce-0a1-b2.sqs.us-west-2.vpce.amazonaws.com/1/north',
  ])('reaches an account that spells the queue %s', async (queue) => {
    const { messages } = await readQueues({ CENTRAL: north, EU: { ...eu, queue } }, messagesOf(ofEu));
    expect(messages).toMatchObject([{ account: 'eu' }]);
  });

  it('reaches no account of another region or number, and none that names another queue', async () => {
    const others = { SOUTH: `${north}-2`, EU: eu, OTHER: { number: '000000000009' } };
    const { messages } = await readQueues({ NORTH: north, WEST: undefined, ...others }, [one]);
    expect(messages).toMatchObject([
      { channel, account: 'north' },
      { channel, account: 'west' },
    ]);
  });

  it('is deleted with its reason logged, not for each, where it is about a channel of none of the accounts', async () => {
    const { messages, said } = await readQueues({ CENTRAL: north }, messagesOf(ofEu, ofEu));
    expect(messages).toEqual([]);
    expect(said).toEqual([
      expect.stringContaining(`queue ${north} is about a channel of AWS account 000000000002 in eu-west-1; deleted`),
    ]);
  });

  it('is deleted without a line where it is about no channel', async () => {
    const { said } = await readQueues({ CENTRAL: north }, messagesOf({ ...event, resources: [] }));
    expect(said).toEqual([]);
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
