import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { budgetsPort } from '../../../worker/budgets.ts';

const now = Date.now();

/** A Temporal that has so many runs, all over. */
const portOn = (list: () => AsyncGenerator) => {
  const client = { workflow: { list }, options: { namespace: 'default' } } as unknown as Client;
  return budgetsPort(client, { taskQueue: 'showcaller', budgetOf: () => undefined });
};

it('a tenant with more events than are read has no known use of its month', async () => {
  let listed = 0;
  const many = portOn(async function* () {
    listed += 1;
    for (let n = 0; n <= 20_000; n += 1) {
      const run = {
        workflowId: `live-event/acme/e-${n}`,
        runId: `r-${n}`,
        startTime: new Date(now),
        searchAttributes: {},
      };
      yield { ...run, status: { name: 'RUNNING' } };
    }
  });
  const month = new Date(now).toISOString().slice(0, 7);
  expect(await many.used('acme', month)).toBeUndefined();
  // Nor is it read again at once.
  expect(await many.used('acme', month)).toBeUndefined();
  expect(listed).toBe(1);
});

it('a Temporal that is away is no empty month', async () => {
  // biome-ignore lint/correctness/useYield: it is away.
  const away = portOn(async function* () {
    throw new Error('14 UNAVAILABLE');
  });
  await expect(away.used('acme', '2026-11')).rejects.toThrow('14 UNAVAILABLE');
});
