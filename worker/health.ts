import { createServer, type ServerResponse } from 'node:http';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { atMostEvery } from '../temporal/at-most-every.ts';
import { checkNamespace } from '../temporal/namespace.ts';

/** Whether a worker takes work, and why not. */
export interface Readiness {
  ready: boolean;
  why: string;
}

type AskedWorker = Pick<Worker, 'getState' | 'getStatus'>;

/** Ready: the worker runs, polls for workflow and activity tasks, and Temporal answers. */
export async function readinessOf(worker: AskedWorker, temporalAnswers: () => Promise<void>): Promise<Readiness> {
  const state = worker.getState();
  if (state !== 'RUNNING') return { ready: false, why: `the worker is ${state}` };
  const { workflowPollerState, activityPollerState } = worker.getStatus();
  if (workflowPollerState !== 'POLLING')
    return { ready: false, why: `the workflow poller is ${workflowPollerState}, not POLLING` };
  if (activityPollerState !== 'POLLING')
    return { ready: false, why: `the activity poller is ${activityPollerState}, not POLLING` };
  try {
    await temporalAnswers();
    return { ready: true, why: 'polling' };
  } catch {
    return { ready: false, why: 'Temporal does not answer' };
  }
}

const temporalTimeoutMs = 2000;

/** Asks Temporal for the worker's own namespace; throws when it does not answer soon. */
export const asksTemporal = (connection: NativeConnection, namespace: string) => (): Promise<void> =>
  checkNamespace(connection, namespace, temporalTimeoutMs);

const askedEveryMs = 1_000;

export interface HealthServer {
  /** The port it listens on. */
  port: number;
  close(): Promise<void>;
}

/**
 * The probes of an orchestrator. `GET /healthz` answers 200 as long as the process answers, also without Temporal, because a
 * restart would not help; `GET /readyz` 200 or 503 with the reason.
 *
 * @throws Error when the port is not free.
 */
export async function startHealthServer(
  port: number,
  readiness: () => Promise<Readiness>,
  host?: string,
): Promise<HealthServer> {
  // Any process that reaches the port may ask, however often.
  const readinessNow = atMostEvery(askedEveryMs, readiness);
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return send(response, 200, 'alive');
    if (request.url !== '/readyz') return send(response, 404, 'there are /healthz and /readyz');
    readinessNow().then(
      ({ ready, why }) => send(response, ready ? 200 : 503, why),
      () => send(response, 503, 'the readiness could not be found out'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`the health port ${port} cannot be opened: ${cause.message}; choose another one`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${line}\n`);
}
