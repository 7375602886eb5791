import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../simulators/kit/types.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { vendors } from '../../vendors/registry.ts';
import { differences, type Hit, inTurns, performWith, type Rehearsed, rehearse, sending, silent } from './faults.ts';

const atOnce = 3;
const kinds: readonly FaultKind[] = ['lose-response', 'throttle', 'unavailable', 'reset', 'hang'];

/** On each call one kind in turn, all in one show; or each kind on each call, in a show of its own. */
export function noFaultIsSeen(each: 'call' | 'kind on each call'): void {
  describe.concurrent.each(vendors)('$name', (manifest) => {
    const quiet = once(() => rehearse(manifest, silent));
    const whole = once(() => rehearse(manifest, sending));
    const onlySending = async (): Promise<Rehearsed> => {
      const [happy, known] = [await whole(), await quiet()];
      return { ...happy, operations: new Set([...happy.operations].filter((one) => !known.operations.has(one))) };
    };

    it.concurrent('names its calls as the simulator does, so that faults, limits and metrics speak of the same', async () => {
      const { operations } = await whole();
      const { changes } = await whole();
      expect([...changes].filter((operation) => !operations.has(operation))).toEqual([]);
      expect(changes.size).toBeGreaterThan(0);
    });

    if (each === 'call') {
      it.concurrent('makes one and leaves none with a fault on each call of a silent show', async () => {
        const happy = await quiet();
        expect(await wrong(manifest, inTurn(happy), happy, silent)).toEqual([]);
      });

      it.concurrent('makes one and leaves none with a fault on each call that only a sending show makes', async () => {
        const happy = await onlySending();
        expect(await wrong(manifest, inTurn(happy), happy, sending)).toEqual([]);
      });
      return;
    }

    it.concurrent.for(kinds)('makes one and leaves none with %s on any call of a silent show', async (kind) => {
      const happy = await quiet();
      const failures = await inTurns(hitsOf(kind, happy), atOnce, (hit) => wrong(manifest, [hit], happy, silent));
      expect(failures.flat()).toEqual([]);
    });

    it.concurrent.for(kinds)(
      'makes one and leaves none with %s on the calls that only a sending show makes',
      async (kind) => {
        const happy = await onlySending();
        expect(await wrong(manifest, hitsOf(kind, happy), happy, sending)).toEqual([]);
      },
    );
  });
}

/** Only a change can be applied without an answer. */
const canMeet = (kind: FaultKind, operation: string, { changes }: Rehearsed): boolean =>
  kind !== 'lose-response' || changes.has(operation);

const hitsOf = (kind: FaultKind, happy: Rehearsed): Hit[] =>
  [...happy.operations].filter((one) => canMeet(kind, one, happy)).map((operation) => ({ operation, kind }));

const inTurn = (happy: Rehearsed): Hit[] =>
  [...happy.operations].map((operation, i) => {
    const possible = kinds.filter((kind) => canMeet(kind, operation, happy));
    return { operation, kind: possible[i % possible.length] ?? 'throttle' };
  });

async function wrong(
  manifest: VendorManifest,
  hits: readonly Hit[],
  happy: Rehearsed,
  perform: typeof silent,
): Promise<string[]> {
  const where = hits.map(({ operation, kind }) => `${kind} on ${operation}`).join(', ');
  try {
    const { trace, unhit } = await performWith(manifest, hits, perform);
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
