import {
  CancellationScope,
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Channel } from '../../domain/channel.ts';
import { noticesIdOf } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { EventStatus } from '../../domain/report.ts';
import { eventData } from '../../domain/webhooks/event-data.ts';
import { NoticeQueue } from '../../domain/webhooks/queue.ts';
import type { Notice, NoticeType, NotifyPlan } from '../../domain/webhooks/webhook.ts';
import { liveEventNotices, tellSignal } from './live-event-notices.ts';

/**
 * What a run tells its receivers, through a workflow of its own that tries for days: the run waits for nobody, and no
 * trouble with telling is a trouble of the run.
 */
export class Notices {
  readonly #status: EventStatus;
  readonly #plan: NotifyPlan;
  readonly #queue: NoticeQueue;
  #running = false;
  #sending: Promise<void> | undefined;

  constructor(status: EventStatus, plan: NotifyPlan) {
    this.#status = status;
    this.#plan = plan;
    this.#queue = new NoticeQueue(plan.receivers);
  }

  get slowStepMs(): number {
    return this.#plan.slowStepMs;
  }

  /** Keeps something to tell with the next `send`. */
  add(type: NoticeType, data: JsonObject, channel?: Channel): void {
    // A reset run is another run: what it tells anew is not taken for what was told before.
    this.#queue.add(workflowInfo().runId, {
      type,
      at: Date.now(),
      data: { ...eventData(this.#status), ...data },
      ...(channel && { channel }),
    });
  }

  /** Hands over what is kept; what comes meanwhile goes with the next. */
  send(): void {
    if (this.#sending || this.#queue.isEmpty) return;
    // A cancelled run still says that it is.
    this.#sending = CancellationScope.nonCancellable(() => this.#handOver());
  }

  /** Returns when everything was handed over: what is not by the end of the run is lost. */
  async flush(): Promise<void> {
    for (this.send(); this.#sending; this.send()) await this.#sending;
  }

  async #handOver(): Promise<void> {
    try {
      while (!this.#queue.isEmpty) await this.#tell(this.#queue.take());
    } finally {
      this.#sending = undefined;
    }
  }

  /** To the workflow that is there, or to a new one; by the other way when that fails. */
  async #tell(notices: Notice[]): Promise<void> {
    const { eventId } = this.#status;
    const workflowId = noticesIdOf(eventId, workflowInfo().firstExecutionRunId);
    const start = () =>
      startChild(liveEventNotices, {
        workflowId,
        args: [{ eventId, receivers: this.#plan.receivers, notices }],
        // Asked to end with the run: it then knows that nothing more comes, and delivers what is left.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        staticSummary: `notices of ${eventId}`,
      });
    const signal = () => getExternalWorkflowHandle(workflowId).signal(tellSignal, notices);
    for (const way of this.#running ? [signal, start] : [start, signal]) {
      try {
        await way();
        this.#running = true;
        return;
      } catch (error) {
        if (!(error instanceof TemporalFailure)) throw error;
      }
    }
    const message = `${notices.length} notice(s) could be handed over to nobody`;
    this.#status.troubles.push({ at: Date.now(), phase: this.#status.phase, kind: 'notices', message });
  }
}
