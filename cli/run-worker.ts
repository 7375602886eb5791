import { Client } from '@temporalio/client';
import type { LogLevel } from '@temporalio/worker';
import { connect } from '../temporal/connection.ts';
import { nativeConnect } from '../temporal/native-connection.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { hubDoor } from '../worker/hub-door.ts';
import { keepToRates } from '../worker/rates.ts';
import { installRuntime } from '../worker/runtime.ts';
import { sweepDoor } from '../worker/sweep-door.ts';
import { activitiesOf, createWorker } from '../worker/worker.ts';
import { accountsFrom } from './context.ts';
import { say, UsageError } from './io.ts';

export interface WorkerFlags {
  address?: string;
  namespace?: string;
  taskQueue: string;
  pace?: string;
  proofPatience?: string;
  rateShare?: string;
  logLevel: string;
}

/** Runs events until it is told to stop, with the accounts of its environment. */
export async function runWorker(flags: WorkerFlags): Promise<void> {
  installRuntime(flags.logLevel as LogLevel);
  const accounts = accountsFrom(process.env);
  if (accounts.all().length === 0) throw new UsageError('no vendor account is configured; see vendors/README.md');
  const pace = positive('--pace', flags.pace ?? process.env.SHOWCALLER_PACE, 1);
  const share = positive('--rate-share', flags.rateShare, 1);
  const proofPatienceMs = positive('--proof-patience', flags.proofPatience, 600_000);
  const { connection: asClient, namespace } = await connect(flags);
  await ensureSearchAttributes(asClient, namespace);
  await asClient.close();
  const connection = await nativeConnect(flags);
  keepToRates(share);
  const client = new Client({ connection: connection.connection, namespace });
  const doors = { hub: hubDoor(client, flags.taskQueue), sweep: sweepDoor(client) };
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const activities = activitiesOf(accounts, { pace, proofPatienceMs, ...doors, stopping: stopping.signal });
  const worker = await createWorker({
    connection: connection.connection,
    namespace,
    activities,
    taskQueue: flags.taskQueue,
  });
  const names = accounts.all().map(({ vendor, account }) => `${vendor}/${account.name}`);
  say(`worker on ${namespace}/${flags.taskQueue}, accounts ${names.join(', ')}`);
  // SIGINT and SIGTERM are taken by the SDK: it stops polling, lets attempts finish, then returns.
  await worker.run();
  await connection.connection.close();
}

function positive(name: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!(value > 0)) throw new UsageError(`${name} must be a number above 0, not ${JSON.stringify(given)}`);
  return value;
}
