import type { Channel, IngestEndpoint } from '../domain/channel.ts';
import { VendorError } from '../domain/errors.ts';
import { type Missing, ofEachLeg, whyNoAddress } from '../domain/legs/channels.ts';
import { goesOn } from '../domain/run-status.ts';
import { openSpan, openText } from '../domain/timeline.ts';
import type { ShowcallerClient } from './client.ts';
import { NoAddressError } from './errors.ts';
import type { EventSummary } from './listing.ts';
import { vendorAnswer } from './vendor-answer.ts';

/** Where an encoder sends, and from when to when it is let in. */
export interface Address extends IngestEndpoint {
  leg?: string;
  opensAt?: number;
  closesAt: number;
}

/** The addresses of an event, and what has none now, with the reason. */
export interface Addresses {
  endpoints: Address[];
  missing?: Missing[];
}

interface AddressRequest {
  /** As the caller names the event. */
  event: string;
  workflowStatus: EventSummary['workflowStatus'];
  endpointsOf: (channel: Channel) => Promise<IngestEndpoint[]>;
  /** What is said of a leg whose vendor gives no address. */
  reasonOf: (failure: Error) => string;
  withinMs: number;
}

/**
 * Where the encoders of an event send. At some vendors an address still works after its event: it is given out only while the
 * run goes on, and until the stop.
 *
 * @throws NoAddressError where no encoder may send, or none yet
 */
export async function ingestAddresses(
  client: Pick<ShowcallerClient, 'status'>,
  { event, workflowStatus, endpointsOf, reasonOf, withinMs }: AddressRequest,
): Promise<Addresses> {
  if (!goesOn(workflowStatus))
    throw new NoAddressError(`${event} is over (${workflowStatus.toLowerCase()}): no encoder may send any more`);
  const status = await client.status(event);
  const why = whyNoAddress(status);
  if (why !== undefined) throw new NoAddressError(`${event} ${why}`);
  const ask = async (channel: Channel): Promise<IngestEndpoint[]> => {
    try {
      const question = { vendor: channel.ref.vendor, operation: 'ingest', withinMs };
      return await vendorAnswer(question, endpointsOf(channel));
    } catch (error) {
      // A channel that refuses encoders has no address.
      if (!(error instanceof VendorError) || error.kind !== 'not-found') throw error;
      throw new NoAddressError(`${error.message}; it is ${openText(status)}`, { cause: error });
    }
  };
  const { given, missing } = await ofEachLeg(status, ask, reasonOf);
  const endpoints = given.map((one) => ({ ...one, ...openSpan(status) }));
  return { endpoints, ...(missing.length > 0 && { missing }) };
}
