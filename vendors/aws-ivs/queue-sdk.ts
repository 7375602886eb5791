import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { QueuedMessage } from '../../domain/vendor-events/inbound.ts';
import { createCaller } from '../call.ts';
import type { DriverContext } from '../context.ts';
import { classify } from './errors.ts';
import { vendor } from './names.ts';
import type { Settings } from './options.ts';
import { regionOfQueue } from './queue-url.ts';
import { clientOptions, datedByVendor } from './sdk.ts';

const mostAtOnce = 10;

export interface QueueSdk {
  receive(waitSeconds: number, stopping: AbortSignal): Promise<QueuedMessage[]>;
  remove(receipt: string): Promise<void>;
}

/** The calls of the queue, under the vendor's own names. Each rejects with a `VendorError`. */
export function createQueueSdk(settings: Settings, queueUrl: string, context: DriverContext): QueueSdk {
  const { timeoutMs } = settings;
  const region = regionOfQueue(queueUrl) ?? settings.region;
  const call = createCaller(vendor, settings.account, classify, context);
  const client = (requestTimeout: number) =>
    datedByVendor(
      new SQSClient({
        ...clientOptions({ ...settings, region, timeoutMs: requestTimeout }, context.http),
        // Said by the URL of the queue; said twice, the SDK need not warn of the difference.
        endpoint: new URL(queueUrl).origin,
      }),
    );
  const short = client(timeoutMs);
  let long: SQSClient | undefined;
  return {
    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
    receive: (WaitTimeSeconds, abortSignal) =>
      call({ operation: 'ReceiveMessage', mutates: false, resource: queueUrl }, async () => {
        long ??= client(WaitTimeSeconds * 1000 + timeoutMs);
        const command = new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: mostAtOnce,
          WaitTimeSeconds,
        });
        const { Messages = [] } = await long.send(command, { abortSignal });
        return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '' }) => ({
          id: MessageId,
          body: Body,
          receipt: ReceiptHandle,
        }));
      }),

    /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
    remove: (ReceiptHandle) =>
      call({ operation: 'DeleteMessage', mutates: false, resource: queueUrl }, async () => {
        await short.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }),
  };
}
