import { DefaultLogger, type LogLevel, Runtime, type TelemetryOptions } from '@temporalio/worker';
import { buckets } from '../metrics/names.ts';
import { type KnownSecrets, lineOf } from './runtime-log.ts';
import type { Telemetry } from './settings.ts';

export interface RuntimeOptions {
  /** Where metrics go; absent: nowhere, and they cost nothing. */
  metrics?: Telemetry['metrics'];
  /** Asked for each line, so that none of them is ever in one. */
  secrets?: KnownSecrets;
}

let installed = false;

/**
 * Once per process, before any native connection.
 *
 * @throws Error when the metrics cannot be offered at their address.
 */
export function installRuntime(level: LogLevel, { metrics, secrets = () => [] }: RuntimeOptions = {}): void {
  if (installed) return;
  installed = true;
  const write = new DefaultLogger(level, (entry) => process.stderr.write(`${lineOf(entry, secrets)}\n`));
  const logging: TelemetryOptions['logging'] = { filter: { core: level, other: level }, forward: {} };
  try {
    Runtime.install({ logger: write, telemetryOptions: { logging, metrics: exporterOf(metrics) } });
  } catch (cause) {
    if (metrics === undefined) throw cause;
    const at = metrics.kind === 'prometheus' ? metrics.address : metrics.url;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the metrics cannot be offered at ${at}: ${why} — choose another address, or leave it out`, {
      cause,
    });
  }
}

/** What this process measures, on the exporter that `installRuntime` chose; without one it measures nothing. */
export const processMeter = () => Runtime.instance().metricMeter;

/** A line in the log of this process. */
export const processWarn = (message: string): void => Runtime.instance().logger.warn(message);

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
