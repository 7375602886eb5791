import { readFileSync } from 'node:fs';
import { ShowcallerClient } from '../client/client.ts';
import { connect } from '../temporal/connection.ts';
import { type Accounts, loadAccounts } from '../vendors/accounts.ts';
import { vendors } from '../vendors/registry.ts';
import { UsageError } from './io.ts';

export interface ConnectionFlags {
  address?: string;
  namespace?: string;
  taskQueue?: string;
  json?: boolean;
}

/** Runs a command with a client, and closes the connection whatever happens. */
export async function withClient<T>(
  flags: ConnectionFlags,
  work: (client: ShowcallerClient) => Promise<T>,
): Promise<T> {
  const { client, connection } = await connect({ address: flags.address, namespace: flags.namespace });
  try {
    return await work(new ShowcallerClient(client, { taskQueue: flags.taskQueue }));
  } finally {
    await connection.close();
  }
}

/** The accounts of this process's environment and configuration file, or everything wrong with them. */
export function accountsFrom(env: Record<string, string | undefined>): Accounts {
  const loaded = loadAccounts({
    env,
    file: env.SHOWCALLER_CONFIG,
    readFile: (path) => readFileSync(path, 'utf8'),
    vendors,
  });
  if (loaded.ok) return loaded.accounts;
  const lines = loaded.problems.map(({ path, message }) => `  ${path}: ${message}`);
  throw new UsageError(`the configuration has ${lines.length} problem(s)\n${lines.join('\n')}`);
}
