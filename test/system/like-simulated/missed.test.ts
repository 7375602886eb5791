import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerTuning } from '../../../worker/worker.ts';
import type { HistoryEvent } from '../../simulation/temporal/events.ts';
import { fromProto } from '../../simulation/temporal/history.ts';
import { probeActivities } from '../../simulation/temporal/probe/activities.ts';
import { probeBundle } from '../../simulation/temporal/probe/bundle.ts';
import {
  askedForMs,
  heartbeatTimeoutMs,
  mostIntervalMs,
  retryAfterMs,
} from '../../simulation/temporal/probe/workflows.ts';
import { WorkflowSandbox } from '../../simulation/temporal/sdk-internals.ts';
import { quietLatency } from '../../simulation/temporal/server/latencies.ts';
import { Simulation } from '../../simulation/temporal/simulation.ts';
import type { SimulatedWorker } from '../../simulation/temporal/worker/worker.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { until } from '../../support/until.ts';

// What a server does about a worker that is dead or hangs decides how long a show is left alone.

const stickyMs = msToNumber(workerTuning.stickyQueueScheduleToStartTimeout);
let env: TestEnvironment;
let folder: string;
let code: string;
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  code = await probeBundle();
  folder = await mkdtemp(join(tmpdir(), 'showcaller-probe-'));
  await writeFile(join(folder, 'probe.js'), code);
  env = await testEnvironment();
});
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await env.close();
  await rm(folder, { recursive: true, force: true });
});

function startWorker(taskQueue: string): ChildProcess {
  const entry = fileURLToPath(new URL('./probe-worker.ts', import.meta.url));
  const args = [env.address, env.namespace, taskQueue, join(folder, 'probe.js')];
  const worker = spawn(process.execPath, ['--import', 'tsx', entry, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  workers.add(worker);
  return worker;
}

const isStarted = async (handle: WorkflowHandle): Promise<boolean> =>
  ((await handle.describe()).raw.pendingActivities ?? []).some(({ lastHeartbeatTime }) => lastHeartbeatTime != null);

/** Spans of one history, milliseconds. */
interface Times {
  /** From when the activity was scheduled until its last attempt was started. */
  activityMs: number;
  /** From when the workflow task after it was scheduled until one was started, by whichever queue. */
  taskMs: number;
  timedOut: number;
}

function timesOf(history: readonly HistoryEvent[]): Times {
  const at = (type: string, from = 0) => history.find((event) => event.type === type && event.id > from);
  const scheduled = at('ActivityTaskScheduled');
  const started = at('ActivityTaskStarted');
  const completed = at('ActivityTaskCompleted');
  const task = at('WorkflowTaskScheduled', completed?.id);
  const taken = at('WorkflowTaskStarted', completed?.id);
  return {
    activityMs: (started?.at ?? Number.NaN) - (scheduled?.at ?? Number.NaN),
    taskMs: (taken?.at ?? Number.NaN) - (task?.at ?? Number.NaN),
    timedOut: history.filter(({ type }) => type === 'WorkflowTaskTimedOut').length,
  };
}

async function delayedOnTheRealServer(): Promise<Times> {
  const taskQueue = `delayed-${randomUUID()}`;
  startWorker(taskQueue);
  const handle = await env.client.workflow.start('delayed', { workflowId: taskQueue, taskQueue });
  expect(await handle.result()).toBe('attempt 2');
  for (const worker of workers) worker.kill('SIGKILL');
  workers.clear();
  return timesOf(fromProto(await handle.fetchHistory()));
}

async function delayedInTheSimulation(): Promise<Times> {
  const sandbox = await WorkflowSandbox.open(code);
  const simulation = new Simulation({ sandbox, seed: 1, latency: quietLatency });
  const { client, taskQueue, server } = simulation;
  return simulation.run(async () => {
    simulation.work(probeActivities());
    const handle = await client.workflow.start('delayed', { workflowId: 'delayed', taskQueue });
    expect(await handle.result()).toBe('attempt 2');
    return timesOf(server.find(handle).history);
  });
}

async function onTheRealServer(kills: boolean): Promise<Times> {
  const taskQueue = `missed-${randomUUID()}`;
  const first = startWorker(taskQueue);
  const handle = await env.client.workflow.start('missed', { workflowId: taskQueue, taskQueue });
  await until(() => isStarted(handle));
  if (kills) {
    first.kill('SIGKILL');
    startWorker(taskQueue);
  }
  expect(await handle.result()).toBe('attempt 2');
  for (const worker of workers) worker.kill('SIGKILL');
  workers.clear();
  return timesOf(fromProto(await handle.fetchHistory()));
}

async function inTheSimulation(kills: boolean): Promise<Times> {
  const sandbox = await WorkflowSandbox.open(code);
  const simulation = new Simulation({ sandbox, seed: 1, latency: quietLatency });
  const { client, taskQueue, server, clock } = simulation;
  return simulation.run(async () => {
    const first: SimulatedWorker = simulation.work(probeActivities());
    const handle = await client.workflow.start('missed', { workflowId: 'missed', taskQueue });
    await new Promise<void>((resolve) => {
      clock.in(500, resolve);
    });
    if (kills) {
      first.kill();
      clock.in(1500, () => void simulation.work(probeActivities()));
    }
    expect(await handle.result()).toBe('attempt 2');
    return timesOf(server.find(handle).history);
  });
}

/** Messages take time, on a busy machine more; nothing is ever early by more than the clocks round. */
const earlyMs = 100;

it('the delay that a failure asks for is not cut to the most of the retry policy, in both', async () => {
  expect(mostIntervalMs).toBeLessThan(askedForMs);
  const [real, simulated] = [await delayedOnTheRealServer(), await delayedInTheSimulation()];
  expect(real.activityMs).toBeGreaterThanOrEqual(askedForMs - earlyMs);
  expect(simulated.activityMs).toBeGreaterThanOrEqual(askedForMs);
});

describe.each([
  ['an attempt that hangs', false],
  ['a worker that was killed', true],
] as const)('%s', (_what, kills) => {
  it('is missed after the same times in both', async () => {
    const real = await onTheRealServer(kills);
    const simulated = await inTheSimulation(kills);
    const nominal = heartbeatTimeoutMs + retryAfterMs;
    expect(simulated.activityMs).toBeGreaterThanOrEqual(nominal);
    expect(real.activityMs).toBeGreaterThanOrEqual(nominal - earlyMs);
    // The next timeout there is would be the minute of the whole attempt.
    expect(real.activityMs).toBeLessThan(30_000);
    expect(simulated.activityMs).toBeLessThan(nominal + 200);
    expect({ timedOut: simulated.timedOut }).toEqual({ timedOut: real.timedOut });
    if (kills) expect([real.taskMs, simulated.taskMs].map((ms) => Math.round(ms / stickyMs))).toEqual([1, 1]);
    process.stdout.write(`${JSON.stringify({ kills, real, simulated })}\n`);
  });
});
