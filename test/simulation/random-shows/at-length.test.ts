import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WorkflowSandbox } from '../temporal/sdk-internals.ts';
import type { Evidence } from './evidence.ts';
import { failureReport, notPlayed } from './failure-report.ts';
import { problemsOf } from './oracle.ts';
import { play } from './play.ts';
import { scenarioOf } from './scenario.ts';
import { seedsToPlay } from './seeds.ts';

const { SHARD = '0', SHARDS = '1', STARTED_AT } = process.env;
const seeds = seedsToPlay(process.env, Number(STARTED_AT ?? Date.now())).filter(
  (_, i) => i % Number(SHARDS) === Number(SHARD),
);
const blockSize = 100;
const blocks = Array.from({ length: Math.ceil(seeds.length / blockSize) }, (_, i) =>
  seeds.slice(i * blockSize, (i + 1) * blockSize),
);

let sandbox: WorkflowSandbox;
const sums = { shows: 0, failed: 0, hours: 0, kills: 0, faultedCalls: 0, endReasons: {} as Record<string, number> };
const beganAt = performance.now();
beforeAll(async () => {
  sandbox = await WorkflowSandbox.open(inject('workflowCode'));
});
afterAll(() => {
  const seconds = (performance.now() - beganAt) / 1000;
  const perSecond = (sums.shows / seconds).toFixed(1);
  const line = { ...sums, hours: Math.round(sums.hours), seconds: Math.round(seconds), perSecond };
  process.stdout.write(`${JSON.stringify(line)}\n`);
});

/** What went wrong in the show of a seed, in words; empty when nothing did. */
async function failureOf(seed: number): Promise<string> {
  sums.shows += 1;
  try {
    const failure = judged(await play(scenarioOf(seed), { sandbox }));
    sums.failed += failure ? 1 : 0;
    return failure;
  } catch (error) {
    // It must not keep the seeds after it from being played.
    sums.failed += 1;
    return notPlayed(seed, error);
  }
}

function judged(evidence: Evidence): string {
  const problems = problemsOf(evidence);
  const reason = evidence.report?.endReason ?? 'none';
  sums.hours += evidence.virtualMs / 3_600_000;
  sums.kills += evidence.kills;
  sums.faultedCalls += evidence.calls.filter(({ fault }) => fault).length;
  sums.endReasons[reason] = (sums.endReasons[reason] ?? 0) + 1;
  return problems.length > 0 ? failureReport(evidence, problems) : '';
}

describe('random shows', () => {
  it.each(blocks.map((block) => [block[0], block.at(-1), block] as const))(
    'end as they must, whatever goes wrong: seeds %i to %i',
    async (_first, _last, block) => {
      const failures: string[] = [];
      for (const seed of block) failures.push(await failureOf(seed));
      expect(failures.filter((one) => one).join('\n\n')).toBe('');
    },
  );
});
