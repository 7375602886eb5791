import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parseDuration } from '../../../domain/time.ts';
import { installRuntime } from '../../../worker/telemetry/runtime.ts';
import { refusedByCore } from '../temporal/core/real-core.ts';
import { identityOf, replay } from '../temporal/core/replay.ts';
import { toProto } from '../temporal/history.ts';
import { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import type { Evidence } from './evidence.ts';
import { failureReport } from './failure-report.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import { type Scenario, scenarioOf } from './scenario.ts';

const mostMs = ({ plan }: Scenario): number => parseDuration(plan.waits?.maxDuration ?? '') ?? Number.POSITIVE_INFINITY;
const plannedMs = ({ plan }: Scenario): number => parseDuration(plan.duration ?? '') ?? Number.POSITIVE_INFINITY;
/** The same shows every time, of minutes; `npm run test:simulation` plays others, of any length. */
const seeds = Array.from({ length: 300 }, (_, i) => i + 1)
  .map(scenarioOf)
  .filter((scenario) => plannedMs(scenario) <= 8 * 60_000 && mostMs(scenario) < 60 * 60_000)
  .map(({ seed }) => seed)
  .slice(0, 100);

/** Each in a test of its own: on a busy machine all of them take longer than one test may. */
const blocks = Array.from({ length: 10 }, (_, i) => seeds.slice(i * 10, (i + 1) * 10));
const eachBlock = it.each(blocks.map((block) => [block[0], block.at(-1), block] as const));

let sandbox: WorkflowSandbox;
const played: Evidence[] = [];
beforeAll(async () => {
  installRuntime({ logLevel: 'ERROR' });
  sandbox = await WorkflowSandbox.open(inject('workflowCode'));
});

describe('a hundred random shows in virtual time', () => {
  eachBlock('end as they must, whatever goes wrong: seeds %i to %i', async (_first, _last, block) => {
    const failures: string[] = [];
    for (const seed of block) {
      const evidence = await play(scenarioOf(seed), { sandbox });
      played.push(evidence);
      const problems = problemsOf(evidence);
      if (problems.length > 0) failures.push(failureReport(evidence, problems));
    }
    expect(failures.join('\n\n')).toBe('');
  });

  it('come to most ends there are, through faults and killed workers', () => {
    const reasons = new Set(played.map(({ report }) => report?.endReason));
    expect(reasons.size).toBeGreaterThanOrEqual(8);
    expect(played.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(20);
    expect(played.flatMap(({ calls }) => calls.filter(({ fault }) => fault)).length).toBeGreaterThan(500);
  });

  eachBlock('take the same course again, byte for byte: seeds %i to %i', async (_first, _last, block) => {
    const digests = new Map(played.map(({ scenario: { seed }, digest }) => [seed, digest]));
    for (const seed of block) {
      const again = await play(scenarioOf(seed), { sandbox });
      expect({ seed, digest: again.digest }).toEqual({ seed, digest: digests.get(seed) });
    }
  });

  it('leave histories that replay in the real Core, and in the simulated one', async () => {
    const histories = played
      .slice(0, 40)
      .flatMap(({ histories: all, scenario: { seed } }) =>
        Object.entries(all).map(([workflowId, history]) => ({ workflowId, history, seed })),
      );
    const real = histories.map(({ workflowId, history }) => ({ workflowId, history: toProto(history) }));
    expect(await refusedByCore(inject('workflowCode'), real)).toEqual({});
    for (const { workflowId, history, seed } of histories)
      await expect(replay(sandbox, identityOf(history, workflowId), history), `seed ${seed}`).resolves.toBeDefined();
  });
});
