import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

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
  const open = new Set<Socket>();
  const servers: Server[] = [];
  const close = async () => {
    for (const socket of open) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => new Promise((closed) => server.close(closed))));
  };
  try {
    for (const host of addresses) for (const port of ports) servers.push(await relayAt(host, port, open));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function relayAt(host: string, port: number, open: Set<Socket>): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    const inner = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one);
      one.setNoDelay(true).pipe(other);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        open.delete(one);
        other.destroySoon();
      });
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
