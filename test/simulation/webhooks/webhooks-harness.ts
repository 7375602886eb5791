import { randomBytes, randomUUID } from 'node:crypto';
import type { Subscriber } from '../../../activities/webhooks/subscriber.ts';
import { webhooksIdOf } from '../../../domain/ids.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { type WebhookMessage, type WebhookType, webhookTypes } from '../../../domain/webhooks/webhook.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { History } from '../../support/history.ts';
import { activitiesOn, planFor, testTimeScale } from '../../support/shows.ts';
import { until } from '../../support/until.ts';
import { testEnvironment } from '../environment.ts';
import type { TestEnvironment } from '../environment-types.ts';
import type { TestSubscriber } from './subscriber.ts';

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const usual: readonly WebhookType[] = webhookTypes.filter((type) => type !== 'ingest');

/** The configuration of a subscriber to every event. */
export const configured = (
  name: string,
  { url }: Pick<TestSubscriber, 'url'>,
  more: Partial<Subscriber> = {},
): Subscriber => ({
  name,
  url,
  types: usual,
  isDefault: true,
  secrets: [newSecret()],
  ...more,
});

export interface WebhooksHarnessOptions {
  subscribers: Subscriber[];
  timeScale?: number;
}

/** A worker with subscribers, and a vendor in memory whose encoders have a key that can be looked for. */
export class WebhooksHarness {
  readonly vendor = new FakeVendor();
  readonly env: TestEnvironment;
  /** May be changed while it works, as by another worker with another configuration. */
  readonly subscribers: Subscriber[];
  readonly streamKey = `key-${randomUUID()}`;

  private constructor(env: TestEnvironment, subscribers: Subscriber[]) {
    this.env = env;
    this.subscribers = subscribers;
  }

  static async open({ subscribers, timeScale = testTimeScale }: WebhooksHarnessOptions): Promise<WebhooksHarness> {
    const harness = new WebhooksHarness(await testEnvironment({ usesLoopback: true }), subscribers);
    await harness.env.work(
      activitiesOn(harness.vendor, {
        driver: async (_vendor, account) => ({ ...harness.vendor.driver(account), ingest: harness.#ingest }),
        accounts: () => ['default', 'other'],
        secrets: () => subscribers.flatMap(({ secrets }) => secrets),
        timeScale,
        subscribers,
      }),
    );
    return harness;
  }

  #ingest = async () => {
    const server = 'rtmp://ingest.invalid/live';
    return [{ protocol: 'rtmp' as const, url: `${server}/${this.streamKey}`, server, streamKey: this.streamKey }];
  };

  async show(overrides: Partial<Plan> = {}) {
    const plan = planFor(overrides);
    const { eventId } = plan;
    const { showcaller, client } = this.env;
    await showcaller.start(plan);
    const run = client.workflow.getHandle(`live-event/${eventId}`);
    const { runId } = await run.describe();
    const webhooks = client.workflow.getHandle(webhooksIdOf(eventId, runId));
    return {
      eventId,
      runId,
      run,
      webhooks,
      connect: () => this.vendor.connect(`sc-${eventId}`),
      disconnect: () => this.vendor.disconnect(`sc-${eventId}`),
      result: () => showcaller.result(eventId),
      reaches: (...phases: Phase[]) =>
        until(async () => {
          const status = await showcaller.status(eventId).catch(() => undefined);
          return status && phases.includes(status.phase) && status.entered[status.phase] !== undefined && status;
        }),
      history: async () => new History(await run.fetchHistory()),
      webhooksHistory: async () => new History(await webhooks.fetchHistory()),
    };
  }

  /** Webhooks without a run, through the workflow that delivers them. */
  async deliver(webhooks: WebhookMessage[], subscribers: readonly Subscriber[] = this.subscribers) {
    const eventId = `n-${randomUUID()}`;
    return this.env.client.workflow.start('liveEventNotices', {
      workflowId: webhooksIdOf(eventId, 'test'),
      taskQueue: this.env.taskQueue,
      args: [{ eventId, receivers: subscribers.map(({ name, types }) => ({ name, types })), notices: webhooks }],
    });
  }

  close(): Promise<void> {
    return this.env.close();
  }
}

/** A phase change and the end, as short as webhooks can be. */
export function someWebhooks(count = 2, at = Date.now()): WebhookMessage[] {
  const run = randomUUID();
  return Array.from({ length: count }, (_, i) => ({
    id: `${run}/${i + 1}`,
    seq: i + 1,
    type: i + 1 === count ? 'ended' : 'phase-changed',
    at,
    data: { eventId: 'some-event', phase: 'live' },
  }));
}
