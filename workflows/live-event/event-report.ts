import { CancellationScope, getExternalWorkflowHandle, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import { eventKeyOf, partsOfLegKey, workflowIdOf } from '../../domain/ids.ts';
import type { EventStatus } from '../../domain/report.ts';
import { legSignal } from '../messages.ts';

/** Sends the status of a leg's run to the run of its event, at each change. One signal is under way at a time. */
export class EventReport {
  readonly #leg: string;
  readonly #status: EventStatus;
  readonly #event: { workflowId: string; runId: string };
  #isStale = false;
  #isGone = false;
  #sending: Promise<void> | undefined;

  private constructor(leg: string, event: { workflowId: string; runId: string }, status: EventStatus) {
    this.#leg = leg;
    this.#event = event;
    this.#status = status;
  }

  /** Undefined in a run that is no leg of an event, whatever workflow started it. */
  static ofLeg(status: EventStatus): EventReport | undefined {
    const { workflowId, parent } = workflowInfo();
    const parts = partsOfLegKey(eventKeyOf(workflowId) ?? '');
    if (!parts || parent?.workflowId !== workflowIdOf(parts.event)) return undefined;
    return new EventReport(parts.leg, parent, status);
  }

  send(): void {
    this.#isStale = true;
    // Shielded, so that a cancelled run still reports how it ended.
    this.#sending ??= CancellationScope.nonCancellable(() => this.#sendAll());
  }

  /** Resolves when the event has the last status: a cancelled run closes without a report. */
  async flush(): Promise<void> {
    this.send();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { workflowId, runId } = this.#event;
    try {
      while (this.#isStale && !this.#isGone) {
        this.#isStale = false;
        const { plan: _, ...status } = this.#status;
        await getExternalWorkflowHandle(workflowId, runId).signal(legSignal, { leg: this.#leg, status });
      }
    } catch (error) {
      // The event's run is over, or was terminated: this run cleans up all the same.
      if (!(error instanceof TemporalFailure)) throw error;
      this.#isGone = true;
    } finally {
      this.#sending = undefined;
    }
  }
}
