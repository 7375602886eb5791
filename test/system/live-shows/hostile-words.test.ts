import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';

/** Half of a character, what steers terminals, what turns the direction of writing, and much more than Temporal takes at once. */
const hostile = (length: number): string => `\ud83d\u001b[2J\u202e${'the name is wrong, '.repeat(length / 20)}\udc00`;

const xml = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId><HostId>h</HostId></Error>`;

/** A refusal for good in the vendor's own form, in words of its choice. */
const refusals: Record<string, (message: string) => { status: number; contentType: string; body: string }> = {
  'alibaba-oss': (message) => ({ status: 400, contentType: 'application/xml', body: xml('InvalidArgument', message) }),
  'azure-media-services': (message) => ({
    status: 400,
    contentType: 'application/json',
    body: JSON.stringify({ error: { code: 'BadRequest', message } }),
  }),
  'aws-ivs': (message) => ({
    status: 400,
    contentType: 'application/json',
    body: JSON.stringify({ __type: 'ValidationException', exceptionMessage: message, message }),
  }),
  'volcengine-live': (message) => ({
    status: 400,
    contentType: 'application/json',
    body: JSON.stringify({
      ResponseMetadata: { RequestId: '1', Action: 'X', Error: { Code: 'InvalidParameter', Message: message } },
    }),
  }),
};

let harness: ShowHarness;
beforeAll(async () => {
  harness = await ShowHarness.open();
  await harness.work();
});
afterAll(() => harness.close());

describe.each(vendorNames)('%s refuses in hostile words', (vendor) => {
  it.each([
    ['short', 100],
    ['of 6 MB', 6_000_000],
  ])('%s: the run ends with them, and the worker goes on', async (_size, length) => {
    const answer = refusals[vendor]?.(hostile(length));
    harness.simulators.kit.faults.add(vendor, {
      operation: '*',
      kind: 'answer',
      times: Number.POSITIVE_INFINITY,
      answer,
    });
    const show = await harness.show(vendor);
    const report = await show.result();
    harness.simulators.kit.faults.clear(vendor);

    expect(report).toMatchObject({ endReason: 'allocation-failed', phase: 'failed', released: true });
  });
});
