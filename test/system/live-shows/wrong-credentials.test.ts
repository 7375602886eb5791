import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretsIn } from '../../support/secrets.ts';
import { ShowHarness, vendorNames } from '../../support/show-harness.ts';
import { withWrongAccounts, wrongAccount } from '../../support/wrong-account.ts';

let harness: ShowHarness;
beforeAll(async () => {
  harness = await ShowHarness.open({ settings: withWrongAccounts });
  await harness.work();
});
afterAll(() => harness.close());

/** The vendor's own words for a wrong secret. */
const words: Record<string, RegExp> = {
  'alibaba-oss': /SignatureDoesNotMatch/,
  'azure-media-services': /InvalidAuthenticationToken|AuthenticationFailed|token/,
  'aws-ivs': /AccessDenied|signature|security token/i,
  'volcengine-live': /SignatureDoesNotMatch|InvalidCredential/,
};

describe.concurrent.each(vendorNames)('a wrong secret for %s', (vendor) => {
  it('fails the run at once, in the vendor’s words and with what to check, after one call of the preflight and one of the run', async () => {
    const show = await harness.show(vendor, { account: wrongAccount });
    const report = await show.result();
    expect(report).toMatchObject({ endReason: 'allocation-failed', phase: 'failed', released: true });
    expect(report.troubles).toMatchObject([{ kind: 'unauthorized', phase: 'allocating' }]);
    expect(report.endDetail).toMatch(words[vendor] ?? 'the test knows no words of this vendor');
    expect(report.endDetail).toMatch(/ — check/i);
    expect(harness.calls(vendor)).toHaveLength(2);
    expect(harness.left(vendor)).toEqual([]);
    const { texts } = await show.history();
    expect(secretsIn(texts, harness.accounts.secrets())).toEqual([]);
  });
});
