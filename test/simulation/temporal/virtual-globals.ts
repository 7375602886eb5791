import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Due } from './event-queue.ts';

/** What the replaced globals need of a clock. */
export interface TimeSource {
  readonly now: number;
  in(ms: number, action: () => unknown): Due;
  cancel(due: Due | undefined): void;
}

/** What dies with its worker: timers that were set in the context of a dead one never fire. */
export interface Lifetime {
  dead: boolean;
  /** How far the clock of this worker's machine is off, milliseconds. */
  skewMs?: Skew;
}

/** Milliseconds; a function where the clock is set while the worker runs. */
export type Skew = number | (() => number);

/** One for the process: each store that is ever used makes every promise slower in Node 20. */
export const lifetimes = new AsyncLocalStorage<Lifetime>();

type Callback = (...args: unknown[]) => unknown;

const require = createRequire(import.meta.url);
const timersPromises: { setTimeout: unknown } = require('node:timers/promises');
const nodeCrypto: { randomUUID: unknown } = require('node:crypto');

/**
 * Replaces Date, timers, `node:timers/promises`, AbortSignal.timeout, performance.now, Math.random and randomUUID.
 * setImmediate, nextTick and queueMicrotask stay real, because they show when all is quiet; so does I/O.
 *
 * @returns What puts the real ones back.
 */
export function replaceGlobals(clock: TimeSource, random: () => number): () => void {
  const real = {
    timers: {
      setTimeout: globalThis.setTimeout,
      clearTimeout: globalThis.clearTimeout,
      setInterval: globalThis.setInterval,
      clearInterval: globalThis.clearInterval,
      Date: globalThis.Date,
    },
    abortAfter: AbortSignal.timeout,
    performanceNow: performance.now,
    random: Math.random,
    uuid: globalThis.crypto.randomUUID,
    pause: timersPromises.setTimeout,
    nodeUuid: nodeCrypto.randomUUID,
  };
  const startedAt = clock.now;

  const timers = virtualTimers(clock, real.timers.clearTimeout);
  Object.assign(globalThis, timers.globals, { Date: virtualDate(clock, real.timers.Date) });
  AbortSignal.timeout = timers.abortAfter;
  performance.now = () => clock.now - startedAt;
  Math.random = random;
  const virtualUuid = uuidFrom(random);
  globalThis.crypto.randomUUID = virtualUuid;
  timersPromises.setTimeout = timers.pause;
  nodeCrypto.randomUUID = virtualUuid;
  syncBuiltinESMExports();

  return () => {
    Object.assign(globalThis, real.timers);
    AbortSignal.timeout = real.abortAfter;
    performance.now = real.performanceNow;
    Math.random = real.random;
    globalThis.crypto.randomUUID = real.uuid;
    timersPromises.setTimeout = real.pause;
    nodeCrypto.randomUUID = real.nodeUuid;
    syncBuiltinESMExports();
  };
}

/** A proxy, so that `instanceof Date` and dates that were made before still work. */
function virtualDate(clock: TimeSource, real: DateConstructor): DateConstructor {
  const now = () => {
    const skew = lifetimes.getStore()?.skewMs ?? 0;
    return clock.now + (typeof skew === 'function' ? skew() : skew);
  };
  return new Proxy(real, {
    construct: (target, args): Date => Reflect.construct(target, args.length === 0 ? [now()] : args),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}

class Timer {
  due: Due | undefined;
  readonly #set: (timer: Timer) => Due;
  readonly #clear: (timer: Timer) => void;

  constructor(set: (timer: Timer) => Due, clear: (timer: Timer) => void) {
    this.#set = set;
    this.#clear = clear;
    this.due = set(this);
  }

  ref = () => this;
  unref = () => this;
  hasRef = () => true;
  close = () => this.#clear(this);
  refresh = () => {
    this.#clear(this);
    this.due = this.#set(this);
    return this;
  };
  [Symbol.toPrimitive] = () => 0;
}

function virtualTimers(clock: TimeSource, realClear: (timer: NodeJS.Timeout) => void) {
  /** As Node's own do, the callback runs in the async context in which the timer was set. */
  const later = (ms: unknown, callback: () => unknown): Due => {
    const lifetime = lifetimes.getStore();
    const context = new AsyncResource('VirtualTimer');
    return clock.in(Math.max(1, Number(ms ?? 1) || 1), () => {
      if (!lifetime?.dead) context.runInAsyncScope(callback);
    });
  };
  const clear = (timer: unknown): void => {
    if (timer instanceof Timer) clock.cancel(timer.due);
    // One that was set before the clock was installed.
    else realClear(timer as NodeJS.Timeout);
  };
  const setTimeout = (callback: Callback, ms?: number, ...args: unknown[]): Timer =>
    new Timer(() => later(ms, () => void callback(...args)), clear);
  const setInterval = (callback: Callback, ms?: number, ...args: unknown[]): Timer => {
    const again = (timer: Timer): Due =>
      later(ms, () => {
        timer.due = again(timer);
        callback(...args);
      });
    return new Timer(again, clear);
  };
  const pause = (ms?: number, value?: unknown, options?: { signal?: AbortSignal }): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { signal } = options ?? {};
      const abort = () => {
        clock.cancel(due);
        const cause = signal?.reason;
        reject(
          Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' }),
        );
      };
      if (signal?.aborted) return abort();
      const due = later(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  const abortAfter = (ms: number): AbortSignal => {
    const controller = new AbortController();
    later(ms, () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
    return controller.signal;
  };
  return { globals: { setTimeout, clearTimeout: clear, setInterval, clearInterval: clear }, pause, abortAfter };
}

function uuidFrom(random: () => number): typeof crypto.randomUUID {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` as ReturnType<typeof crypto.randomUUID>;
}
