import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { ShowcallerClient } from '../../client/client.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { phases } from '../../domain/phases.ts';
import { lookAgainBy } from '../support/until.ts';
import type { EnvironmentOptions, TestEnvironment } from './environment-types.ts';
import { microtasksDone } from './temporal/clock.ts';
import { LoopbackIo } from './temporal/loopback-io.ts';
import { fromPayload } from './temporal/payloads.ts';
import { WorkflowSandbox } from './temporal/sdk-internals.ts';
import { quietLatency } from './temporal/server/latencies.ts';
import { Simulation } from './temporal/simulation.ts';

/** One simulation for each file of tests, in which time goes on whenever no test has anything to do by itself. */
interface Shared {
  simulation: Simulation;
  io?: LoopbackIo;
  users: number;
  isOver: boolean;
}

let sandbox: Promise<WorkflowSandbox> | undefined;
let shared: Shared | undefined;

/**
 * The workflows as they are now, in virtual time: no server, and no test waits for a clock. With REAL_SERVER,
 * which test/system/like-simulated/on-real-server.ts sets, the same tests run on the real one.
 */
export async function testEnvironment(options: EnvironmentOptions = {}): Promise<TestEnvironment> {
  if (process.env.REAL_SERVER) return (await import('./real-environment.ts')).realEnvironment(options);
  sandbox ??= WorkflowSandbox.open(inject('workflowCode'));
  const own = await sharedSimulation(await sandbox, options);
  const { simulation } = own;
  const { taskQueue = `test-${randomUUID()}` } = options;
  const workers: ReturnType<Simulation['work']>[] = [];
  own.users += 1;
  return {
    client: simulation.client,
    namespace: 'default',
    taskQueue,
    showcaller: new ShowcallerClient(simulation.client, { taskQueue }),
    async work(activities, options = {}) {
      const worker = simulation.work(activities, { taskQueue, ...options });
      workers.push(worker);
      return { stop: () => worker.close(), kill: () => worker.kill() };
    },
    phaseOf(eventId) {
      const payload = simulation.server.newestOf(workflowIdOf(eventId))?.searchAttributes.ShowcallerPhase;
      const name = fromPayload(payload);
      return phases.find((phase) => phase === name);
    },
    serverRestarts() {
      for (const run of simulation.server.runs.values()) simulation.server.activities.startEarly(run);
    },
    async close() {
      for (const worker of workers) await worker.close();
      own.users -= 1;
      if (own.users === 0) end(own);
    },
  };
}

async function sharedSimulation(opened: WorkflowSandbox, { usesLoopback }: EnvironmentOptions): Promise<Shared> {
  if (shared) return shared;
  const io = usesLoopback ? new LoopbackIo() : undefined;
  const options = { sandbox: opened, seed: 1, now: Date.now(), latency: quietLatency };
  const simulation = new Simulation({ ...options, ...(io && { quiet: io.quiet }) });
  shared = { simulation, ...(io && { io }), users: 0, isOver: false };
  simulation.clock.install();
  lookAgainBy((ms) => simulation.clock.lookAgain(ms));
  void letTimeGoOn(shared);
  return shared;
}

async function letTimeGoOn(own: Shared): Promise<void> {
  while (!own.isOver) {
    await own.simulation.clock.run(() => own.isOver, Number.POSITIVE_INFINITY);
    await microtasksDone();
  }
}

/** @throws Error where a workflow task failed: Temporal would try it again for ever. */
function end(own: Shared): void {
  own.isOver = true;
  shared = undefined;
  own.simulation.clock.uninstall();
  lookAgainBy();
  own.io?.close();
  const { taskFailures } = own.simulation;
  if (taskFailures.length > 0) throw new Error(`workflow tasks failed:\n${taskFailures.join('\n')}`);
}
