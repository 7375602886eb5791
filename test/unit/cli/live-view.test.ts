import { expect, it, onTestFinished, vi } from 'vitest';
import { watchEvents } from '../../../cli/live-view.ts';
import { NoWorkerError, RefusedError } from '../../../client/errors.ts';
import type { EventStatus } from '../../../domain/report.ts';
import { newStatus } from '../../../workflows/live-event/new-status.ts';
import { until } from '../../support/until.ts';

const ended = (eventId: string): EventStatus => ({ ...newStatus(eventId), phase: 'completed', startsAt: 1 });

it('an event that answers late, as the first on a new worker, keeps no other from the screen', async () => {
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => printed.mockRestore());
  const isPrinted = (eventId: string) => printed.mock.calls.some(([text]) => String(text).includes(eventId));
  const status = async (eventId: string): Promise<EventStatus> => {
    if (eventId === 'late') await until(() => isPrinted('quick'));
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

/** An event whose status is asked again and again: an error is thrown. */
async function watched(...answers: (EventStatus | Error)[]) {
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => printed.mockRestore());
  const waiting = answers.values();
  const status = async (): Promise<EventStatus> => {
    const { value } = waiting.next();
    if (value instanceof Error) throw value;
    return value ?? ended('final');
  };
  const reports = watchEvents({ status, result: async () => ended('final') }, ['final']);
  return {
    reports: await reports,
    said: printed.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('cannot be seen')),
  };
}
const live: EventStatus = { ...ended('final'), phase: 'live' };

it('a worker or an API that is away for a moment ends no watch of an event that was seen, and is said once', async () => {
  const { reports, said } = await watched(live, new NoWorkerError('q'), new Error('502, without a reason'), live);
  expect(reports.map(({ phase }) => phase)).toEqual(['completed']);
  expect(said).toEqual([expect.stringContaining('final cannot be seen now, it is tried again: no worker answers')]);
});

it('an event that was never seen, and a refusal, end it', async () => {
  await expect(watched(new NoWorkerError('q'))).rejects.toThrow('no worker answers');
  await expect(watched(live, new RefusedError('the token was taken back'))).rejects.toThrow('taken back');
});
