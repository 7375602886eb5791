import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { Prng } from '../prng.ts';
import { ClientService } from './client-service.ts';
import { Clock } from './clock.ts';
import type { OnActivation } from './core/core.ts';
import type { HistoryEvent } from './events.ts';
import type { WorkflowSandbox } from './sdk-internals.ts';
import type { Execution } from './server/execution.ts';
import { type Latencies, noLatency } from './server/latencies.ts';
import { SimulatedServer } from './server/server.ts';
import type { Skew } from './virtual-globals.ts';
import type { ActivityFunction } from './worker/activity-attempt.ts';
import { SimulatedWorker } from './worker/worker.ts';

export interface SimulationOptions {
  sandbox: WorkflowSandbox;
  seed: number;
  /** When it begins, epoch milliseconds. */
  now?: number;
  latency?: (prng: Prng) => Latencies;
  /** Things due in the same millisecond happen in a random order. */
  isShuffled?: boolean;
  onActivation?: OnActivation;
  onEvent?: (run: Execution, event: HistoryEvent) => void;
  /** Workers replay each run's history before each task, and compare. */
  neverCaches?: boolean;
  /** Resolves when time may go on. Default: when no microtask is left. */
  quiet?: () => Promise<void>;
}

export interface WorkOptions {
  taskQueue?: string;
  /** Asks for one kind of task. Default: both. */
  only?: 'workflows' | 'activities';
  /** How far the clock of the worker's machine is off. */
  skewMs?: Skew;
}

const usualNow = Date.UTC(2026, 10, 21, 9, 0, 0);

/** A Temporal server, its workers and its client in virtual time, where everything follows from a seed. */
export class Simulation {
  readonly clock: Clock;
  readonly server: SimulatedServer;
  readonly client: Client;
  readonly taskQueue = 'simulation';
  readonly workers: SimulatedWorker[] = [];
  /** What happened, in order. */
  readonly trace: string[] = [];
  readonly #options: SimulationOptions;
  readonly #latency: Latencies;

  constructor(options: SimulationOptions) {
    this.#options = options;
    // Each use has numbers of its own, so that one more draw here does not change everything there.
    const prngOf = (use: number) => new Prng(options.seed * 8 + use);
    const [forCode, forOrder, forIds] = [prngOf(1), prngOf(2), prngOf(4)];
    this.clock = new Clock({
      now: options.now ?? usualNow,
      random: () => forCode.throw(),
      ...(options.quiet && { quiet: options.quiet }),
      ...(options.isShuffled && { shuffle: () => forOrder.throw() }),
    });
    this.#latency = (options.latency ?? noLatency)(prngOf(3));
    this.server = new SimulatedServer({
      clock: this.clock,
      latency: this.#latency,
      newId: () => uuidFrom(forIds),
      trace: (line) => this.note(line),
      ...(options.onEvent && { onEvent: options.onEvent }),
    });
    this.client = new ClientService(this.clock, this.server, this.#latency).client();
  }

  /** Starts a worker. */
  work(activities: object, { taskQueue = this.taskQueue, skewMs, only }: WorkOptions = {}): SimulatedWorker {
    const { sandbox, onActivation, neverCaches } = this.#options;
    const worker = new SimulatedWorker({
      name: `worker-${this.workers.length + 1}`,
      clock: this.clock,
      server: this.server,
      sandbox,
      taskQueue,
      activities: activities as Record<string, ActivityFunction>,
      latency: this.#latency,
      ...(only && { only }),
      ...(skewMs !== undefined && { skewMs }),
      ...(onActivation && { onActivation }),
      ...(neverCaches && { neverCaches }),
    });
    this.workers.push(worker);
    return worker;
  }

  note(line: string): void {
    this.trace.push(`${this.clock.now} ${line}`);
  }

  /** Runs `main` in virtual time, to its end. */
  async run<T>(main: () => Promise<T>): Promise<T> {
    try {
      return await this.clock.drive(main);
    } finally {
      for (const worker of this.workers) await worker.close();
    }
  }

  /** Workflow tasks that failed. */
  get taskFailures(): string[] {
    return this.workers.flatMap(({ taskFailures }) => taskFailures);
  }

  /** The same for the same course. */
  get digest(): string {
    return createHash('sha256').update(this.trace.join('\n')).digest('hex').slice(0, 16);
  }
}

const uuidFrom = (prng: Prng): string => {
  const hex = (digits: number) => Array.from({ length: digits }, () => prng.between(0, 15).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
};
