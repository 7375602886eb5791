import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { withHeartbeat } from '../activities/heartbeat.ts';
import { workflowType } from '../domain/ids.ts';

/** So many workflow tasks are done in less than a second; they wait for 5 s at most in the queue of a worker that has their runs in memory. */
const mostReported = 64;
/** A run whose next step begins at another worker, or that has none. */
const answeredWithinMs = 1_000;
/** Of Temporal's priorities, 1 to 5. */
const usualPriority = 3;

interface Waiting {
  workflowId: string;
  report(): void;
}

/**
 * What is done is reported to Temporal no sooner than this worker can go on with it. Hundreds of runs whose steps end at one instant would
 * wait in the worker's queue for longer than its runs are kept for it; then each is read again from its history, which costs several times as
 * much, so that the next wait for longer still. What must happen at an instant goes before all else.
 */
export class ReportGate {
  /** By workflow id: runs with a step that was reported, and whose next has not begun. */
  readonly #reported = new Map<string, NodeJS.Timeout>();
  readonly #waiting = new Map<number, Waiting[]>();
  #isOpen = false;

  /** Of a worker that stops: others go on with its runs. */
  open(): void {
    this.#isOpen = true;
    while (this.#admit()) {}
  }

  /** A step of this run begins: it has taken in what was reported before. */
  begins(workflowId: string): void {
    clearTimeout(this.#reported.get(workflowId));
    if (this.#reported.delete(workflowId)) this.#admit();
  }

  /** Settles when the step that is done may be reported, and at once when it is ended. */
  async mayReport(workflowId: string, priority: number, ended: AbortSignal): Promise<void> {
    if (ended.aborted || this.#isOpen) return;
    if (this.#reported.size < mostReported) return this.#count(workflowId);
    await new Promise<void>((resolve) => {
      const waiting = { workflowId, report };
      const queue = this.#waiting.get(priority) ?? [];
      this.#waiting.set(priority, [...queue, waiting]);
      const leave = () => {
        this.#waiting.set(
          priority,
          (this.#waiting.get(priority) ?? []).filter((one) => one !== waiting),
        );
        resolve();
      };
      function report() {
        ended.removeEventListener('abort', leave);
        resolve();
      }
      ended.addEventListener('abort', leave, { once: true });
    });
  }

  #count(workflowId: string): void {
    clearTimeout(this.#reported.get(workflowId));
    this.#reported.set(
      workflowId,
      setTimeout(() => this.begins(workflowId), answeredWithinMs),
    );
  }

  /** False when none waits. */
  #admit(): boolean {
    for (const priority of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      const [next, ...others] = this.#waiting.get(priority) ?? [];
      if (!next) continue;
      this.#waiting.set(priority, others);
      this.#count(next.workflowId);
      next.report();
      return true;
    }
    return false;
  }
}

/** Steps of shows pass the gate where they succeed: what fails is tried again without its run. */
export function reportGate(stopping?: AbortSignal): ActivityInterceptorsFactory {
  const gate = new ReportGate();
  stopping?.addEventListener('abort', () => gate.open(), { once: true });
  const inbound: ReturnType<ActivityInterceptorsFactory>['inbound'] = {
    async execute(input, next) {
      const { isLocal, workflowExecution, workflowType: type, priority } = activityInfo();
      if (isLocal || type !== workflowType || !workflowExecution) return next(input);
      const { workflowId } = workflowExecution;
      gate.begins(workflowId);
      const result = await next(input);
      await withHeartbeat(() =>
        gate.mayReport(workflowId, priority?.priorityKey ?? usualPriority, cancellationSignal()),
      );
      return result;
    },
  };
  return () => ({ inbound });
}
