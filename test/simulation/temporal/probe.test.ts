import { beforeAll, describe, expect, it } from 'vitest';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { refusedByCore } from './core/real-core.ts';
import { identityOf, replay } from './core/replay.ts';
import { toProto } from './history.ts';
import { probeActivities } from './probe/activities.ts';
import { probeBundle } from './probe/bundle.ts';
import { probeScenes } from './probe/scenes.ts';
import { WorkflowSandbox } from './sdk-internals.ts';
import { quietLatency } from './server/latencies.ts';
import { Simulation } from './simulation.ts';

let code: string;
let sandbox: WorkflowSandbox;
beforeAll(async () => {
  installRuntime({ logLevel: 'ERROR' });
  code = await probeBundle();
  sandbox = await WorkflowSandbox.open(code);
});

const outcomes: Readonly<Record<string, unknown>> = {
  'local activities': [
    'one!',
    'two!',
    'after 2 failures',
    'after 1 failures',
    'three!',
    'ActivityFailure < TimeoutFailure',
  ],
  'a local activity longer than a workflow task': 'took 12000 ms at 12 s',
  'a cancelled local activity': 'ActivityFailure < CancelledFailure',
  patches: ['new', 'new', 'done!'],
  'continuing as new': 'run of another',
  children: [
    'slept',
    'ChildWorkflowFailure < ApplicationFailure',
    ...Array(3).fill('ChildWorkflowFailure < CancelledFailure'),
    'WorkflowExecutionAlreadyStartedError',
    expect.stringContaining('left behind'),
  ],
  'signals and cancellations of others': ['the probe, its parent', 'ApplicationFailure', 'ApplicationFailure'],
  'a memo, and an update that outlives its run': ['seen', 'Workflow Update failed', { last: 'seen' }],
  'a terminated run': 'enough',
};

async function play(name: string, seed: number) {
  const simulation = new Simulation({ sandbox, seed, latency: quietLatency });
  const { client, taskQueue } = simulation;
  const outcome = await simulation.run(async () => {
    simulation.work(probeActivities());
    return probeScenes[name]?.({ client, taskQueue, id: `${name} ${seed}` });
  });
  return { outcome, simulation, runs: [...simulation.server.runs.values()] };
}

describe.each(Object.keys(probeScenes))('%s', (name) => {
  it('ends as it does in Temporal, and its histories replay in both Cores', async () => {
    const { outcome, simulation, runs } = await play(name, 1);
    expect(simulation.taskFailures).toEqual([]);
    expect(outcome).toEqual(outcomes[name]);
    const histories = runs.map(({ workflowId, history }) => ({ workflowId, history: toProto(history) }));
    expect(await refusedByCore(code, histories)).toEqual({});
    for (const { history, workflowId } of runs) await replay(sandbox, identityOf(history, workflowId), history);
  });

  it('takes one course for one seed', async () => {
    const [one, other] = [await play(name, 7), await play(name, 7)];
    expect(one.simulation.digest).toBe(other.simulation.digest);
  });
});
