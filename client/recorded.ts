import type { EventStatus } from '../domain/report.ts';
import { RefusedError } from './errors.ts';

/** @throws RefusedError when an event that is over has no recording that could be proved */
export function checkRecorded(eventId: string, { channel, output, stoppedAt, vendor }: EventStatus): void {
  if (!channel || !output) throw new RefusedError(`${eventId} recorded nothing that could be published`);
  if (stoppedAt !== undefined) return;
  throw new RefusedError(
    `${eventId} was terminated before its channel was stopped: how long its show was is not known, so no recording can be proved; look for it at ${vendor}`,
  );
}
