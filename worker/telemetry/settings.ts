import { z } from 'zod';

/** Where a worker sends its metrics and traces. */
export interface Telemetry {
  metrics?: { kind: 'prometheus'; address: string } | { kind: 'otlp'; url: string };
  /** Base of an OTLP collector, http/protobuf; traces go to its `/v1/traces`. */
  traces?: { url: string; serviceName: string };
}

/** The exporter of the SDK takes IP addresses, not names. */
const listenAddress = z
  .string()
  .refine(isAddress, 'must be an IP and a port, such as 127.0.0.1:9464')
  .transform((address) => address.replace(/^localhost:/, '127.0.0.1:'));

const collector = (variable: string, description: string) =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .optional()
    .meta({ variable, description });

/** The part of the worker's settings that is about telemetry. */
export const telemetrySettings = {
  metrics: listenAddress.optional().meta({
    flag: '--metrics',
    argument: '<ip:port>',
    variable: 'SHOWCALLER_METRICS',
    description: 'offer Prometheus metrics there',
  }),
  otlp: collector('OTEL_EXPORTER_OTLP_ENDPOINT', 'OTLP collector (http/protobuf) of metrics and traces'),
  otlpMetrics: collector('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'full URL for metrics'),
  otlpTraces: collector('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'full URL for traces'),
  serviceName: z
    .string()
    .default('showcaller-worker')
    .meta({ variable: 'OTEL_SERVICE_NAME', description: 'name of this service in traces' }),
};

type TelemetrySettings = z.output<z.ZodObject<typeof telemetrySettings>>;

/** Prometheus where it has an address, else OTLP by the usual variables; nothing is the default. */
export function telemetryOf({ metrics, otlp, serviceName, ...own }: TelemetrySettings): Telemetry {
  const at = (path: string) => otlp && `${otlp.replace(/\/+$/, '')}${path}`;
  const metricsUrl = own.otlpMetrics ?? at('/v1/metrics');
  const tracesUrl = own.otlpTraces ?? at('/v1/traces');
  return {
    ...(metrics
      ? { metrics: { kind: 'prometheus', address: metrics } }
      : metricsUrl && { metrics: { kind: 'otlp', url: metricsUrl } }),
    ...(tracesUrl && { traces: { url: tracesUrl, serviceName } }),
  };
}

function isAddress(address: string): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+(?:\.\d+){3}|localhost)):(\d{1,5})$/.exec(address);
  return match !== null && Number(match[3]) <= 65_535;
}
