import { Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../../worker/metrics/metrics.ts';
import { installRuntime, type ProcessRuntime } from '../../../worker/telemetry/runtime.ts';
import { type OtlpCollector, startOtlpCollector } from '../../support/otlp-collector.ts';
import { until } from '../../support/until.ts';

describe('metrics by OTLP', () => {
  let collector: OtlpCollector;
  let runtime: ProcessRuntime;

  beforeAll(async () => {
    collector = await startOtlpCollector();
    // The SDK's native part reads the variable too, and it wins over what it is given.
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    const url = `${collector.url}/v1/metrics`;
    runtime = installRuntime({ logLevel: 'ERROR', telemetry: { metrics: { kind: 'otlp', url } } });
  });

  afterAll(async () => {
    await Runtime.instance().shutdown();
    await collector.close();
  });

  it('come to the collector that the usual variable names', async () => {
    const metrics = runtime.meter && createMetrics(runtime.meter);
    metrics?.called({ vendor: 'aws-ivs', account: 'default', operation: 'ListStreams', ms: 12 });
    const body = await until(() => collector.bodies.find((body) => body.includes('showcaller_vendor_calls')));
    expect(body.includes('ListStreams')).toBe(true);
    expect(new Set(collector.paths)).toEqual(new Set(['/v1/metrics']));
  });
});
