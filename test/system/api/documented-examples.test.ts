import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../api/openapi/openapi.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { type ApiHarness, apiHarness } from './api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  const deps = { limits: { requestsPerPrincipal: 1e6, requestsPerAddress: 1e6 }, ingest: async () => [] };
  // Some operations ask about all events there are.
  api = await apiHarness(undefined, deps, { server: 'own' });
});
afterAll(() => api?.close());

const { paths } = await openApiDocument();
const operations = Object.entries(paths as Record<string, JsonObject>)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })))
  // Streams do not end.
  .filter(({ path }) => !path.endsWith('/stream'));

/** Values that have broken servers before. */
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('../../..', '%00', "' OR 1=1 --", '__proto__', 'constructor', '-1', '1e999', 'NaN', '\ud83d'),
);
const body = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ maxLength: 60 }),
  fc
    .dictionary(
      fc.constantFrom('eventId', 'vendor', 'plan', 'spec', 'reason', 'waits', '__proto__', 'startsAt'),
      fc.jsonValue(),
    )
    .map((value) => JSON.stringify(value)),
);
const query = fc.dictionary(fc.constantFrom('limit', 'cursor', 'phase', 'tenant', 'vendor', 'running', 'x'), odd, {
  maxKeys: 3,
});
/** What can be sent at all: half of a pair of surrogates cannot. */
const sendable = (text: string) => Buffer.from(text).toString();
const segment = (text: string) => encodeURIComponent(sendable(text)) || '_';

describe('whatever is asked', () => {
  it('is answered by what the document knows, never by a fault', async () => {
    const asked = fc.record({ operation: fc.constantFrom(...operations), id: odd, body, query });
    await fc.assert(
      fc.asyncProperty(asked, async ({ operation: { path, method }, id, body: sent, query: terms }) => {
        const sendableTerms = Object.entries(terms).map(([name, value]): [string, string] => [name, sendable(value)]);
        const url = `${path.replace(/\{\w+\}/, segment(id))}?${new URLSearchParams(sendableTerms)}`;
        const hasBody = method === 'POST' || method === 'PUT';
        const answer = await api.ask(url, { method, token: 'admin', ...(hasBody && { body: sent }) });
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) {
          expect(answer.headers.get('content-type')).toContain('application/problem+json');
          expect(answer.body).toMatchObject({ status: answer.status, title: expect.any(String) });
          expect(answer.text).not.toMatch(/node_modules|\.ts:\d|at async/);
        }
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});
