import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { EventSummary } from '../../../client/listing.ts';
import { usageOfEvents } from '../../../client/usage.ts';
import { legKeyOf } from '../../../domain/ids.ts';
import type { EventStatus } from '../../../domain/report.ts';

const day = 86_400_000;
const to = Date.now();
const from = to - 6 * day;
const vendor = 'azure-media-services';
const begunAt = to - 5 * day;
const stoppedAt = begunAt + 3_600_000;
const cutOff: EventSummary = {
  ...{ eventId: 'final', key: 'final', vendor, account: 'default', workflowStatus: 'TERMINATED' },
  run: { workflowId: 'w', runId: 'r-1', startedAt: begunAt, closedAt: begunAt + 600_000 },
};
const running = { resource: 'live event', name: 'sc-final', state: 'running', at: begunAt };
const off = { ...running, state: 'off', at: stoppedAt };
const statusOf = (fields: object) => ({
  ...{ vendor, account: 'default', phase: 'failed', released: false, windows: [], sessions: [] },
  ...{ channel: { ref: { vendor, account: 'default', name: 'sc-final' } }, entered: { allocating: begunAt } },
  ...{ billing: [running], ...fields },
});
const over = { phase: 'completed', released: true, stoppedAt, billing: [running, off] };

/** A Temporal with one run that was cut off, and what else its events say; by key, and by run. */
async function usageOf(statuses: Readonly<Record<string, object>>, released?: object) {
  const client = {
    async *listRuns(query: string) {
      if (query.includes('CloseTime >=')) yield cutOff;
    },
    status: async (key: string, runId?: string) => statuses[runId ?? key] as EventStatus,
  };
  const result = async () => {
    if (released) return released;
    throw new WorkflowNotFoundError('none', 'none', undefined);
  };
  const temporal = { workflow: { getHandle: () => ({ result }) } } as unknown as Client;
  const usage = await usageOfEvents(client, temporal, { from, to });
  return usage.flatMap(({ spans }) => spans.map((span) => ({ from: span.from, to: span.to, goesOn: span.goesOn })));
}

const whole = { from: begunAt, to: stoppedAt, goesOn: undefined };
const goesOn = { from: begunAt, to, goesOn: true };

describe('a leg whose event was terminated', () => {
  const event = (leg: object) =>
    statusOf({
      legs: [{ name: 'main', vendor, account: 'default', begunAt, status: statusOf({ phase: 'live' }), ...leg }],
    });

  it('is billed until its own run released the channel', async () => {
    const main = statusOf(over);
    expect(await usageOf({ 'r-1': event({}), [legKeyOf('final', 'main')]: main })).toEqual([whole]);
  });

  it('is not taken for the leg of the event that was started again', async () => {
    const later = statusOf({ ...over, entered: { allocating: begunAt + 700_000 } });
    const other = { channel: { ref: { vendor, account: 'west', name: 'sc-final' } } };
    expect(await usageOf({ 'r-1': event({}), [legKeyOf('final', 'main')]: later })).toEqual([whole]);
    const elsewhere = statusOf({ ...over, ...other, entered: { allocating: begunAt + 700_000 } });
    expect(await usageOf({ 'r-1': event({}), [legKeyOf('final', 'main')]: elsewhere })).toEqual([goesOn]);
  });
});

describe('a run that was terminated', () => {
  it('is billed until the run after it released the channel, which no sweep has found', async () => {
    const next = statusOf({ ...over, entered: { allocating: begunAt + 700_000 } });
    expect(await usageOf({ 'r-1': statusOf({}), final: next })).toEqual([whole]);
  });

  it('goes on while the run after it has the channel, and where that has another one', async () => {
    const later = { entered: { allocating: begunAt + 700_000 } };
    expect(await usageOf({ 'r-1': statusOf({}), final: statusOf({ ...later, phase: 'live' }) })).toEqual([goesOn]);
    const other = { channel: { ref: { vendor, account: 'west', name: 'sc-final' } } };
    expect(await usageOf({ 'r-1': statusOf({}), final: statusOf({ ...over, ...later, ...other }) })).toEqual([goesOn]);
  });

  it('is not released by what a sweep released before it began', async () => {
    const earlier = { at: begunAt - day, states: [], sessions: [] };
    expect(await usageOf({ 'r-1': statusOf({}), final: statusOf({}) }, earlier)).toEqual([goesOn]);
    const elsewhere = { channel: `${vendor}/west/sc-final`, at: stoppedAt, states: [off], sessions: [] };
    expect(await usageOf({ 'r-1': statusOf({}), final: statusOf({}) }, elsewhere)).toEqual([goesOn]);
    const swept = { channel: `${vendor}/default/sc-final`, at: stoppedAt, states: [off], sessions: [] };
    expect(await usageOf({ 'r-1': statusOf({}), final: statusOf({}) }, swept)).toEqual([whole]);
  });
});
