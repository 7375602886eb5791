import type { VendorEventQueue } from '../../domain/vendor-events/inbound.ts';
import type { DriverContext } from '../context.ts';
import type { Account } from '../manifest.ts';
import { settingsOf } from './options.ts';
import { createQueueSdk } from './queue-sdk.ts';
import { queueIdOf } from './queue-url.ts';

/** Below the 20 s that SQS allows, so that a stop need not break a call off. */
const waitSeconds = 10;

/** The SQS queue that a rule of EventBridge puts the account's events into. */
export function openQueue(account: Account, context: DriverContext): VendorEventQueue | undefined {
  const { eventQueueUrl } = account.settings;
  if (!eventQueueUrl) return undefined;
  const sdk = createQueueSdk(settingsOf(account), eventQueueUrl, context);
  return {
    name: eventQueueUrl,
    id: queueIdOf(eventQueueUrl),
    receive: (stopping) => sdk.receive(waitSeconds, stopping),
    remove: ({ receipt }) => sdk.remove(receipt),
  };
}
