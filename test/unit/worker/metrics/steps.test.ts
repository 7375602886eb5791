import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { Metrics } from '../../../../worker/metrics/metrics.ts';
import { meteredSteps } from '../../../../worker/metrics/steps.ts';

/** What was counted of one attempt. */
async function counted(
  isLocal: boolean,
  attempt: () => Promise<unknown>,
  cancellationSignal = new AbortController().signal,
): Promise<string[]> {
  const outcomes: string[] = [];
  const metrics = { stepEnded: ({ outcome }: { outcome: string }) => outcomes.push(outcome) } as unknown as Metrics;
  const info = { activityType: 'preparePlan', scheduledTimestampMs: 0, isLocal };
  const { inbound } = meteredSteps(metrics, Date.now)({ info, cancellationSignal } as unknown as Context);
  await inbound?.execute?.({ args: [], headers: {} }, attempt).catch(() => undefined);
  return outcomes;
}

it('a local attempt that fails, or takes too long, is not counted: it is tried again as a step', async () => {
  const refused = () => Promise.reject(ApplicationFailure.nonRetryable('mistaken', 'invalid-plan'));
  expect(await counted(true, refused)).toEqual([]);
  expect(await counted(false, refused)).toEqual(['invalid-plan']);
  expect(await counted(true, async () => ({}))).toEqual(['done']);
  expect(await counted(true, async () => ({}), AbortSignal.abort('it took too long'))).toEqual([]);
});
