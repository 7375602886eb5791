import type { FaultKind } from '../../simulators/kit/types.ts';
import type { VendorManifest } from '../../vendors/manifest.ts';
import { type ContractHarness, withHarness } from './contract-harness.ts';
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

type Performance = (harness: ContractHarness) => Promise<unknown>;
export const silent: Performance = (harness) => silentShow(harness, eventFor(harness, 'faulty'));
export const sending: Performance = (harness) => wholeShow(harness, eventFor(harness, 'faulty'), shortWindowMs);

/** A run without faults, to learn from. */
export const rehearse = (manifest: VendorManifest, perform: Performance): Promise<Rehearsed> =>
  withHarness(manifest, {}, async (harness) => {
    await perform(harness);
    return {
      trace: await traceOf(harness),
      operations: new Set(harness.operations().filter(isCall)),
      changes: harness.calls.changes,
    };
  });

/** Players' reads and pushes have names with a colon. */
const isCall = (operation: string): boolean => !operation.includes(':');

async function traceOf(harness: ContractHarness): Promise<Trace> {
  const { sim, added } = harness;
  return {
    made: sim.made(),
    left: added()
      .map(({ kind, billed }) => `${kind}${billed ? ', billed' : ''}`)
      .sort(),
    owned: (await listed(harness)).items.map(({ name }) => name),
  };
}

/** A call longer than this is a hang; no other call takes so long, on a busy machine either. */
const hangTimeoutMs = '2000';

/** A kind of fault that the first call of an operation meets. */
export interface Hit {
  operation: string;
  kind: FaultKind;
}

/** The same run with these faults, and what it left. */
export const performWith = (
  manifest: VendorManifest,
  hits: readonly Hit[],
  perform: Performance,
): Promise<{ trace: Trace; unhit: string[] }> => {
  const hangs = hits.some(({ kind }) => kind === 'hang');
  return withHarness(manifest, hangs ? { settings: { timeoutMs: hangTimeoutMs } } : {}, async (harness) => {
    for (const hit of hits) harness.kit.faults.add(manifest.name, { ...hit });
    await perform(harness);
    const isHit = ({ operation, kind }: Hit) => harness.kit.log.entries({ operation, fault: kind }).length > 0;
    return {
      trace: await traceOf(harness),
      unhit: hits.filter((hit) => !isHit(hit)).map(({ operation }) => operation),
    };
  });
};

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
