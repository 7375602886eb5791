import type { VendorError } from '../../domain/errors.ts';
import { notYet, type Progress } from '../driver.ts';
import { mayMeanWrongState } from './errors.ts';
import type { LiveEvent } from './sdk.ts';

/** Either a final result, or the next vendor call to make. */
export type Decision<T> =
  | { progress: Progress<T> }
  | { step: string; request: () => Promise<unknown>; againMs: number };

export const finished = <T>(progress: Progress<T>): Decision<T> => ({ progress });
export const wait = (event: LiveEvent, againMs = 2_000): Decision<never> =>
  finished(notYet(`the live event, ${event.resourceState}`, againMs));

/**
 * Looks, asks for the one thing that is missing, and looks again until the vendor has to work on it. The vendor's
 * codes for an illegal transition are not published, so after a refusal the next look decides.
 */
export async function advance<S, T>(look: () => Promise<S>, decide: (seen: S) => Decision<T>): Promise<Progress<T>> {
  const asked = new Map<string, VendorError | undefined>();
  for (;;) {
    const decision = decide(await look());
    if ('progress' in decision) return decision.progress;
    const { step, request, againMs } = decision;
    if (asked.has(step)) {
      const refused = asked.get(step);
      // Another operation may hold the live event, or the code means something else: its words are shown, its tries counted.
      if (refused) throw refused;
      return notYet(`the vendor to ${step}`, againMs);
    }
    asked.set(step, undefined);
    try {
      await request();
    } catch (error) {
      if (!mayMeanWrongState(error)) throw error;
      asked.set(step, error);
    }
  }
}
