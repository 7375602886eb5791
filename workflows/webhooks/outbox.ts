import {
  CancellationScope,
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Channel } from '../../domain/channel.ts';
import { webhooksIdOf } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { EventStatus } from '../../domain/report.ts';
import { eventData } from '../../domain/webhooks/event-data.ts';
import { OutboxQueue } from '../../domain/webhooks/queue.ts';
import type { NotifyPlan, WebhookMessage, WebhookType } from '../../domain/webhooks/webhook.ts';
import { enqueueSignal, liveEventNotices } from './delivery.ts';

/**
 * The webhooks of one run. A workflow of its own delivers them for days: the run waits for no subscriber, and a failed
 * delivery is no failure of the run.
 */
export class Outbox {
  readonly #status: EventStatus;
  readonly #plan: NotifyPlan;
  readonly #queue: OutboxQueue;
  #isDeliveryStarted = false;
  #sending: Promise<void> | undefined;

  constructor(status: EventStatus, plan: NotifyPlan) {
    this.#status = status;
    this.#plan = plan;
    this.#queue = new OutboxQueue(plan.receivers);
  }

  get slowStepMs(): number {
    return this.#plan.slowStepMs;
  }

  get soonMs(): number | undefined {
    return this.#plan.soonMs;
  }

  /** Queues a webhook for the next `send`. */
  add(type: WebhookType, data: JsonObject, channel?: Channel): void {
    const entry = { type, at: Date.now(), data: { ...eventData(this.#status), ...data }, ...(channel && { channel }) };
    // Without it the delivery workflow reports a run that has ended as cut off. Older histories do not have this signal.
    const isKept = type === 'ended' && this.#queue.lacksEnd && patched('sends-end-to-delivery');
    // A reset run has another run id, so that its webhooks are not mistaken for those of the run before.
    this.#queue.add(workflowInfo().runId, entry, { isKept });
  }

  /** Passes what is queued to the delivery workflow; what is queued meanwhile goes with the next batch. */
  send(): void {
    if (this.#sending || this.#queue.isEmpty) return;
    // Shielded, so that a cancelled run still sends that it is cancelled.
    this.#sending = CancellationScope.nonCancellable(() => this.#sendAll());
  }

  /** Resolves when everything is passed on: what is still queued at the end of the run is lost. */
  async flush(): Promise<void> {
    for (this.send(); this.#sending; this.send()) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    try {
      while (!this.#queue.isEmpty) await this.#deliver(this.#queue.take());
    } finally {
      this.#sending = undefined;
    }
  }

  /** Signals the delivery workflow or starts it; tries the other way when the first fails. */
  async #deliver(messages: WebhookMessage[]): Promise<void> {
    const { eventId } = this.#status;
    const workflowId = webhooksIdOf(eventId, workflowInfo().firstExecutionRunId);
    const start = () =>
      startChild(liveEventNotices, {
        workflowId,
        args: [{ eventId, receivers: this.#plan.receivers, notices: messages }],
        // Cancelled when the run closes: it then knows that nothing more comes, and delivers what is queued.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        staticSummary: `webhooks of ${eventId}`,
      });
    const signal = () => getExternalWorkflowHandle(workflowId).signal(enqueueSignal, messages);
    for (const attempt of this.#isDeliveryStarted ? [signal, start] : [start, signal]) {
      try {
        await attempt();
        this.#isDeliveryStarted = true;
        return;
      } catch (error) {
        if (!(error instanceof TemporalFailure)) throw error;
      }
    }
    const message = `cannot start or signal the workflow that delivers webhooks: ${messages.length} webhook(s) are lost`;
    this.#status.troubles.push({ at: Date.now(), phase: this.#status.phase, kind: 'notices', message });
  }
}
