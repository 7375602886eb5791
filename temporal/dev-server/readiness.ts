import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { checkNamespace } from '../namespace.ts';

const lookAgainMs = 25;
const callTimeoutMs = 2_000;

export interface Waiting {
  /** Gives up after this long. */
  timeoutMs: number;
  /** True ends the wait early, when the server has ended. */
  isHopeless: () => boolean;
}

/** Whether the Temporal at `address` answered for `namespace` before the time was over. */
export async function waitUntilReady(address: string, namespace: string, waiting: Waiting): Promise<boolean> {
  const deadline = performance.now() + waiting.timeoutMs;
  const goOn = () => performance.now() < deadline && !waiting.isHopeless();
  // gRPC waits a second after a refused connection; a bare socket does not.
  while (goOn() && !(await isListening(address))) await delay(lookAgainMs);
  const connection = Connection.lazy({ address });
  try {
    while (goOn()) {
      if (await answersFor(connection, namespace)) return true;
      await delay(lookAgainMs);
    }
    return false;
  } finally {
    await connection.close();
  }
}

const answersFor = (connection: Connection, namespace: string): Promise<boolean> =>
  checkNamespace(connection, namespace, callTimeoutMs).then(
    () => true,
    () => false,
  );

/** Whether anything takes connections there. */
export function isListening(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connectTcp({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    const settle = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
