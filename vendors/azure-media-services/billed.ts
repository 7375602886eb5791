import { VendorError } from '../../domain/errors.ts';
import { noteBilling } from '../call.ts';
import type { LiveEvent, Sdk, StreamingEndpoint } from './sdk.ts';

/**
 * StandBy and Running are billed, every other state is not. A live event is dated when it reaches its state, so the stop is
 * counted as billed: at most its length too much.
 * https://learn.microsoft.com/azure/media-services/latest/live-event-states-billing-concept
 */
export function noteEvent({ name = '', resourceState, lastModified }: LiveEvent): void {
  const at = lastModified?.getTime();
  if (at === undefined) return;
  const state = { Running: 'running', StandBy: 'standby', Stopped: 'off' }[resourceState ?? ''];
  if (state) noteBilling({ resource: 'live event', name, state: state as 'running' | 'standby' | 'off', at });
}

/** What an event needs of its streaming endpoint. */
interface UsedEndpoint {
  streamingEndpointName: string;
  startStreamingEndpoint: boolean;
  /** When the live event was made, epoch milliseconds. */
  createdAt: number;
}

/**
 * A streaming endpoint is billed while it runs. One that runs since before the event was running anyway.
 * https://learn.microsoft.com/azure/media-services/latest/stream-streaming-endpoint-concept
 */
export function noteEndpoint(endpoint: StreamingEndpoint | undefined, used: UsedEndpoint): void {
  const { streamingEndpointName: name, startStreamingEndpoint, createdAt } = used;
  const at = endpoint?.lastModified?.getTime();
  if (!startStreamingEndpoint || endpoint?.resourceState !== 'Running' || at === undefined || at < createdAt) return;
  noteBilling({ resource: 'streaming endpoint', name, state: 'running', at });
}

/** Looks at the endpoint; that it cannot be seen keeps no channel from being stopped. */
export async function lookAtEndpoint(sdk: Sdk, used: UsedEndpoint): Promise<void> {
  if (!used.startStreamingEndpoint) return;
  try {
    noteEndpoint(await sdk.getStreamingEndpoint(used.streamingEndpointName), used);
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
  }
}
