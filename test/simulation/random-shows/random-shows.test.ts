import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { identityOf, replay } from '../temporal/core/replay.ts';
import { toProto } from '../temporal/history.ts';
import { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import type { Evidence } from './evidence.ts';
import { failureReport } from './failure-report.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenario.ts';

/** The same shows every time; `npm run test:simulation` plays others. */
const seeds = Array.from({ length: 100 }, (_, i) => i + 1);

let sandbox: WorkflowSandbox;
const played: Evidence[] = [];
beforeAll(async () => {
  installRuntime({ logLevel: 'ERROR' });
  sandbox = await WorkflowSandbox.open(inject('workflowCode'));
  for (const seed of seeds) played.push(await play(scenarioOf(seed), { sandbox }));
});

describe('a hundred random shows in virtual time', () => {
  it('end as they must, whatever goes wrong', () => {
    const failures = played.flatMap((evidence) => {
      const problems = problemsOf(evidence);
      return problems.length > 0 ? [failureReport(evidence, problems)] : [];
    });
    expect(failures.join('\n\n')).toBe('');
  });

  it('come to most ends there are, through faults and killed workers', () => {
    const reasons = new Set(played.map(({ report }) => report?.endReason));
    expect(reasons.size).toBeGreaterThanOrEqual(8);
    expect(played.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(20);
    expect(played.flatMap(({ calls }) => calls.filter(({ fault }) => fault)).length).toBeGreaterThan(500);
  });

  it('take the same course again, byte for byte', async () => {
    for (const { scenario, digest } of played) {
      const again = await play(scenarioOf(scenario.seed), { sandbox });
      expect({ seed: scenario.seed, digest: again.digest }).toEqual({ seed: scenario.seed, digest });
    }
  });

  it('leave histories that replay in the real Core, and in the simulated one', async () => {
    const histories = played
      .slice(0, 40)
      .flatMap(({ histories: all, scenario: { seed } }) =>
        Object.entries(all).map(([workflowId, history]) => ({ workflowId, history, seed })),
      );
    const refused: string[] = [];
    const bundle = { workflowBundle: { code: inject('workflowCode') } };
    const real = histories.map(({ workflowId, history }) => ({ workflowId, history: toProto(history) }));
    for await (const { workflowId, error } of Worker.runReplayHistories(bundle, real))
      if (error) refused.push(`${workflowId}: ${error.message}`);
    expect(refused).toEqual([]);
    for (const { workflowId, history, seed } of histories)
      await expect(replay(sandbox, identityOf(history, workflowId), history), `seed ${seed}`).resolves.toBeDefined();
  });
});
