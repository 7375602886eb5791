import { readFileSync } from 'node:fs';
import { codeOf, type ReadFile } from '../domain/configuration/environment.ts';
import type { Problem } from '../domain/errors.ts';

/** What a text says; no value where it cannot be understood. There may be problems beside a value: of parts that do not count. */
export interface Reading<T> {
  value?: T;
  problems: readonly Problem[];
}

interface ReloadedFileOptions<T> {
  file: string;
  /** The value at the start of the process. */
  initial: T;
  /** Parses the text of the file. */
  parse: (text: string) => Reading<T>;
  /** What counts once the file has been gone or not understood for so long. Default: what it said last counts for ever. */
  whenLost?: { afterMs: number; value: T };
  /** For operators: that it was read again, or what is wrong with it. Default: warnings of the process for the latter. */
  log?: (line: string) => void;
  readFile?: ReadFile;
}

/** A copy that is younger is used without reading the file. Milliseconds. */
const freshForMs = 2_000;

/**
 * What a file of tokens or keys says now. It is looked at when it is asked for, every two seconds at most, by its content:
 * that works with a file that is written, replaced, or behind a symbolic link that moves, as Kubernetes does it.
 */
export class ReloadedFile<T> {
  readonly #options: ReloadedFileOptions<T>;
  #value: T;
  /** Undefined before the first look: it may have changed since it was read for `initial`. */
  #text: string | undefined;
  #lookedAt = performance.now();
  /** Since when the file says nothing, on the clock of `performance`. */
  #silentSince: number | undefined;
  #complaint: string | undefined;

  constructor(options: ReloadedFileOptions<T>) {
    this.#options = options;
    this.#value = options.initial;
  }

  current(): T {
    if (performance.now() - this.#lookedAt >= freshForMs) this.check();
    return this.#value;
  }

  /** Whether the whole file counts. */
  get isWhole(): boolean {
    this.current();
    return this.#complaint === undefined;
  }

  /** Whether the file has been gone, or not understood, for so long that what it said no longer counts. */
  get isLost(): boolean {
    this.current();
    const { whenLost } = this.#options;
    return (
      whenLost !== undefined &&
      this.#silentSince !== undefined &&
      performance.now() - this.#silentSince >= whenLost.afterMs
    );
  }

  /** Looks at the file every two seconds, so that what is wrong is seen without a request. Returns what ends it. */
  watch(): () => void {
    const timer = setInterval(() => this.check(), freshForMs).unref();
    return () => clearInterval(timer);
  }

  /** Looks at once. */
  check(): void {
    this.#lookedAt = performance.now();
    const { file, log, parse } = this.#options;
    const text = this.#contents();
    if (typeof text !== 'string') {
      this.#saysNothing(`${file} cannot be read (${text.code})`);
      return;
    }
    const [isFirst, wasSilent] = [this.#text === undefined, this.#silentSince !== undefined];
    if (text === this.#text && !wasSilent) return;
    this.#text = text;
    const { value, problems } = parse(text);
    const why = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
    if (value === undefined) {
      this.#saysNothing(`${file}: ${why}`);
      return;
    }
    this.#value = value;
    this.#silentSince = undefined;
    if (!isFirst) log?.(`${file} has changed, and was read again`);
    this.#complain(problems.length > 0 ? `${file}: ${why}; everything else in it counts` : undefined);
  }

  #saysNothing(why: string): void {
    this.#silentSince ??= performance.now();
    const { whenLost } = this.#options;
    if (this.isLost && whenLost) {
      this.#value = whenLost.value;
      this.#complain(`${why}; nothing that it said before counts any more`);
    } else {
      const rest = whenLost ? `counts for ${whenLost.afterMs / 1_000} s more` : 'still counts';
      this.#complain(`${why}; what it said before ${rest}`);
    }
  }

  #contents(): string | { code: string } {
    const { file, readFile = (path) => readFileSync(path, 'utf8') } = this.#options;
    try {
      return readFile(file);
    } catch (error) {
      return { code: codeOf(error) };
    }
  }

  /** Once for each reason. */
  #complain(why: string | undefined): void {
    if (why === this.#complaint) return;
    this.#complaint = why;
    const { log = (line) => process.emitWarning(line) } = this.#options;
    if (why !== undefined) log(why);
  }
}
