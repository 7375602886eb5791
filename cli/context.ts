import { readFileSync } from 'node:fs';
import { ShowcallerClient } from '../client/client.ts';
import type { Problem } from '../domain/errors.ts';
import { connect } from '../temporal/connection.ts';
import { type Accounts, loadAccounts } from '../vendors/accounts.ts';
import { vendors } from '../vendors/registry.ts';
import { type LoadedSubscribers, loadSubscribers } from '../worker/webhooks/load.ts';
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
  const loaded = loadAccounts({ ...sourcesIn(env), vendors });
  if (loaded.ok) return loaded.accounts;
  throw misconfigured(loaded.problems);
}

/** What a worker needs: its accounts, and who is told of its events; or everything wrong with both. */
export function workerConfigurationFrom(env: Record<string, string | undefined>): WorkerConfiguration {
  const accounts = loadAccounts({ ...sourcesIn(env), vendors });
  const webhooks = loadSubscribers(sourcesIn(env));
  if (accounts.ok && webhooks.ok) return { accounts: accounts.accounts, subscribers: webhooks.subscribers };
  throw misconfigured([...(accounts.ok ? [] : accounts.problems), ...(webhooks.ok ? [] : webhooks.problems)]);
}

export interface WorkerConfiguration {
  accounts: Accounts;
  subscribers: Extract<LoadedSubscribers, { ok: true }>['subscribers'];
}

const sourcesIn = (env: Record<string, string | undefined>) => ({
  env,
  file: env.SHOWCALLER_CONFIG,
  readFile: (path: string) => readFileSync(path, 'utf8'),
});

function misconfigured(problems: readonly Problem[]): UsageError {
  const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
  return new UsageError(`the configuration has ${lines.length} problem(s)\n${lines.join('\n')}`);
}
