import type { MetricMeter } from '@temporalio/common';
import { DefaultLogger, type LogLevel, Runtime, type TelemetryOptions } from '@temporalio/worker';
import { messageOf } from '../../domain/message-of.ts';
import { buckets } from '../metrics/names.ts';
import { lineOf } from './runtime-log.ts';
import type { Telemetry } from './settings.ts';

export interface RuntimeOptions {
  logLevel: LogLevel;
  /** Where metrics go; absent: nowhere, and they cost nothing. */
  telemetry?: Pick<Telemetry, 'metrics'>;
  /** Secrets, masked in every log line. */
  secrets?: readonly string[];
}

/** What the native part of this process measures with and logs to. */
export interface ProcessRuntime {
  /** Absent where metrics are not configured. */
  meter?: MetricMeter;
  warn(message: string): void;
}

/**
 * Once per process, before any native connection; Temporal's SDK refuses a second one.
 *
 * @throws Error when the metrics cannot be offered at their address.
 */
export function installRuntime({ logLevel, telemetry = {}, secrets = [] }: RuntimeOptions): ProcessRuntime {
  const { metrics } = telemetry;
  const write = new DefaultLogger(logLevel, (entry) => process.stderr.write(`${lineOf(entry, secrets)}\n`));
  const logging: TelemetryOptions['logging'] = { filter: { core: logLevel, other: logLevel }, forward: {} };
  try {
    // Left to itself the SDK ends the polls of its workers at each signal, before ours have got their last steps.
    const shutdownSignals: NodeJS.Signals[] = [];
    Runtime.install({ logger: write, shutdownSignals, telemetryOptions: { logging, metrics: exporterOf(metrics) } });
  } catch (cause) {
    if (metrics === undefined) throw cause;
    const at = metrics.kind === 'prometheus' ? metrics.address : metrics.url;
    const why = messageOf(cause);
    throw new Error(`the metrics cannot be offered at ${at}: ${why} — choose another address, or leave it out`, {
      cause,
    });
  }
  const { metricMeter, logger } = Runtime.instance();
  return { ...(metrics && { meter: metricMeter }), warn: (message) => logger.warn(message) };
}

function exporterOf(metrics: Telemetry['metrics']): TelemetryOptions['metrics'] {
  if (metrics === undefined) return undefined;
  const histogramBucketOverrides = { ...buckets };
  const common = { attachServiceName: false };
  if (metrics.kind === 'otlp') {
    return {
      ...common,
      otel: { url: metrics.url, http: true, useSecondsForDurations: true, histogramBucketOverrides },
    };
  }
  return {
    ...common,
    prometheus: {
      bindAddress: metrics.address,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides,
    },
  };
}
