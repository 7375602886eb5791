import type { FaultKind } from '../../simulators/kit/types.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { onStage, type Stage } from './contract-harness.ts';
import { eventFor, listed, shortWindowMs, silentShow, wholeShow } from './show.ts';

/** What a show left behind and what was made for it: a fault must not be seen in it. */
export interface Trace {
  made: Record<string, number>;
  left: string[];
  owned: string[];
}

export interface Rehearsed {
  trace: Trace;
  /** The vendor's calls in a run without faults. */
  operations: Set<string>;
  changes: Set<string>;
}

type Performance = (stage: Stage) => Promise<unknown>;
export const silent: Performance = (stage) => silentShow(stage, eventFor(stage, 'faulty'));
export const sending: Performance = (stage) => wholeShow(stage, eventFor(stage, 'faulty'), shortWindowMs);

/** A run without faults, to learn from. */
export const rehearse = (manifest: VendorManifest, perform: Performance): Promise<Rehearsed> =>
  onStage(manifest, {}, async (stage) => {
    await perform(stage);
    return {
      trace: await traceOf(stage),
      operations: new Set(stage.operations().filter(isCall)),
      changes: stage.calls.changes,
    };
  });

/** Players' reads and pushes have names with a colon. */
const isCall = (operation: string): boolean => !operation.includes(':');

async function traceOf({ sim, driver, added }: Stage): Promise<Trace> {
  return {
    made: sim.made(),
    left: added()
      .map(({ kind, billed }) => `${kind}${billed ? ', billed' : ''}`)
      .sort(),
    owned: (await listed(driver)).items.map(({ name }) => name),
  };
}

/** A call longer than this is a hang. */
const hangTimeoutMs = '400';

/** The same run with a fault on the first call of each of these operations, and what it left. */
export const performWith = (
  manifest: VendorManifest,
  kind: FaultKind,
  operations: readonly string[],
  perform: Performance,
): Promise<{ trace: Trace; unhit: string[] }> =>
  onStage(manifest, kind === 'hang' ? { settings: { timeoutMs: hangTimeoutMs } } : {}, async (stage) => {
    for (const operation of operations) stage.kit.faults.add(manifest.name, { operation, kind });
    await perform(stage);
    const hit = (operation: string) => stage.kit.log.entries({ operation, fault: kind }).length > 0;
    return { trace: await traceOf(stage), unhit: operations.filter((operation) => !hit(operation)) };
  });

/** What differs between two traces, in words; empty when nothing. */
export function differences(expected: Trace, got: Trace): string[] {
  return (['made', 'left', 'owned'] as const)
    .filter((key) => JSON.stringify(sorted(got[key])) !== JSON.stringify(sorted(expected[key])))
    .map((key) => `${key} ${JSON.stringify(got[key])} instead of ${JSON.stringify(expected[key])}`);
}

const sorted = (value: Trace[keyof Trace]) => (Array.isArray(value) ? value : Object.entries(value).sort());

/** Does `work` for all items, a few at a time. */
export async function inTurns<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const hand = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
  return results;
}
