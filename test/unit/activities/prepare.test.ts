import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { prepareActivities } from '../../../activities/prepare.ts';
import { RunClock } from '../../../activities/run-clock.ts';
import { VendorError } from '../../../domain/errors.ts';
import { planFor } from '../../support/shows.ts';

const second = 1000;

/** How the nth attempt of the check of a plan fails whose account cannot be opened. */
async function failureOf(attempt: number): Promise<unknown> {
  const deps = {
    clock: new RunClock(),
    accounts: () => ['default'],
    timeScale: 1,
    secrets: () => [],
    subscribers: [],
    bookingRules: () => ({ onConflict: 'refuse' }),
    driver: async (vendor: string) => {
      throw new VendorError({ kind: 'unknown', vendor, operation: 'open', message: 'as the test asked' });
    },
  } as unknown as ActivityDeps;
  const context = { info: { attempt, isLocal: true } } as unknown as Context;
  const { preparePlan } = prepareActivities(deps);
  const plan = planFor();
  const input = { plan, workflowId: `live-event/${plan.eventId}`, startedAt: Date.now() };
  return asyncLocalStorage.run(context, () => preparePlan(input)).catch((error: unknown) => error);
}

it('a check of a plan that fails is made again, more and more seldom, and without end', async () => {
  const delays: number[] = [];
  for (const attempt of [1, 4, 20]) {
    const failure = await failureOf(attempt);
    if (!(failure instanceof ApplicationFailure) || failure.nonRetryable) throw failure;
    delays.push(Number(failure.nextRetryDelay));
  }
  const [first = 0, fourth = 0, twentieth = 0] = delays;
  expect(first).toBeLessThan(2 * second);
  expect(fourth).toBeGreaterThan(5 * second);
  expect(twentieth).toBeGreaterThan(20 * second);
  expect(twentieth).toBeLessThan(40 * second);
});
