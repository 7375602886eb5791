import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { testEnvironment } from '../support/environment.ts';
import type { EnvironmentOptions, TestEnvironment } from './environment-types.ts';

/** A real server in the place of the simulated one: what holds in virtual time must hold there too. */
export async function realEnvironment({ taskQueue }: EnvironmentOptions): Promise<TestEnvironment> {
  const real = await testEnvironment({ taskQueue });
  const { client, namespace, native } = real;
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  const end = async ({ worker, ended }: (typeof running)[number]) => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await ended;
  };
  return {
    client,
    namespace,
    taskQueue: real.taskQueue,
    showcaller: real.showcaller,
    async work(activities, { only, skewMs } = {}) {
      if (skewMs !== undefined) throw new Error('a worker whose clock is wrong can only be simulated');
      const worker = await Worker.create({
        connection: native,
        namespace,
        taskQueue: real.taskQueue,
        ...(only !== 'activities' && { workflowBundle: { code: inject('workflowCode') } }),
        ...(only !== 'workflows' && { activities }),
      });
      const started = { worker, ended: worker.run() };
      running.push(started);
      return {
        stop: () => end(started),
        kill() {
          throw new Error('a worker in this process can only be killed where it is simulated');
        },
      };
    },
    phaseOf() {
      throw new Error('only a simulated server can be asked for a phase at once');
    },
    serverRestarts() {
      throw new Error('a server that others use too can only be killed where it is simulated');
    },
    async close() {
      await Promise.all(running.map(end));
      await real.close();
    },
  };
}
