import { networkInterfaces } from 'node:os';
import { openTcpRelay, type TcpRelay } from './kit/tcp-relay.ts';

/** The addresses of this machine, or of this container, that others reach. */
export const outerAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  );

/**
 * Takes connections at the same ports of other addresses, and hands them to loopback: the simulators' own addresses name loopback,
 * which a container's published port leads back to.
 */
export async function openBeyondLoopback(
  addresses: readonly string[],
  ports: readonly number[],
): Promise<{ close(): Promise<void> }> {
  const relays: TcpRelay[] = [];
  const close = async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
  };
  try {
    for (const host of addresses)
      for (const port of ports) relays.push(await openTcpRelay({ host, port, upstreamHost: '127.0.0.1' }, () => port));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
