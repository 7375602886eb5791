import { Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../../worker/metrics/metrics.ts';
import { installRuntime, type ProcessRuntime } from '../../../worker/telemetry/runtime.ts';
import { until } from '../../support/environment.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts';

describe('metrics by OTLP', () => {
  let receiver: OtlpReceiver;
  let runtime: ProcessRuntime;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    // The SDK's native part reads the variable too, and it wins over what it is given.
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
    const url = `${receiver.url}/v1/metrics`;
    runtime = installRuntime({ logLevel: 'ERROR', telemetry: { metrics: { kind: 'otlp', url } } });
  });

  afterAll(async () => {
    await Runtime.instance().shutdown();
    await receiver.close();
  });

  it('come to the receiver that the usual variable names', async () => {
    const metrics = runtime.meter && createMetrics(runtime.meter);
    metrics?.called({ vendor: 'aws-ivs', account: 'default', operation: 'ListStreams', ms: 12 });
    const told = await until(() => receiver.bodies.find((body) => body.includes('showcaller_vendor_calls')));
    expect(told.includes('ListStreams')).toBe(true);
    expect(new Set(receiver.paths)).toEqual(new Set(['/v1/metrics']));
  });
});
