import type { Context, Info } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../../temporal/dev-server/free-port.ts';
import { startTracing, type Tracing } from '../../../../worker/telemetry/traces.ts';
import { type OtlpCollector, startOtlpCollector } from '../../../support/otlp-collector.ts';

const workflowExecution = { workflowId: 'live-event/show', runId: '01a1fdac-2773-7453-b042-176f30706bdb' };

const at = (base: string) => ({ url: `${base}/v1/traces`, serviceName: 'showcaller-worker' });

/** One attempt, as the SDK would make it. */
function attempt(
  tracing: Tracing,
  activityType: string,
  work: () => Promise<unknown>,
  more: Partial<Info> = {},
  cancellationSignal = new AbortController().signal,
): Promise<unknown> | undefined {
  const usual = { activityType, activityId: activityType, attempt: 2, workflowExecution, scheduledTimestampMs: 0 };
  const { inbound } = tracing.steps({ info: { ...usual, ...more }, cancellationSignal } as Context);
  return inbound?.execute?.({ args: [], headers: {} }, work);
}

describe('a collector of traces that is away', () => {
  it('changes nothing for the step, and the log says it', async () => {
    const said: string[] = [];
    const tracing = startTracing(at(`http://127.0.0.1:${await freePort()}`), (line) => said.push(line));
    expect(await attempt(tracing, 'start', async () => 'done')).toBe('done');
    await expect(attempt(tracing, 'stop', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await tracing.close();
    expect(said.join()).toContain('ECONNREFUSED');
  });
});

describe('the spans of a step', () => {
  let collector: OtlpCollector;
  beforeAll(async () => {
    collector = await startOtlpCollector();
  });
  afterAll(() => collector.close());

  it('is its outcome and its calls, but not what only waited, nor a poller without end', async () => {
    const tracing = startTracing(at(collector.url), () => {});
    const call = { vendor: 'aws-ivs', account: 'default', operation: 'GetStream', ms: 3 };
    const waiting = async () => {
      tracing.called(call);
      throw ApplicationFailure.create({ category: ApplicationFailureCategory.BENIGN, message: 'the encoder' });
    };
    await expect(attempt(tracing, 'watchEncoder', waiting)).rejects.toThrow();
    await attempt(tracing, 'followAccount', async () => tracing.called(call));
    await attempt(tracing, 'watchEncoder', async () => tracing.called(call));
    // Outside of any step there is no trace that it could belong to.
    tracing.called(call);
    await tracing.close();
    const spans = collector.spans.map(({ name, traceId }) => ({ name, traceId }));
    const traceId = workflowExecution.runId.replaceAll('-', '');
    expect(spans).toEqual([
      { name: 'aws-ivs GetStream', traceId },
      { name: 'watchEncoder', traceId },
    ]);
  });

  it('have one root, however the check of the plan within the task ended', async () => {
    const rootsOf = async (work: () => Promise<unknown>, signal?: AbortSignal, isStep = true) => {
      collector.spans.length = 0;
      const tracing = startTracing(at(collector.url), () => {});
      await attempt(tracing, 'preparePlan', work, { attempt: 1, isLocal: true }, signal)?.catch(() => undefined);
      if (isStep) await attempt(tracing, 'preparePlan', async () => 'checked', { attempt: 1, isLocal: false });
      await tracing.close();
      return collector.spans.filter(({ parentId }) => parentId === '').length;
    };
    expect(await rootsOf(async () => 'checked', undefined, false)).toBe(1);
    expect(await rootsOf(async () => 'checked as its time ended')).toBe(1);
    expect(await rootsOf(() => Promise.reject(new Error('away')))).toBe(1);
    expect(await rootsOf(async () => 'too late', AbortSignal.abort())).toBe(1);
  });
});
