import { type Client, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { withConflicts } from '../../../../client/schedules/booked.ts';
import type { ScheduleReport } from '../../../../client/schedules/view.ts';

const made = { scheduleId: 'noon', plan: { uses: ['studio'] }, warnings: ['late'] } as unknown as ScheduleReport;

it('a schedule whose conflicts cannot be seen is made all the same, and says so', async () => {
  const client = { withDeadline: () => Promise.reject(new Error('no worker')) } as unknown as Client;
  const { warnings } = await withConflicts(made, client, 'showcaller', { pages: () => [] as never });
  expect(warnings).toEqual(['late', 'whether its shows conflict with others could not be seen: no worker']);
});

it('a schedule whose conflicts are not seen in time says how long they were looked for', async () => {
  const cause = Object.assign(new Error('too late'), { code: 4, details: 'too late', metadata: {} });
  const late = new ServiceError('Failed to describe schedule', { cause });
  const client = { withDeadline: () => Promise.reject(late) } as unknown as Client;
  const { warnings } = await withConflicts(made, client, 'showcaller', { pages: () => [] as never });
  expect(warnings[1]).toBe(
    'whether its shows conflict with others could not be seen within 5s: Failed to describe schedule',
  );
});

it('a schedule is warned of those of its tenant that cannot be read, because they may use the same', async () => {
  const notFound = () => Promise.reject(new WorkflowNotFoundError('', '', undefined));
  const client = {
    withDeadline: (_: number, ask: () => unknown) => ask(),
    workflow: { getHandle: () => ({ query: notFound }) },
  } as unknown as Client;
  const shows = [{ startsAt: '2026-12-01T12:00:00Z', eventId: 'noon-1' }];
  const keys = ['acme/evening', 'bolt/evening', 'plain'];
  const pages = async function* () {
    yield { schedules: [], unreadable: keys.map((key) => ({ key, reason: 'no key k2' })) };
  };
  const ofAcme = { ...made, shows, plan: { ...made.plan, tenant: 'acme', duration: '1h' } };
  const { warnings } = await withConflicts(ofAcme as unknown as ScheduleReport, client, 'showcaller', { pages });
  expect(warnings).toEqual(['late', 'whether its shows conflict with those of evening could not be seen: no key k2']);
});
