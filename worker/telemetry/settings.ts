/** Where what a worker measures goes. */
export interface Telemetry {
  metrics?: { kind: 'prometheus'; address: string } | { kind: 'otlp'; url: string };
  /** Base URL of an OTLP collector, http/protobuf; traces go to its `/v1/traces`. */
  traces?: { url: string };
}

type Env = Readonly<Record<string, string | undefined>>;

const asPath = (base: string, path: string): string => `${base.replace(/\/+$/, '')}${path}`;

/**
 * Prometheus by `--metrics` or `SHOWCALLER_METRICS`; else OTLP by the usual variables. Nothing is the default.
 *
 * @throws RangeError that names what to set, and how.
 */
export function telemetryFrom(env: Env, metricsFlag?: string): Telemetry {
  const address = metricsFlag ?? env.SHOWCALLER_METRICS;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: metricsOwn, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesOwn } = env;
  for (const url of [base, metricsOwn, tracesOwn]) {
    if (url && !/^https?:\/\//.test(url))
      throw new RangeError(`OTEL_EXPORTER_OTLP_…ENDPOINT is ${url}: give an http(s) URL`);
  }
  const metricsUrl = metricsOwn || (base && asPath(base, '/v1/metrics'));
  const tracesUrl = tracesOwn || (base && asPath(base, '/v1/traces'));
  return {
    ...metricsTo(address, metricsUrl),
    ...(tracesUrl && { traces: { url: tracesUrl } }),
  };
}

function metricsTo(address: string | undefined, url: string | undefined): Pick<Telemetry, 'metrics'> {
  if (address) return { metrics: { kind: 'prometheus', address: checked(address) } };
  return url ? { metrics: { kind: 'otlp', url } } : {};
}

/** The exporter takes addresses and no names. */
function checked(address: string): string {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+(?:\.\d+){3}|localhost)):(\d{1,5})$/.exec(address);
  if (!match || Number(match[3]) > 65_535) {
    throw new RangeError(`--metrics (SHOWCALLER_METRICS) is ${address}: give an IP and a port, such as 127.0.0.1:9464`);
  }
  return address.replace(/^localhost:/, '127.0.0.1:');
}
