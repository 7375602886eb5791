import { expect, it, onTestFinished } from 'vitest';
import { openAuth } from '../../../../api/auth/auth.ts';
import { createApi } from '../../../../api/server.ts';
import type { ShowcallerClient } from '../../../../client/client.ts';
import type { ShowcallerSchedules } from '../../../../client/schedules/schedules.ts';
import type { Channel } from '../../../../domain/channel.ts';
import { VendorError } from '../../../../domain/errors.ts';
import type { EventStatus } from '../../../../domain/report.ts';

const channelOf = (name: string): Channel => ({
  ref: { vendor: 'alibaba-oss', account: 'default', name, workflowId: `live-event/final@${name}` },
  details: {},
});
const leg = (name: string) => ({ name, status: { channel: channelOf(name) } });
const status = {
  ...{ eventId: 'final', phase: 'live', entered: {}, endsAt: 2 },
  legs: [leg('main'), leg('broken'), leg('backup')],
} as unknown as EventStatus;

it('what a leg cannot be sent to is said with its reason beside the addresses of the others, and a fault of ours without', async () => {
  const client = {
    status: async () => status,
    summary: async (eventId: string) => ({ eventId, key: eventId, workflowStatus: 'RUNNING' }),
    within: <T>(_ms: number, work: () => Promise<T>) => work(),
    forTenant: () => client,
    settled: async () => undefined,
  };
  const facts = { kind: 'unavailable' as const, vendor: 'alibaba-oss', operation: 'GetLiveChannelInfo' };
  const app = await createApi({
    client: client as unknown as ShowcallerClient,
    schedules: { forTenant: () => undefined } as unknown as ShowcallerSchedules,
    auth: openAuth,
    ingest: async ({ ref }) => {
      if (ref.name === 'main') throw new VendorError({ ...facts, message: 'no answer' });
      if (ref.name === 'broken') throw new TypeError('of undefined (reading s3cret)');
      return [{ protocol: 'rtmp', url: 'rtmp://backup/k', server: 'rtmp://backup', streamKey: 'k' }];
    },
  });
  onTestFinished(() => app.close());
  const answer = await app.inject({ url: '/v1/events/final/ingest' });
  expect(answer.json()).toEqual({
    endpoints: [expect.objectContaining({ leg: 'backup', streamKey: 'k' })],
    missing: [
      { leg: 'main', reason: 'alibaba-oss GetLiveChannelInfo: unavailable: no answer' },
      { leg: 'broken', reason: 'the server failed; its log has the reason' },
    ],
  });
});
