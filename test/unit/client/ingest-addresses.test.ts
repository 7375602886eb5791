import { afterEach, expect, it, vi } from 'vitest';
import { problemOf } from '../../../api/http/errors.ts';
import { exitCodeOf, exitCodes } from '../../../cli/io.ts';
import { NoAddressError } from '../../../client/errors.ts';
import { ingestAddresses } from '../../../client/ingest-addresses.ts';
import type { Channel, IngestEndpoint } from '../../../domain/channel.ts';
import { VendorError } from '../../../domain/errors.ts';
import type { EventStatus } from '../../../domain/report.ts';

afterEach(() => void vi.useRealTimers());

const channel: Channel = {
  ref: { vendor: 'alibaba-oss', account: 'default', name: 'sc-final', workflowId: 'live-event/final' },
  details: {},
};
const live = { eventId: 'final', phase: 'live', entered: {}, endsAt: 2, channel } as unknown as EventStatus;

/** What is given for the event, or the error. */
const asked = (
  endpointsOf: () => Promise<IngestEndpoint[]>,
  { workflowStatus = 'RUNNING', status = live }: { workflowStatus?: string; status?: EventStatus } = {},
): Promise<unknown> =>
  ingestAddresses(
    { status: async () => status },
    { event: 'final', workflowStatus, endpointsOf, reasonOf: String, withinMs: 10_000 },
  ).catch((error: unknown) => error);

const endpoint: IngestEndpoint = { protocol: 'rtmp', url: 'rtmp://a/k', server: 'rtmp://a', streamKey: 'k' };

it('the addresses of an event that is on air are given with the instants between which they work', async () => {
  expect(await asked(async () => [endpoint])).toEqual({ endpoints: [{ ...endpoint, closesAt: 2 }] });
});

it.each<[string, Parameters<typeof asked>, string]>([
  [
    'is over',
    [async () => [endpoint], { workflowStatus: 'TERMINATED' }],
    'final is over (terminated): no encoder may send any more',
  ],
  [
    'was stopped',
    [async () => [endpoint], { status: { ...live, phase: 'publishing-vod', stoppedAt: 1 } }],
    'final has no address in the phase publishing-vod: no encoder may send',
  ],
  [
    'has a channel that refuses encoders',
    [
      async () => {
        const facts = { vendor: 'alibaba-oss', operation: 'GetLiveChannelInfo', message: 'it is disabled' };
        throw new VendorError({ kind: 'not-found', ...facts });
      },
    ],
    'GetLiveChannelInfo: not-found: it is disabled; it is open',
  ],
])(
  'of an event that %s there is no address, through the API a conflict and for a command the mistake of its caller',
  async (_what, given, message) => {
    const error = await asked(...given);
    expect(error).toBeInstanceOf(NoAddressError);
    expect((error as Error).message).toContain(message);
    expect(problemOf(error).facts).toMatchObject({ status: 409, kind: 'no-channel' });
    expect(exitCodeOf(error)).toBe(exitCodes.usage);
  },
);

it('a vendor that does not answer in time keeps no caller waiting', async () => {
  vi.useFakeTimers();
  const answer = asked(() => new Promise(() => {}));
  await vi.advanceTimersByTimeAsync(10_000);
  const error = await answer;
  expect((error as Error).message).toBe('alibaba-oss ingest: unavailable: no answer within 10s; try again');
  expect(problemOf(error).facts).toMatchObject({ status: 503, kind: 'unavailable' });
});
