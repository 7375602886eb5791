import { AsyncLocalStorage } from 'node:async_hooks';

// Before Node 24 each store that was ever used is copied to every promise that is made: with the seven of the SDKs, the
// drivers and the simulation a sixth of the time of simulated shows went there. Newer Nodes carry one map of all stores
// instead, and so do the tests of the first tier. The system tier has the stores as this Node has them.

type Frame = ReadonlyMap<unknown, unknown>;
type Work = (...args: unknown[]) => unknown;

const shared = Symbol.for('showcaller.oneAsyncStore');
const carriesOneMap = Number.parseInt(process.versions.node, 10) >= 24;

/** Keeps what all stores of this process hold in one of them. */
export function shareOneAsyncStore(): void {
  const prototype = AsyncLocalStorage.prototype;
  if (carriesOneMap || shared in prototype) return;
  const { run, enterWith, getStore } = prototype;
  const one = new AsyncLocalStorage<Frame>();
  const frame = (): Frame | undefined => getStore.call(one) as Frame | undefined;
  const including = (store: unknown, value: unknown): Frame => new Map(frame()).set(store, value);
  Object.assign(prototype, {
    [shared]: true,
    run(this: unknown, value: unknown, work: Work, ...args: unknown[]): unknown {
      return run.call(one, including(this, value), () => work(...args));
    },
    exit(this: unknown, work: Work, ...args: unknown[]): unknown {
      return run.call(one, including(this, undefined), () => work(...args));
    },
    enterWith(this: unknown, value: unknown): void {
      enterWith.call(one, including(this, value));
    },
    getStore(this: unknown): unknown {
      return frame()?.get(this);
    },
    disable(this: unknown): void {
      if (frame()?.has(this)) enterWith.call(one, including(this, undefined));
    },
  });
}
