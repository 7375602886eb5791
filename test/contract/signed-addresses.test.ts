import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asFailure } from '../../activities/failures.ts';
import { vendors } from '../../vendors/registry.ts';
import { withHarness } from './contract-harness.ts';
import { refusalOf } from './reach.ts';

/** A store that cuts every connection. */
async function brokenStore(): Promise<string> {
  const server = createServer((_request, response) => response.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const signature = 'Policy=eyJTdGF0ZW1lbnQi&Signature=hush~hush&Key-Pair-Id=K2JCJMDEHXQW5F';

describe.each(vendors)('$name', (manifest) => {
  it('names a signed address that cannot be fetched without its signature', async () => {
    const store = await brokenStore();
    await withHarness(manifest, { settings: { timeoutMs: '2000' } }, async ({ driver }) => {
      const error = await refusalOf(() =>
        driver.fetchVod(`${store}/media/segment-7.ts?${signature}`, undefined, `${store}/media/index.m3u8`),
      );
      const failure = asFailure(error, {
        policy: 'after-show',
        errorsInARow: 1,
        triesUsed: 1,
        nothingMade: false,
        timeScale: 1,
        secrets: [],
        msLeft: Number.POSITIVE_INFINITY,
      });
      for (const said of [error.message, inspect(error.facts), failure.message, inspect(failure)]) {
        expect(said).not.toMatch(/hush|Signature|eyJTdGF0|K2JCJ/);
      }
      expect(failure.message).toContain('segment-7.ts');
    });
  });
});
