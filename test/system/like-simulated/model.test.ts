import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';
import { workflowIdOf } from '../../../domain/ids.ts';
import type { TestEnvironment as PlayEnvironment } from '../../simulation/environment-types.ts';
import { type Performance, perform, remember } from '../../simulation/model/perform.ts';
import { anyScenario, type Scenario } from '../../simulation/model/scenario.ts';
import type { HistoryEvent } from '../../simulation/temporal/events.ts';
import { fromProto } from '../../simulation/temporal/history.ts';
import { normalizedLines } from '../../simulation/temporal/normalized-history.ts';
import { WorkflowSandbox } from '../../simulation/temporal/sdk-internals.ts';
import { quietLatency } from '../../simulation/temporal/server/latencies.ts';
import { Simulation } from '../../simulation/temporal/simulation.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor } from '../../support/shows.ts';

const count = 40;
const atOnce = 5;
/** Latencies of the simulation that may bring the order which a real machine happened to have. */
const simulatedSeeds = 20;
const scenarios = fc.sample(anyScenario, { seed: 20_261_121, numRuns: count });

/** What a play came to, without instants and ids. */
interface Played {
  /** What the workflow asked of Temporal, in its order. */
  commands: string;
  outcome: string;
}

/** What happens to a run, and is not its own. */
const notCommands =
  /^(WorkflowTask|ActivityTask(Started|Completed|Failed|Canceled|TimedOut)|TimerFired|WorkflowExecution(Started|Signaled|CancelRequested))/;

function playedOf({ report, accepted }: Performance, history: readonly HistoryEvent[]): Played {
  const lines = normalizedLines(history).filter((line) => !notCommands.test(line));
  const commands = lines.join('\n').replaceAll(report.eventId, 'EVENT');
  return { commands, outcome: `${report.endReason} ${accepted.join()} ${report.windows.length} ${report.vod.length}` };
}

let env: TestEnvironment;
const [one, other]: [Played[], Played[]] = [[], []];
let sandbox: WorkflowSandbox;

beforeAll(async () => {
  env = await testEnvironment();
  sandbox = await WorkflowSandbox.open(inject('workflowCode'));
  const { vendor, activities } = fakeVendor();
  const memory = remember(vendor);
  await env.work(activities);
  for (const played of [one, other]) {
    const waiting = scenarios.entries();
    const playAll = async () => {
      for (const [i, scenario] of waiting) {
        const performance = await perform(env as unknown as PlayEnvironment, vendor, memory, scenario);
        const handle = env.client.workflow.getHandle(workflowIdOf(performance.report.eventId));
        played[i] = playedOf(performance, fromProto(await handle.fetchHistory()));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, playAll));
  }
});
afterAll(() => env.close());

async function simulated(scenario: Scenario, seed: number): Promise<Played> {
  const simulation = new Simulation({ sandbox, seed, latency: quietLatency });
  const { client, taskQueue, server } = simulation;
  const { vendor, activities } = fakeVendor();
  const memory = remember(vendor);
  const showcaller = new ShowcallerClient(client, { taskQueue });
  return simulation.run(async () => {
    simulation.work(activities);
    const performance = await perform({ client, taskQueue, showcaller } as PlayEnvironment, vendor, memory, scenario);
    return playedOf(performance, server.find({ workflowId: workflowIdOf(performance.report.eventId) }).history);
  });
}

const isSame = (a: Played, b: Played | undefined): boolean => a.commands === b?.commands && a.outcome === b.outcome;

/** How many plays are the same in both. */
const same = (these: readonly Played[], those: readonly Played[], of: keyof Played): number =>
  these.filter((played, i) => played[of] === those[i]?.[of]).length;

describe('forty shows on the real server and in the simulation', () => {
  it('differ no more than the real server differs from itself', async () => {
    const nearest: Played[] = [];
    const first: Played[] = [];
    for (const [i, scenario] of scenarios.entries()) {
      for (let seed = 1; seed <= simulatedSeeds; seed += 1) {
        const played = await simulated(scenario, seed);
        if (seed === 1) first[i] = played;
        nearest[i] = played;
        if ([one[i], other[i]].some((real) => isSame(played, real))) break;
      }
    }
    const counts = (of: keyof Played) => ({
      real: same(one, other, of),
      first: Math.max(same(first, one, of), same(first, other, of)),
      // A course that the real server took in one of its plays.
      nearest: nearest.filter((played, i) => [one[i], other[i]].some((real) => played[of] === real?.[of])).length,
    });
    const [commands, outcome] = [counts('commands'), counts('outcome')];
    process.stdout.write(`${JSON.stringify({ commands, outcome, of: count })}\n`);
    if (process.env.SHOW_DIFFERENCES)
      for (const [i, played] of nearest.entries())
        if (played.commands !== one[i]?.commands)
          process.stdout.write(
            `${i} ${played.outcome} ${one[i]?.outcome} ${other[i]?.outcome}\n${firstDifference(played, one[i])}\n`,
          );
    expect(commands.nearest).toBeGreaterThanOrEqual(commands.real);
    expect(outcome.nearest).toBeGreaterThanOrEqual(outcome.real);
  });
});

function firstDifference(ours: Played, theirs: Played | undefined): string {
  const [a, b] = [ours.commands.split('\n'), theirs?.commands.split('\n') ?? []];
  const at = a.findIndex((line, i) => line !== b[i]);
  return [a[at], b[at]].map((line = '') => `  ${line.slice(0, 400)}`).join('\n');
}
