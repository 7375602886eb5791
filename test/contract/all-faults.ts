import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../simulators/kit/types.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { vendors } from '../../vendors/registry.ts';
import { differences, inTurns, performWith, type Rehearsed, rehearse, sending, silent } from './faults.ts';

const atOnce = 3;
export const faults: readonly FaultKind[] = ['lose-response', 'throttle', 'unavailable', 'reset', 'hang'];

/** `drawn` says which calls a kind of fault hits: all of them at length. */
export function noFaultIsSeen(drawn: (kind: FaultKind, operations: string[]) => string[]): void {
  describe.concurrent.each(vendors)('$name', (manifest) => {
    const quiet = once(() => rehearse(manifest, silent));
    const whole = once(() => rehearse(manifest, sending));

    it.concurrent('names its calls as the simulator does, so that faults, limits and metrics speak of the same', async () => {
      const { operations } = await whole();
      const { changes } = await whole();
      expect([...changes].filter((operation) => !operations.has(operation))).toEqual([]);
      expect(changes.size).toBeGreaterThan(0);
    });

    it.concurrent.for(faults)('makes one and leaves none with %s on any call of a silent show', async (kind) => {
      const happy = await quiet();
      const failures = await inTurns(drawn(kind, hitBy(kind, happy)), atOnce, (operation) =>
        wrong(manifest, kind, [operation], happy, silent),
      );
      expect(failures.flat()).toEqual([]);
    });

    it.concurrent.for(faults)(
      'makes one and leaves none with %s on the calls that only a sending show makes',
      async (kind) => {
        const [happy, known] = [await whole(), await quiet()];
        const operations = hitBy(kind, happy).filter((operation) => !known.operations.has(operation));
        expect(await wrong(manifest, kind, operations, happy, sending)).toEqual([]);
      },
    );
  });
}

/** Only a change can be applied without an answer. */
const hitBy = (kind: FaultKind, { operations, changes }: Rehearsed): string[] =>
  [...operations].filter((operation) => kind !== 'lose-response' || changes.has(operation));

async function wrong(
  manifest: VendorManifest,
  kind: FaultKind,
  operations: readonly string[],
  happy: Rehearsed,
  perform: typeof silent,
): Promise<string[]> {
  const where = `${kind} on ${operations.join(', ')}`;
  try {
    const { trace, unhit } = await performWith(manifest, kind, operations, perform);
    const missed = unhit.map((operation) => `never called ${operation}`);
    return [...missed, ...differences(happy.trace, trace)].map((text) => `${where}: ${text}`);
  } catch (error) {
    return [
      `${where}: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error)}`,
    ];
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
