/** A Temporal for a bench, and the configuration of its workers. */
import { connect } from '../temporal/connection.ts';
import { startEmbeddedServer } from '../temporal/dev-server/embedded-server.ts';
import { connectSettings } from '../temporal/settings.ts';
import { fakeAccounts } from '../test/support/accounts.ts';
import { workerConfig } from '../test/support/worker-config.ts';
import type { WorkerConfig } from '../worker/config.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';

export async function openTemporal() {
  const server = await startEmbeddedServer({ searchAttributes: Object.values(searchAttributes) });
  const { address, namespace } = server;
  const { connection, client } = await connect({ address, namespace });
  return {
    client,
    address,
    namespace,
    serverPid: server.pid,
    async close() {
      await connection.close();
      await server.stop();
    },
  };
}

export interface WorkerPlace {
  address: string;
  namespace: string;
  taskQueue: string;
}

export function benchWorker({ address, namespace, taskQueue }: WorkerPlace, overrides: Partial<WorkerConfig> = {}) {
  const temporal = connectSettings({ address, namespace });
  const accounts = fakeAccounts('default');
  return workerConfig({ logLevel: 'ERROR', taskQueue, temporal, accounts, proofGraceMs: 5000, ...overrides });
}
