import { expect, it, onTestFinished, vi } from 'vitest';
import { watchEvents } from '../../../cli/live-view.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { newStatus } from '../../../workflows/live-event/new-status.ts';

const ended = (eventId: string): EventStatus => ({ ...newStatus(eventId), phase: 'completed', startsAt: 1 });

it('an event that answers late, as the first on a new worker, keeps no other from the screen', async () => {
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => printed.mockRestore());
  const isPrinted = (eventId: string) => printed.mock.calls.some(([text]) => String(text).includes(eventId));
  const status = async (eventId: string): Promise<EventStatus> => {
    if (eventId === 'late') await vi.waitUntil(() => isPrinted('quick'));
    return ended(eventId);
  };
  const reports = await watchEvents({ status, result: async (eventId) => ended(eventId) }, ['late', 'quick']);
  expect(reports.map(({ eventId }) => eventId)).toEqual(['late', 'quick']);
  expect(isPrinted('late')).toBe(true);
});

it('answers that come together are one drawing', async () => {
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { isTTY } = process.stderr;
  process.stderr.isTTY = true;
  onTestFinished(() => {
    printed.mockRestore();
    process.stderr.isTTY = isTTY;
  });
  const ids = Array.from({ length: 100 }, (_, n) => `event-${n}`);
  const known = async (eventId: string) => ended(eventId);
  await watchEvents({ status: known, result: known }, ids);
  expect(printed).toHaveBeenCalledTimes(1);
  expect(String(printed.mock.calls[0]?.[0])).toContain('event-99');
});
