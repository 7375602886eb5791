import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';

/** The part of OTLP that is looked at; other fields are passed over. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated Attribute attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
    repeated Attribute attributes = 9;
  }
  message Attribute { string key = 1; Value value = 2; }
  message Value { string string_value = 1; int64 int_value = 3; }
`);
const requestType = root.lookupType('Request');

export interface Span {
  service: string;
  traceId: string;
  spanId: string;
  /** Empty for the root. */
  parentId: string;
  name: string;
  attributes: Readonly<Record<string, string>>;
}

interface Attribute {
  key: string;
  value?: { stringValue?: string; intValue?: { toString(): string } };
}

interface Request {
  resourceSpans?: {
    resource?: { attributes?: Attribute[] };
    scopeSpans?: {
      spans?: { traceId: Buffer; spanId: Buffer; parentSpanId?: Buffer; name: string; attributes?: Attribute[] }[];
    }[];
  }[];
}

export interface OtlpCollector {
  url: string;
  spans: Span[];
  /** Where each body was sent. */
  paths: string[];
  /** Everything that was sent, to look for what must not be. */
  bodies: Buffer[];
  close(): Promise<void>;
}

/** Takes OTLP over HTTP as a collector would. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: Span[] = [];
  const bodies: Buffer[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      paths.push(request.url ?? '');
      if (request.url === '/v1/traces') spans.push(...spansIn(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    paths,
    bodies,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansIn(body: Buffer): Span[] {
  const { resourceSpans = [] } = requestType.decode(body) as unknown as Request;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = textsOf(resource?.attributes)['service.name'] ?? '';
    return scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        service,
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentId: hex(span.parentSpanId),
        name: span.name,
        attributes: textsOf(span.attributes),
      })),
    );
  });
}

const hex = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString('hex');

const textsOf = (attributes: readonly Attribute[] = []): Record<string, string> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value?.stringValue || (value?.intValue?.toString() ?? '')]),
  );
