import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { withHeartbeat } from '../activities/heartbeat.ts';
import { workflowType } from '../domain/ids.ts';

/** So many workflow tasks are done in about a second; they wait for 4 s at most in the queue of a worker that has their runs in memory. */
const mostReported = 64;
/** Of these for what must happen at an instant: a lone cue does not stand behind many that have no next step. */
const forCues = 16;
/** A run whose next step begins at another worker, or that has none. */
const answeredWithinMs = 1_000;
/** Of Temporal's priorities: 1, which is of cues, to 5. */
export const cuePriority = 1;
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
  /** By priority, oldest first. */
  readonly #waiting = new Map<number, Waiting[]>();
  #isOpen = false;

  /** Opens when the worker stops: others go on with its runs. */
  constructor(stopping?: AbortSignal) {
    const open = () => {
      this.#isOpen = true;
      this.#admit();
    };
    stopping?.addEventListener('abort', open, { once: true });
  }

  /** A step of this run begins: it has taken in what was reported before. */
  begins(workflowId: string): void {
    clearTimeout(this.#reported.get(workflowId));
    if (this.#reported.delete(workflowId)) this.#admit();
  }

  /** Undefined when the step that is done may be reported now; else settles when it may, and at once when it is ended. */
  mayReport(workflowId: string, priority: number, ended: AbortSignal): Promise<void> | undefined {
    if (ended.aborted) return undefined;
    const queue = this.#waiting.get(priority) ?? [];
    this.#waiting.set(priority, queue);
    if (queue.length === 0 && this.#hasRoom(priority)) {
      this.#count(workflowId);
      return undefined;
    }
    return new Promise((resolve) => {
      const leave = () => {
        queue.splice(queue.indexOf(waiting), 1);
        resolve();
      };
      const report = () => {
        ended.removeEventListener('abort', leave);
        resolve();
      };
      const waiting = { workflowId, report };
      queue.push(waiting);
      ended.addEventListener('abort', leave, { once: true });
    });
  }

  #hasRoom(priority: number): boolean {
    return this.#isOpen || this.#reported.size < (priority === cuePriority ? mostReported : mostReported - forCues);
  }

  #count(workflowId: string): void {
    clearTimeout(this.#reported.get(workflowId));
    const answered = setTimeout(() => this.begins(workflowId), answeredWithinMs);
    this.#reported.set(workflowId, answered.unref());
  }

  #admit(): void {
    for (const [priority, queue] of [...this.#waiting].sort(([a], [b]) => a - b)) {
      while (queue.length > 0 && this.#hasRoom(priority)) {
        const next = queue.shift();
        if (!next) break;
        this.#count(next.workflowId);
        next.report();
      }
    }
  }
}

/** Steps of shows pass the gate where they succeed: most of what fails is tried again without its run. */
export function throughGate(gate: ReportGate): ActivityInterceptorsFactory {
  const inbound: ReturnType<ActivityInterceptorsFactory>['inbound'] = {
    async execute(input, next) {
      const { isLocal, workflowExecution, workflowType: type, priority } = activityInfo();
      if (isLocal || type !== workflowType || !workflowExecution) return next(input);
      const { workflowId } = workflowExecution;
      gate.begins(workflowId);
      const result = await next(input);
      const turn = gate.mayReport(workflowId, priority?.priorityKey ?? usualPriority, cancellationSignal());
      if (!turn) return result;
      await withHeartbeat(() => turn);
      return result;
    },
  };
  return () => ({ inbound });
}
