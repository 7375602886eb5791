import type { ShowcallerClient } from '../client/client.ts';
import type { Connected } from '../temporal/connection.ts';
import { countsBudget } from './budgets.ts';
import { UsageError } from './io.ts';
import { ApiConnection, type ApiFlags, apiAddressOf } from './service/api-connection.ts';
import { ApiService } from './service/api-service.ts';
import { ApiSchedules, type ScheduleService, TemporalSchedules } from './service/schedules.ts';
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
export const withService = <T>(flags: ServiceFlags, work: (service: EventService) => Promise<T>): Promise<T> =>
  through(flags, {
    api: (api) => work(new ApiService(api)),
    temporal: (client) => work(new TemporalService(client)),
  });

/** Runs a command on recurring shows, through the API or Temporal. */
export const withSchedules = <T>(flags: ServiceFlags, work: (schedules: ScheduleService) => Promise<T>): Promise<T> =>
  through(flags, {
    api: (api) => work(new ApiSchedules(api)),
    temporal: async (_, { client }) => {
      const { ShowcallerSchedules } = await import('../client/schedules/schedules.ts');
      return work(new TemporalSchedules(new ShowcallerSchedules(client, flags)));
    },
  });

/** The connection is closed whatever happens. */
export async function through<T>(flags: ServiceFlags, ways: Ways<T>): Promise<T> {
  const address = apiAddressOf(flags);
  if (!address) return withTemporal(flags, ways.temporal);
  const api = new ApiConnection(address);
  try {
    return await ways.api(api);
  } finally {
    api.close();
  }
}

interface Ways<T> {
  api(api: ApiConnection): Promise<T>;
  temporal(showcaller: ShowcallerClient, connected: Connected): Promise<T>;
}

/** A caller who named the API must not get past its roles. */
export function refuseApi(flags: ConnectionFlags): void {
  if (apiAddressOf(flags))
    throw new UsageError(
      'this command speaks to Temporal itself: name it with --address, or unset SHOWCALLER_API, which names an API',
    );
}

/** Loads Temporal's client, half of all that a command may load, only where it is used. */
export async function withTemporal<T>(
  { address, namespace, taskQueue }: ConnectionFlags,
  work: Ways<T>['temporal'],
): Promise<T> {
  const [{ ShowcallerClient }, { connect }] = await Promise.all([
    import('../client/client.ts'),
    import('../temporal/connection.ts'),
  ]);
  const connected = await connect({ address, namespace });
  try {
    return await work(new ShowcallerClient(connected.client, { taskQueue, countsBudget }), connected);
  } finally {
    await connected.connection.close();
  }
}
