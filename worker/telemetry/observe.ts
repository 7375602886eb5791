import type { ActivityInterceptorsFactory, LogLevel } from '@temporalio/worker';
import type { PollerPort } from '../../activities/ports.ts';
import type { Accounts } from '../../vendors/accounts.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { meteredPoller } from '../metrics/poller.ts';
import { meteredSteps } from '../metrics/steps.ts';
import { keepToRates } from '../rates.ts';
import { installRuntime, processMeter, processWarn } from './runtime.ts';
import type { Telemetry } from './settings.ts';
import type { Tracing } from './traces.ts';

export interface ObserveOptions {
  level: LogLevel;
  telemetry: Telemetry;
  accounts: Accounts;
  /** What else no log line may hold. */
  secrets?: readonly string[];
  /** This process's part of each documented rate. Default 1. */
  rateShare?: number;
}

/** What a worker is put together with so that others can see what it does. */
export interface Observation {
  steps: readonly ActivityInterceptorsFactory[];
  poller(port: PollerPort): PollerPort;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

/**
 * Logs, and metrics and traces where somebody wants them: what nobody asked for is not even loaded. Once per process,
 * before any native connection.
 *
 * @throws Error when the metrics cannot be offered at their address.
 */
export async function observe(options: ObserveOptions): Promise<Observation> {
  const { level, telemetry, accounts, rateShare } = options;
  const secrets = [...accounts.secrets(), ...(options.secrets ?? [])];
  installRuntime(level, { metrics: telemetry.metrics, secrets: () => secrets });
  const owners = accounts.all().map(({ vendor, account }) => ({ vendor, account: account.name }));
  const metrics = telemetry.metrics && createMetrics(processMeter(), owners);
  const tracing = telemetry.traces && (await startTracing(telemetry.traces.url));
  keepToRates(rateShare, { metrics, settled: tracing?.called });
  return {
    steps: [...(tracing ? [tracing.steps] : []), ...(metrics ? [meteredSteps(metrics)] : [])],
    poller: (port) => meteredIf(metrics, port),
    close: async () => tracing?.close(),
  };
}

const meteredIf = (metrics: Metrics | undefined, port: PollerPort): PollerPort =>
  metrics ? meteredPoller(port, metrics) : port;

async function startTracing(url: string): Promise<Tracing> {
  const traces = await import('./traces.ts');
  return traces.startTracing(url, processWarn);
}
