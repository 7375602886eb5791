import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { PollerPort } from '../../activities/ports.ts';
import type { RunClock } from '../../activities/run-clock.ts';
import type { CallHooks } from '../../vendors/call.ts';
import { type OnSkew, onSkew } from '../clock.ts';
import type { WorkerConfig } from '../config.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { meteredPoller } from '../metrics/poller.ts';
import { meteredSteps } from '../metrics/steps.ts';
import { limitedCalls } from '../rates.ts';
import type { ProcessRuntime } from './runtime.ts';
import type { Tracing } from './traces.ts';

/** What makes a worker observable: metrics, traces, logs. */
export interface Telemetry {
  /** Around each call to a vendor: its rate, metrics, traces. */
  hooks: CallHooks;
  /** Around each attempt of a step. */
  steps: readonly ActivityInterceptorsFactory[];
  poller(port: PollerPort): PollerPort;
  /** Shows how far this machine's clock is ahead of another one. */
  skewed: OnSkew;
  /** Exports what has not been exported. */
  close(): Promise<void>;
}

/** Metrics and traces where they are configured; without configuration not even loaded. */
export async function observe(
  { accounts, telemetry, rateShare }: Pick<WorkerConfig, 'accounts' | 'telemetry' | 'rateShare'>,
  { meter, warn }: ProcessRuntime,
  /** Temporal's time as this worker knows it. */
  clock: Pick<RunClock, 'now' | 'skewMs'>,
): Promise<Telemetry> {
  const owners = accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name }));
  const metrics = meter && createMetrics(meter, owners);
  const skewed = onSkew(warn, metrics);
  const tracing = telemetry.traces && (await startTracing(telemetry.traces, warn));
  return {
    hooks: limitedCalls(rateShare, { metrics, settled: tracing?.called, skewed, clockAheadMs: () => clock.skewMs }),
    steps: [...(tracing ? [tracing.steps] : []), ...(metrics ? [meteredSteps(metrics, () => clock.now())] : [])],
    skewed,
    poller: (port) => (metrics ? meteredPoller(port, metrics) : port),
    close: async () => tracing?.close(),
  };
}

async function startTracing(to: { url: string; serviceName: string }, warn: ProcessRuntime['warn']): Promise<Tracing> {
  const traces = await import('./traces.ts');
  return traces.startTracing(to, warn);
}
