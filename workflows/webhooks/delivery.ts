import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { WebhookActivities } from '../../activities/contract.ts';
import type {
  SubscriberReport,
  WebhookMessage,
  WebhookSubscriber,
  WebhooksReport,
} from '../../domain/webhooks/webhook.ts';
import { describeFailure } from '../failure.ts';

/** Stands in histories: field names stay. */
export interface WebhooksInput {
  eventId: string;
  receivers: WebhookSubscriber[];
  /** The first webhooks; more come by signal. */
  notices: WebhookMessage[];
}

export const enqueueSignal = defineSignal<[WebhookMessage[]]>('tell');

/** `maximumInterval` is above the longest delay that `deliver` asks for: a server may cap it by that. */
const deliverAs = (activityId: string, summary: string) =>
  proxyActivities<WebhookActivities>({
    activityId,
    summary,
    // One request to the subscriber, and perhaps some to the vendor before it.
    startToCloseTimeout: '60s',
    retry: { initialInterval: '5s', backoffCoefficient: 1, maximumInterval: '15h' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  }).deliver;

/** How many given-up webhooks a report names. */
const maxNamed = 20;

/**
 * Delivers the webhooks of one run to their subscribers, to each in order, to none later because of another. Ends when
 * the last webhook of the run is delivered or given up; fails, with its report, when one was given up.
 */
export async function liveEventNotices({ eventId, receivers, notices }: WebhooksInput): Promise<WebhooksReport> {
  const queues = receivers.map(
    (subscriber) => new DeliveryQueue(subscriber, () => setCurrentDetails(detailsOf(queues))),
  );
  let last: WebhookMessage | undefined;
  const enqueue = (messages: readonly WebhookMessage[]) => {
    for (const message of messages) for (const queue of queues) queue.add(message);
    last = messages.at(-1) ?? last;
  };
  setHandler(enqueueSignal, (messages) => enqueue(messages));
  enqueue(notices);

  // When the run is over, for whatever reason, Temporal cancels this workflow; what is still queued is delivered.
  await CancellationScope.nonCancellable(async () => {
    for (const queue of queues) void queue.deliverAll();
  });
  try {
    await condition(() => last?.type === 'ended');
  } catch (error) {
    if (!isCancellation(error)) throw error;
    if (last && last.type !== 'ended') enqueue([cutOff(last)]);
  }
  await CancellationScope.nonCancellable(() => condition(() => queues.every(({ isIdle }) => isIdle)));
  return concluded({ eventId, receivers: Object.fromEntries(queues.map(({ name, report }) => [name, report])) });
}

/** The webhooks for one subscriber, delivered one after the other. */
class DeliveryQueue {
  readonly report: SubscriberReport = { delivered: 0, givenUp: [], givenUpCount: 0 };
  readonly #subscriber: WebhookSubscriber;
  readonly #waiting: WebhookMessage[] = [];
  readonly #onChange: () => void;
  #isDelivering = false;

  constructor(subscriber: WebhookSubscriber, onChange: () => void) {
    this.#subscriber = subscriber;
    this.#onChange = onChange;
  }

  get waiting(): number {
    return this.#waiting.length + (this.#isDelivering ? 1 : 0);
  }

  get name(): string {
    return this.#subscriber.name;
  }

  get isIdle(): boolean {
    return this.waiting === 0;
  }

  add(message: WebhookMessage): void {
    if (this.report.gone === undefined && this.#subscriber.types.includes(message.type)) this.#waiting.push(message);
  }

  /** Runs for as long as the workflow does. */
  async deliverAll(): Promise<never> {
    for (;;) {
      await condition(() => this.#waiting.length > 0);
      const message = this.#waiting.shift();
      if (!message) continue;
      this.#isDelivering = true;
      this.#onChange();
      await this.#deliver(message);
      this.#isDelivering = false;
      this.#onChange();
    }
  }

  async #deliver(message: WebhookMessage): Promise<void> {
    const { name, report } = this;
    try {
      const deliver = deliverAs(`${name}-${message.seq}`, `send ${message.type} to ${name}`);
      const delivery = await deliver({ receiver: name, notice: message });
      if (delivery.outcome === 'delivered') report.delivered += 1;
      else if (delivery.outcome === 'filtered') return;
      else if (delivery.outcome === 'not-wanted') this.#giveUp(message, delivery.reason);
      else {
        report.gone = delivery.reason;
        this.#waiting.length = 0;
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      this.#giveUp(message, describeFailure(error).message);
    }
  }

  #giveUp({ seq, type }: WebhookMessage, reason: string): void {
    const { report } = this;
    report.givenUpCount += 1;
    report.givenUp = [...report.givenUp, { seq, type, reason }].slice(-maxNamed);
  }
}

/** The last webhook of a run that was terminated, or whose webhook delivery was cancelled: this workflow cannot see which. */
function cutOff(last: WebhookMessage): WebhookMessage {
  const runId = last.id.slice(0, last.id.lastIndexOf('/'));
  const seq = last.seq + 1;
  const message =
    'no more webhooks follow: the run, or the delivery of its webhooks, was ended from outside; `showcaller status` has the state of the event';
  const data = { ...last.data, warning: 'cut-off', message };
  return { id: `${runId}/${seq}-cut-off`, seq, type: 'warning', at: Date.now(), data };
}

const summaryOf = ([name, { delivered, givenUpCount, gone }]: [string, SubscriberReport]): string =>
  `${name}: ${delivered} delivered, ${givenUpCount} given up${gone === undefined ? '' : `, gone (${gone})`}`;

/** For the Temporal UI, whose box hides the last line. */
function detailsOf(queues: readonly DeliveryQueue[]): string {
  const lines = queues.map(({ name, report, waiting }) => `- ${summaryOf([name, report])}, ${waiting} waiting`);
  return `${lines.join('\n')}\n\n\u00a0\n`;
}

function concluded(report: WebhooksReport): WebhooksReport {
  const isComplete = Object.values(report.receivers).every(({ givenUpCount }) => givenUpCount === 0);
  if (isComplete) return report;
  throw ApplicationFailure.create({
    type: 'undelivered',
    message: `some webhooks were not delivered: ${Object.entries(report.receivers).map(summaryOf).join('; ')}`,
    details: [report],
    nonRetryable: true,
  });
}
