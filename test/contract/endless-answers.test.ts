import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VendorError } from '../../domain/errors.ts';
import { mostAnswerBytes } from '../../vendors/answer-size.ts';
import { createCaller } from '../../vendors/call.ts';
import { vendors } from '../../vendors/registry.ts';
import { runWith } from '../../vendors/under-way.ts';
import { withHarness } from './contract-harness.ts';
import { reach } from './reach.ts';
import { eventFor, opened } from './show.ts';

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

  it('that compresses its answers, which no call asks for, fails the call before a byte of them is unpacked', () =>
    withHarness(manifest, {}, async (harness) => {
      let packed = 0;
      // No such answer is as the vendor's model says.
      delete harness.kit.watch;
      harness.kit.replace = async (_call, serve) => {
        const { body = '', headers, ...answer } = await serve();
        if (body.length === 0) return { body, headers: headers ?? {}, ...answer };
        packed += 1;
        return { ...answer, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync(body) };
      };
      const failed = await harness.driver.owned().catch((error: unknown) => error);
      expect(packed).toBeGreaterThan(0);
      expect(failed).toBeInstanceOf(VendorError);
      expect((failed as VendorError).kind).toMatch(/^(unavailable|unknown)$/);
      if (/^a[wz]/.test(manifest.name))
        expect(String((failed as VendorError).cause)).toContain('the answer is compressed (gzip)');
      delete harness.kit.replace;
      await expect(harness.driver.owned()).resolves.toBeDefined();
    }));

  it('is asked for no compression', () =>
    withHarness(manifest, {}, async (harness) => {
      const { driver, kit } = harness;
      const asked = new Set<string>();
      kit.replace = ({ request }, serve) => {
        asked.add(String(request.headers['accept-encoding'] ?? 'identity'));
        return serve();
      };
      const { channel, output } = await opened(driver, eventFor(harness, 'plain'));
      await reach(() => driver.stop(channel, output), 'after-show');
      await driver.publishVod(channel, output, []);
      await reach(() => driver.cleanUp(channel.ref), 'after-show');
      await driver.owned();
      expect([...asked]).toEqual(['identity']);
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

  it.each([
    ['identity', 'fine', 0, 0],
    ['', 'fine', 0, 0],
    ['gzip', 'the answer is compressed (gzip)', 0, 0],
    ['gzip', 'the answer is compressed (gzip)', 50, 0],
    ['gzip', 'the answer is compressed (gzip)', 0, 50],
    ['BR', 'the answer is compressed (BR)', 0, 0],
    ['identity, deflate', 'the answer is compressed (identity, deflate)', 0, 0],
  ])('of content-encoding "%s" is "%s", its body %i ms behind its head, its reader %i ms', async (...given) => {
    const [encoding, outcome, bodyMs, readerMs] = given;
    const server = createServer((_request, response) => {
      response.setHeader('content-encoding', encoding);
      if (bodyMs === 0) return void response.end('fine');
      response.flushHeaders();
      setTimeout(() => response.end('fine'), bodyMs);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const read = () =>
      new Promise<string>((resolve, reject) => {
        get({ port, host: '127.0.0.1' }, async (response) => {
          await pause(readerMs);
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk));
          response.on('end', () => resolve(text)).on('error', reject);
        }).on('error', reject);
      });
    const classify = (error: unknown) => ({ kind: 'unavailable' as const, message: String(error) });
    const call = createCaller('test', 'main', classify, { hooks: {} });
    const seen = await call({ operation: 'Read', mutates: false }, read).catch((error: Error) => error.message);
    expect(seen).toContain(outcome);
  });
});
