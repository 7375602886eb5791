import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VendorError } from '../../domain/errors.ts';
import { mostAnswerBytes } from '../../vendors/answer-size.ts';
import { createCaller } from '../../vendors/call.ts';
import { vendors } from '../../vendors/registry.ts';
import { runWith } from '../../vendors/under-way.ts';
import { withHarness } from './contract-harness.ts';
import { eventFor } from './show.ts';

const huge = Buffer.alloc(mostAnswerBytes + 1_000_000, ' ').toString('latin1');

describe.each(vendors)('$name', (manifest) => {
  it('that answers without end fails the call, whatever its SDK does', () =>
    withHarness(manifest, {}, async (harness) => {
      const answer = { status: 200, contentType: 'application/json', body: huge };
      harness.kit.faults.add(manifest.name, { operation: '*', kind: 'answer', times: 1, answer });
      const failed = await harness.driver.allocate(eventFor(harness, 'endless')).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(VendorError);
      expect((failed as VendorError).kind).toMatch(/^(unavailable|unknown)$/);
      // The client of OSS has no words for it, and what we ask of Volcengine ourselves is cut before.
      if (/^a[wz]/.test(manifest.name))
        expect(String((failed as VendorError).cause)).toContain('the answer is longer than');
      // The next answer is as usual.
      await expect(harness.driver.owned()).resolves.toBeDefined();
    }));
});

describe('an answer', () => {
  it('is read up to its bound, and its connection is cut', async () => {
    let written = 0;
    const server = createServer((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        do written += chunk.length;
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const read = () =>
      new Promise<number>((resolve, reject) => {
        get({ port, host: '127.0.0.1' }, (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => (bytes += chunk.length));
          response.on('end', () => resolve(bytes)).on('error', reject);
        }).on('error', reject);
      });
    const classify = (error: unknown) => ({ kind: 'unavailable' as const, message: String(error) });
    const call = createCaller('test', 'main', classify, { hooks: {} });
    const bounded = () => runWith({ mostAnswerBytes: 1_000_000 }, read);
    await expect(call({ operation: 'Read', mutates: false }, bounded)).rejects.toThrow('longer than 1000000 bytes');
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });
});
