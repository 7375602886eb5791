import type { Clock } from '../clock.ts';
import type { TaskHandler } from './execution.ts';
import type { Latencies } from './latencies.ts';

/** Each name stands for two queues. */
export interface TaskQueue {
  name: string;
  kind: 'workflows' | 'activities';
}
const isSame = (one: TaskQueue, other: TaskQueue): boolean => one.name === other.name && one.kind === other.kind;

/** Which workers ask for which tasks, and the tasks that wait for one. */
export class TaskQueues {
  readonly #clock: Clock;
  readonly #latency: Latencies;
  readonly #workers: { queue: TaskQueue; worker: TaskHandler }[] = [];
  readonly #backlog: { queue: TaskQueue; handOver: (worker: TaskHandler) => void }[] = [];
  #handedOver = 0;

  constructor(clock: Clock, latency: Latencies) {
    this.#clock = clock;
    this.#latency = latency;
  }

  register(queue: TaskQueue, worker: TaskHandler): void {
    this.#workers.push({ queue, worker });
    for (const waiting of this.#backlog.filter((one) => isSame(one.queue, queue))) {
      this.#backlog.splice(this.#backlog.indexOf(waiting), 1);
      this.#clock.in(this.#latency.dispatch(), () => this.dispatch(queue, waiting.handOver));
    }
  }

  /** A worker that stops asks for nothing more. */
  unregister(worker: TaskHandler): void {
    const left = this.#workers.filter((one) => one.worker !== worker);
    this.#workers.splice(0, this.#workers.length, ...left);
  }

  /** To the workers of the queue in turn. */
  dispatch(queue: TaskQueue, handOver: (worker: TaskHandler) => void): void {
    const workers = this.workersOf(queue);
    const chosen = workers[this.#handedOver % Math.max(1, workers.length)];
    this.#handedOver += 1;
    if (chosen) handOver(chosen);
    else this.#backlog.push({ queue, handOver });
  }

  workersOf(queue: TaskQueue): TaskHandler[] {
    return this.#workers.flatMap((one) => (isSame(one.queue, queue) && one.worker.isAlive ? [one.worker] : []));
  }
}
