import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { withConflicts } from '../../../../client/schedules/booked.ts';
import type { ScheduleReport } from '../../../../client/schedules/view.ts';

const made = { scheduleId: 'noon', plan: { uses: ['studio'] }, warnings: ['late'] } as unknown as ScheduleReport;

it('a schedule whose conflicts cannot be seen is made all the same, and says so', async () => {
  const client = { withDeadline: () => Promise.reject(new Error('no worker')) } as unknown as Client;
  const { warnings } = await withConflicts(made, client, 'showcaller', { list: () => [] as never });
  expect(warnings).toEqual(['late', 'whether its shows conflict with others could not be seen: no worker']);
});
