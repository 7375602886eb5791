import { ShowcallerClient } from '../client/client.ts';
import { connect } from '../temporal/connection.ts';
import { countsBudget } from './budgets.ts';
import { UsageError } from './io.ts';
import { ApiConnection, type ApiFlags, apiAddressOf } from './service/api-connection.ts';
import { ApiService } from './service/api-service.ts';
import type { EventService } from './service/service.ts';
import { TemporalService } from './service/temporal-service.ts';

export interface ConnectionFlags {
  address?: string;
  namespace?: string;
  taskQueue?: string;
  json?: boolean;
}

/** Flags of a command that can speak to the API. */
export interface ServiceFlags extends ConnectionFlags, ApiFlags {}

/** Runs a command on events, through the API where it is named, else through Temporal. */
export async function withService<T>(flags: ServiceFlags, work: (service: EventService) => Promise<T>): Promise<T> {
  const address = apiAddressOf(flags);
  if (!address) return withTemporal(flags, (client) => work(new TemporalService(client)));
  const api = new ApiConnection(address);
  try {
    return await work(new ApiService(api));
  } finally {
    api.close();
  }
}

/** Runs a command that the API does not offer, and closes the connection whatever happens. */
export function withClient<T>(flags: ConnectionFlags, work: (client: ShowcallerClient) => Promise<T>): Promise<T> {
  refuseApi(flags);
  return withTemporal(flags, work);
}

/** A caller who named the API must not get past its roles. */
export function refuseApi(flags: ConnectionFlags): void {
  if (apiAddressOf(flags))
    throw new UsageError(
      'this command speaks to Temporal itself: name it with --address, or unset SHOWCALLER_API, which names an API',
    );
}

async function withTemporal<T>(
  { address, namespace, taskQueue }: ConnectionFlags,
  work: (client: ShowcallerClient) => Promise<T>,
): Promise<T> {
  const { client, connection } = await connect({ address, namespace });
  try {
    return await work(new ShowcallerClient(client, { taskQueue, countsBudget }));
  } finally {
    await connection.close();
  }
}
