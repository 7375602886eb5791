import type { Client } from '@temporalio/client';
import type { Auth } from '../api/auth/auth.ts';
import { boardRoutes } from '../api/routes/board.ts';
import { metricsRoutes } from '../api/routes/metrics.ts';
import { vendorEventRoutes } from '../api/routes/vendor-events.ts';
import { createApi } from '../api/server.ts';
import { startQueues } from '../api/vendor-event-queues.ts';
import { ShowcallerClient } from '../client/client.ts';
import { ShowcallerSchedules } from '../client/schedules/schedules.ts';
import { vendorEventDelivery } from '../client/vendor-events/deliver.ts';
import { connect } from '../temporal/connection.ts';
import type { Accounts } from '../vendors/accounts.ts';
import { vendors } from '../vendors/registry.ts';
import { ingestEndpoints } from '../worker/ingest.ts';
import { apiAuthFrom } from './api-auth.ts';
import { mediaOriginsFrom } from './board-media.ts';
import { accountsFrom, type ConnectionFlags } from './context.ts';
import { say, UsageError } from './io.ts';
import { untilStopped } from './signals.ts';

export interface ApiFlags extends ConnectionFlags {
  host: string;
  port: number;
  auth: boolean;
  trustProxy?: string;
  logLevel: string;
}

interface Parts {
  client: Client;
  accounts: Accounts;
  auth: Auth;
  host: string;
  port: number;
  taskQueue?: string;
  trustProxy?: string;
  /** Where the board may play recordings from. */
  mediaOrigins?: readonly string[];
  /** Lines on stderr; none without it. */
  logLevel?: string;
}

export interface RunningApi {
  url: string;
  close(): Promise<void>;
}

/** Starts the HTTP API with all its plugins, and the readers of the vendors' queues. */
export async function startApi(parts: Parts): Promise<RunningApi> {
  const { client, accounts, taskQueue, auth, host, port } = parts;
  const showcaller = new ShowcallerClient(client, { taskQueue });
  const schedules = new ShowcallerSchedules(client, { taskQueue });
  const delivery = vendorEventDelivery(client);
  const app = await createApi({
    client: showcaller,
    schedules,
    auth,
    // Without accounts there is nobody to ask.
    ...(accounts.all().length > 0 && { ingest: (channel) => ingestEndpoints(accounts, channel) }),
    vendorEvents: vendorEventRoutes({ delivery, accounts }),
    board: boardRoutes(parts),
    metrics: metricsRoutes({ client: showcaller, schedules, vendors: vendors.map(({ name }) => name) }),
    ...(parts.logLevel && { log: { level: parts.logLevel, stream: process.stderr } }),
    trustProxy: parts.trustProxy,
  });
  const url = await listening(() => app.listen({ host, port }), host, port);
  const queues = await startQueues({ delivery, accounts, log: (line) => app.log.warn(line) });
  return {
    url,
    async close() {
      await queues.close();
      await app.close();
    },
  };
}

async function listening(listen: () => Promise<string>, host: string, port: number): Promise<string> {
  try {
    return await listen();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'something else listens there; name another with --port' : message;
    throw new UsageError(`the API cannot listen on ${host}:${port}: ${why}`, { cause: error });
  }
}

/** Serves the API until it is told to stop. */
export async function runApi(flags: ApiFlags): Promise<void> {
  const { auth, reload } = apiAuthFrom(process.env, { host: flags.host, open: !flags.auth });
  const accounts = accountsFrom(process.env);
  const mediaOrigins = mediaOriginsFrom(process.env);
  const { client, connection, namespace } = await connect(flags);
  process.on('SIGHUP', reload);
  try {
    const stopped = untilStopped();
    const api = await startApi({ ...flags, client, accounts, auth, mediaOrigins });
    say(`api on ${api.url}, for ${namespace}/${flags.taskQueue}${flags.auth ? '' : ', open to everybody here'}`);
    say(`stopping (${await stopped})`);
    await api.close();
  } finally {
    process.off('SIGHUP', reload);
    await connection.close();
  }
}
