import { randomBytes, randomUUID } from 'node:crypto';
import { createActivities } from '../../../activities/index.ts';
import type { Receiver } from '../../../activities/webhooks/subscriber.ts';
import { noticesIdOf } from '../../../domain/ids.ts';
import type { Phase } from '../../../domain/phases.ts';
import type { Plan } from '../../../domain/plan.ts';
import { type Notice, type NoticeType, noticeTypes } from '../../../domain/webhooks/webhook.ts';
import { planFor, type TestEnvironment, testEnvironment, testPace, until } from '../../support/environment.ts';
import { FakeVendor } from '../../support/fake-driver.ts';
import { History } from '../../support/history.ts';
import type { TestReceiver } from './subscriber.ts';

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const usual: readonly NoticeType[] = noticeTypes.filter((type) => type !== 'ingest');

/** The configuration of a receiver that is told of every event. */
export const configured = (
  name: string,
  { url }: Pick<TestReceiver, 'url'>,
  more: Partial<Receiver> = {},
): Receiver => ({
  name,
  url,
  types: usual,
  isDefault: true,
  secrets: [newSecret()],
  ...more,
});

export interface StageOptions {
  receivers: Receiver[];
  pace?: number;
}

/** A worker with receivers, and a vendor in memory whose encoders have a key that can be looked for. */
export class Stage {
  readonly vendor = new FakeVendor();
  readonly env: TestEnvironment;
  /** May be changed while it works, as by another worker with another configuration. */
  readonly receivers: Receiver[];
  readonly streamKey = `key-${randomUUID()}`;

  private constructor(env: TestEnvironment, receivers: Receiver[]) {
    this.env = env;
    this.receivers = receivers;
  }

  static async open({ receivers, pace = testPace }: StageOptions): Promise<Stage> {
    const stage = new Stage(await testEnvironment(), receivers);
    await stage.env.work(
      createActivities({
        driver: async (_vendor, account) => ({ ...stage.vendor.driver(account), ingest: stage.#ingest }),
        accounts: () => ['default'],
        secrets: () => receivers.flatMap(({ secrets }) => secrets),
        pace,
        proofPatienceMs: 5000,
        receivers,
      }),
    );
    return stage;
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
    const notices = client.workflow.getHandle(noticesIdOf(eventId, runId));
    return {
      eventId,
      runId,
      run,
      notices,
      connect: () => this.vendor.connect(`sc-${eventId}`),
      disconnect: () => this.vendor.disconnect(`sc-${eventId}`),
      result: () => showcaller.result(eventId),
      reaches: (...phases: Phase[]) =>
        until(async () => {
          const status = await showcaller.status(eventId).catch(() => undefined);
          return status && phases.includes(status.phase) && status.entered[status.phase] !== undefined && status;
        }),
      history: async () => new History(await run.fetchHistory()),
      noticesHistory: async () => new History(await notices.fetchHistory()),
    };
  }

  /** Notices without a run, through the workflow that delivers them. */
  async deliver(notices: Notice[], receivers: readonly Receiver[] = this.receivers) {
    const eventId = `n-${randomUUID()}`;
    return this.env.client.workflow.start('liveEventNotices', {
      workflowId: noticesIdOf(eventId, 'test'),
      taskQueue: this.env.taskQueue,
      args: [{ eventId, receivers: receivers.map(({ name, types }) => ({ name, types })), notices }],
    });
  }

  close(): Promise<void> {
    return this.env.close();
  }
}

/** A phase change and the end, as short as notices can be. */
export function someNotices(count = 2, at = Date.now()): Notice[] {
  const run = randomUUID();
  return Array.from({ length: count }, (_, i) => ({
    id: `${run}/${i + 1}`,
    seq: i + 1,
    type: i + 1 === count ? 'ended' : 'phase-changed',
    at,
    data: { eventId: 'some-event', phase: 'live' },
  }));
}
