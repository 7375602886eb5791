import { type Due, EventQueue } from './event-queue.ts';
import { Looks } from './looks.ts';
import { replaceGlobals } from './virtual-globals.ts';

export type { Due } from './event-queue.ts';

export interface ClockOptions {
  /** When it begins, epoch milliseconds. */
  now: number;
  /** From 0 to 1: in the place of `Math.random` while the clock is installed. */
  random: () => number;
  /** Decides among things due in the same millisecond. Default: the first that was asked for. */
  shuffle?: () => number;
  /** Resolves when time may go on. Default: when no microtask is left. */
  quiet?: () => Promise<void>;
}

const mostEvents = 2_000_000;

/**
 * Virtual time for everything in this process while it is installed: one queue of things that will happen, and nothing
 * else moves. Between two of them every microtask has run, so that code which waits only for promises and for timers
 * behaves the same every time.
 */
export class Clock {
  now: number;
  /** How many things have happened. */
  ticks = 0;
  readonly #queue = new EventQueue();
  readonly #looks = new Looks();
  readonly #options: ClockOptions;
  readonly #quiet: () => Promise<void>;
  readonly #still = new Set<Promise<void>>();
  #order = 0;
  #restoreGlobals: (() => void) | undefined;

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#quiet = options.quiet ?? microtasksDone;
    this.now = options.now;
  }

  /** Does something in so many milliseconds. It may be async: then time stands still until it is done. */
  in(ms: number, action: () => unknown, { changesNothing = false } = {}): Due {
    const wait = Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : 0;
    this.#order += 1;
    const { shuffle } = this.#options;
    const due: Due = { at: this.now + wait, order: shuffle ? shuffle() : this.#order, action, changesNothing };
    this.#queue.push(due);
    return due;
  }

  /** Resolves in so many milliseconds, or in a multiple of them when something has happened: looking sooner shows nothing new. */
  lookAgain(afterMs: number): Promise<void> {
    return this.#looks.add(this.now, afterMs);
  }

  /** Time stands still until that is done, which must not wait for anything that is yet to happen. */
  standStill<T>(work: Promise<T>): Promise<T> {
    const done = work.then(
      () => {},
      () => {},
    );
    this.#still.add(done);
    void done.then(() => this.#still.delete(done));
    return work;
  }

  cancel(due: Due | undefined): void {
    if (due) due.action = undefined;
  }

  /** Lets time go on until `isOver` says so, or nothing is left to happen. */
  async run(isOver: () => boolean, most = mostEvents): Promise<'over' | 'nothing left'> {
    await this.#settled();
    const limit = this.ticks + most;
    while (!isOver()) {
      const { first } = this.#queue;
      const look = this.#looks.before(first?.at);
      const next = look ?? this.#queue.pop();
      if (!next?.action) return 'nothing left';
      if (next.at > this.now) this.now = next.at;
      this.ticks += 1;
      if (this.ticks > limit) throw new Error(`more than ${most} things happened by ${this.#instant()}: a loop`);
      if (!next.changesNothing) this.#looks.somethingHappened();
      const doing = next.action();
      if (doing instanceof Promise) await doing;
      await this.#settled();
    }
    return 'over';
  }

  async #settled(): Promise<void> {
    await this.#quiet();
    while (this.#still.size > 0) {
      await Promise.all(this.#still);
      await this.#quiet();
    }
  }

  /** Runs `main` in virtual time. @throws Error when it waits for something that can never happen. */
  async drive<T>(main: () => Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    this.install();
    try {
      const running = main();
      running.then(settle, settle);
      if ((await this.run(() => settled)) === 'nothing left')
        throw new Error(`deadlock: nothing is left to happen at ${this.#instant()}`);
      return await running;
    } finally {
      this.uninstall();
    }
  }

  /** Puts virtual time in the place of the real one, for the whole process. */
  install(): void {
    if (installed) throw new Error('cannot install a second virtual clock in one process');
    installed = true;
    this.#restoreGlobals = replaceGlobals(this, this.#options.random);
  }

  uninstall(): void {
    if (!this.#restoreGlobals) return;
    this.#restoreGlobals();
    this.#restoreGlobals = undefined;
    installed = false;
  }

  #instant(): string {
    return new Date(this.now).toISOString();
  }
}

let installed = false;

const realSetImmediate = setImmediate;
/** The real immediate comes after every microtask. */
export const microtasksDone = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve));
