import { expect, it } from 'vitest';
import { pageOf } from '../../../client/listing.ts';
import { runningEvents } from '../../../client/running-events.ts';
import { workflowIdOf, workflowType } from '../../../domain/ids.ts';
import { until } from '../../support/until.ts';
import { probeBundle } from './probe/bundle.ts';
import { WorkflowSandbox } from './sdk-internals.ts';
import { quietLatency } from './server/latencies.ts';
import { Simulation } from './simulation.ts';

it('a full page names a next one, also where that is empty, and the list of running events does not call it more', async () => {
  const sandbox = await WorkflowSandbox.open(await probeBundle());
  const simulation = new Simulation({ sandbox, seed: 1, latency: quietLatency });
  const { client, taskQueue } = simulation;
  const seen = await simulation.run(async () => {
    for (const id of ['a', 'b', 'c'])
      await client.workflow.start(workflowType, { workflowId: workflowIdOf(id), taskQueue, args: [] });
    await until(async () => (await client.workflow.count()).count === 3);
    const full = await pageOf(client, { limit: 3 });
    const next = await pageOf(client, { limit: 3, ...(full.cursor !== undefined && { cursor: full.cursor }) });
    const page = (request: Parameters<typeof pageOf>[1]) => pageOf(client, request);
    const [all, cut] = [await runningEvents({ page }, 3), await runningEvents({ page }, 2)];
    return {
      full: [full.events.length, full.cursor !== undefined],
      next: [next.events.length, next.cursor],
      all: [all.events.length, all.hasMore],
      cut: [cut.events.length, cut.hasMore],
    };
  });
  expect(seen).toEqual({ full: [3, true], next: [0, undefined], all: [3, false], cut: [2, true] });
});
