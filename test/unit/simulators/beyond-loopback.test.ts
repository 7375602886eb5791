import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBeyondLoopback } from '../../../simulators/beyond-loopback.ts';
import { closing } from './kit/kit-harness.ts';

/** Another address than the simulators', on every machine. */
const outside = '127.0.0.2';

async function served(): Promise<number> {
  const server = createServer((request, response) => {
    request.pipe(response);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const send = (port: number, body: string) => fetch(`http://${outside}:${port}/`, { method: 'POST', body });

describe('ports that are open beyond loopback', () => {
  it('lead to the same ports of loopback, both ways and whole', async () => {
    const ports = [await served(), await served()];
    await expect(send(ports[0] as number, 'x')).rejects.toThrow('fetch failed');
    const relay = closing(await openBeyondLoopback([outside], ports));
    const long = 'segment'.repeat(200_000);
    for (const port of ports) expect(await (await send(port, long)).text()).toBe(long);
    await relay.close();
    await expect(send(ports[0] as number, 'x')).rejects.toThrow('fetch failed');
  });

  it('are all closed again when one of them is taken', async () => {
    const [free, taken] = [await served(), await served()];
    const other = closing(await openBeyondLoopback([outside], [taken]));
    await expect(openBeyondLoopback([outside], [free, taken])).rejects.toThrow('EADDRINUSE');
    await expect(send(free, 'x')).rejects.toThrow('fetch failed');
    await other.close();
  });
});
