import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { ShowcallerClient } from '../../../client/client.ts';

/** Temporal with these runs: the status of each by its workflow id. */
function temporalWith(runs: Readonly<Record<string, string>>, tenant?: string): ShowcallerClient {
  const getHandle = (workflowId: string) => ({
    workflowId,
    describe: async () => {
      const name = runs[workflowId];
      if (name === undefined) throw new WorkflowNotFoundError('no such run', workflowId, undefined);
      return { workflowId, status: { name }, searchAttributes: {} };
    },
  });
  return new ShowcallerClient({ workflow: { getHandle } } as unknown as Client, { tenant });
}

const event = { eventId: 'final', tenant: 'acme' };

it.each([
  [{}, undefined],
  [{ 'live-event/acme/final': 'RUNNING' }, 'RUNNING'],
  [{ 'live-event/final': 'RUNNING' }, 'RUNNING'],
  [{ 'live-event/acme/final': 'FAILED' }, 'FAILED'],
  [{ 'live-event/acme/final': 'FAILED', 'live-event/final': 'COMPLETED' }, 'COMPLETED'],
])('of the runs %j an event of a tenant would find %s, for a caller of all tenants', async (runs, status) => {
  expect(await temporalWith(runs).there(event)).toBe(status);
});

it('of an event without a tenant only its own name is looked at, and a tenant finds its own', async () => {
  expect(await temporalWith({ 'live-event/acme/final': 'RUNNING' }).there({ eventId: 'final' })).toBeUndefined();
  expect(await temporalWith({ 'live-event/acme/final': 'RUNNING' }, 'acme').there(event)).toBe('RUNNING');
  expect(await temporalWith({ 'live-event/final': 'RUNNING' }, 'acme').there(event)).toBeUndefined();
});
