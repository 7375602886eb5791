import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createCaller } from '../../../vendors/call.ts';

const minute = 60_000;
const classify = () => ({ kind: 'unknown' as const, message: 'unknown' });

afterEach(() => void vi.useRealTimers());

/** A vendor whose answers have the right time, on a machine whose clock is off. */
async function vendorOf(skewMs: number) {
  const rightAt = Date.now();
  const since = performance.now();
  const rightNow = () => rightAt + performance.now() - since;
  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(rightNow()).toUTCString()).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  vi.useFakeTimers({ now: rightAt + skewMs, toFake: ['Date'] });
  const { port } = server.address() as AddressInfo;
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent: false }, (response) => response.resume().once('end', resolve)).once(
        'error',
        reject,
      );
    });
  return { answer, rightNow };
}

it.each([-20 * minute, 20 * minute])(
  'without a clock of the run, a driver dates what it signs by the vendor, however wrong this machine is: %i ms',
  async (skewMs) => {
    const { answer, rightNow } = await vendorOf(skewMs);
    const call = createCaller('vendor', 'default', classify, { hooks: {} });
    expect(Math.abs(call.now() - rightNow())).toBeGreaterThan(19 * minute);
    await call({ operation: 'Get', mutates: false }, answer);
    expect(Math.abs(call.now() - rightNow())).toBeLessThan(minute);
  },
);

it('with a clock of the run, a driver goes by that one', async () => {
  const { answer } = await vendorOf(20 * minute);
  const call = createCaller('vendor', 'default', classify, { hooks: {}, now: () => 17 });
  await call({ operation: 'Get', mutates: false }, answer);
  expect(call.now()).toBe(17);
});
