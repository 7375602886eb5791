import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vendors } from '../../../vendors/registry.ts';
import { catalogue, cloudEvent, gridEvent } from '../../support/event-grid-catalogue.ts';
import { hookServer, Letterbox, token } from '../../support/vendor-events-harness.ts';

let app: FastifyInstance;
let box: Letterbox;
beforeAll(async () => {
  box = new Letterbox();
  app = await hookServer({ delivery: box });
});
afterAll(() => app.close());

const pushing = vendors.filter(({ vendorEvents }) => vendorEvents).map(({ name }) => name);

/** Any JSON, and messages that are nearly right: one of their fields is any JSON. */
const anything = fc.jsonValue({ maxDepth: 4 });
const ivs = {
  source: 'aws.ivs',
  id: 'i',
  'detail-type': 'IVS Stream State Change',
  time: '2026-11-20T18:00:00Z',
  resources: ['arn:aws:ivs:us-west-2:1:channel/abc'],
  detail: { event_name: 'Stream Start', stream_id: 'st-1' },
};
/** As the driver names it; others are passed over before they are read. */
const stream = `sc-show-1-${createHash('sha256').update('live-event/show-1').digest('hex').slice(0, 6)}`;
const volcengine = { event_type: 'push_start', stream, time_ms: 1, session_id: 's', sequence_id: 1, sign: 'x', t: 1 };
const right: Record<string, unknown>[] = [
  ...catalogue.flatMap(({ type, data, subject }) => [
    gridEvent(type, data, { subject }),
    cloudEvent(type, data, { subject }),
  ]),
  ivs,
  { Type: 'Notification', Message: JSON.stringify(ivs) },
  volcengine,
  { code: 0, message: '', data: volcengine },
];

const nearlyRight = fc
  .tuple(fc.constantFrom(...right), anything, fc.nat(), fc.boolean())
  .map(([message, wrong, place, inside]) => {
    const data = message.data ?? message.detail;
    if (inside && typeof data === 'object' && data !== null) {
      const key = Object.keys(data)[place % Math.max(1, Object.keys(data).length)] ?? 'x';
      return { ...message, data: { ...data, [key]: wrong }, detail: { ...data, [key]: wrong } };
    }
    const key = Object.keys(message)[place % Object.keys(message).length] ?? 'x';
    return { ...message, [key]: wrong };
  });
const payloads = fc.oneof(
  anything.map((value) => JSON.stringify(value)),
  nearlyRight.map((value) => JSON.stringify(value)),
  fc.array(fc.oneof(nearlyRight, anything), { maxLength: 5 }).map((value) => JSON.stringify(value)),
  fc.string(),
);
const contentTypes = fc.constantFrom(
  'application/json',
  'application/cloudevents+json; charset=utf-8',
  'application/cloudevents-batch+json',
  'text/plain; charset=UTF-8',
  'application/octet-stream',
);

describe('whatever is sent to a hook', () => {
  it.each(pushing)('is never an error of ours (%s)', async (vendor) => {
    const url = `/hooks/${vendor}?token=${token}`;
    await fc.assert(
      fc.asyncProperty(payloads, contentTypes, async (payload, contentType) => {
        const answer = await app.inject({ method: 'POST', url, headers: { 'content-type': contentType }, payload });
        expect([200, 400, 403]).toContain(answer.statusCode);
      }),
      { numRuns: 400 },
    );
    expect(box.messages.length).toBeGreaterThan(0);
  });

  it('may be nested as deep as it likes', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const beat = JSON.stringify(gridEvent('LiveEventIngestHeartbeat', { healthy: 'DEEP' }, { subject: 'liveEvent/a' }));
    for (const payload of [
      deep,
      beat.replace('"DEEP"', deep),
      JSON.stringify({ ...volcengine, transcoded: { toString: 1, valueOf: 1 }, session_id: { toString: 1 } }),
      '{"__proto__":{"id":1}}',
    ]) {
      for (const vendor of pushing) {
        const headers = { 'content-type': 'application/json' };
        const answer = await app.inject({ method: 'POST', url: `/hooks/${vendor}?token=${token}`, headers, payload });
        expect(answer.statusCode).toBeLessThan(500);
      }
    }
  });
});
