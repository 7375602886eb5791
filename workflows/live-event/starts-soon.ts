import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { formatInstant, wholeMinutes } from '../../domain/time.ts';
import type { EventRecord } from './event-record.ts';

/**
 * Announces the start to subscribers in time, and again of the other start where it is moved; not where the run began
 * later than that. Gives what ends it. Without subscribers that want it the history has nothing of it.
 *
 * @param isGoingOn false once the show will not start
 */
export function announceStart(run: EventRecord, isGoingOn: () => boolean = () => true): () => void {
  const soonMs = run.outbox?.soonMs;
  if (soonMs === undefined) return () => {};
  const scope = new CancellationScope();
  scope
    .run(() => announce(run, soonMs, isGoingOn))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return () => scope.cancel();
}

async function announce(run: EventRecord, soonMs: number, isGoingOn: () => boolean): Promise<never> {
  for (let isMoved = false; ; isMoved = true) {
    const { startsAt } = run.status;
    const moved = () => condition(() => run.status.startsAt !== startsAt);
    const ms = startsAt - soonMs - Date.now();
    if (ms > 0) await waitFor(ms, moved);
    const leftMs = startsAt - Date.now();
    // After a long time without workers the start may be past.
    if (startsAt === run.status.startsAt && leftMs > 0 && (ms > 0 || isMoved) && isGoingOn()) {
      const message = `the show starts in ${wholeMinutes(leftMs)}, at ${formatInstant(startsAt)}`;
      run.enqueue('starts-soon', { startsInMs: leftMs, message });
      run.show();
    }
    await moved();
  }
}

async function waitFor(ms: number, moved: () => Promise<void>): Promise<void> {
  const scope = new CancellationScope();
  const summary = 'wait to say that the show starts soon';
  await scope.run(() => Promise.race([sleep(ms, { summary }), moved()]));
  // The timer of a show that was moved; nothing where it has fired.
  scope.cancel();
}
