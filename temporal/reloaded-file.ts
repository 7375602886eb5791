import { readFileSync } from 'node:fs';
import { type Checked, ConfigurationError } from '../domain/configuration/checked.ts';
import { codeOf, type ReadFile } from '../domain/configuration/environment.ts';

interface ReloadedFileOptions<T> {
  file: string;
  /** The value at the start of the process. */
  initial: T;
  /** Parses the text of the file; the function that made `initial`. */
  parse: (text: string) => Checked<T>;
  /** For operators: that it was read again, or why it could not be. Default: warnings of the process for the latter. */
  log?: (line: string) => void;
  readFile?: ReadFile;
}

/** A copy that is younger is used without reading the file. Milliseconds. */
const freshForMs = 2_000;

/**
 * What a file of tokens or keys says now. It is looked at when it is asked for, every two seconds at most, by its content:
 * that works with a file that is written, replaced, or behind a symbolic link that moves, as Kubernetes does it. A file
 * that is wrong or gone leaves everything as it was.
 */
export class ReloadedFile<T> {
  readonly #options: ReloadedFileOptions<T>;
  #value: T;
  /** Undefined before the first look: it may have changed since it was read for `initial`. */
  #text: string | undefined;
  #lookedAt = performance.now();
  #complaint = '';

  constructor(options: ReloadedFileOptions<T>) {
    this.#options = options;
    this.#value = options.initial;
  }

  current(): T {
    if (performance.now() - this.#lookedAt >= freshForMs) this.check();
    return this.#value;
  }

  /** Looks at once. */
  check(): void {
    this.#lookedAt = performance.now();
    const text = this.#contents();
    if (text === undefined || text === this.#text) return;
    const isFirst = this.#text === undefined;
    this.#text = text;
    const { file, parse, log } = this.#options;
    const checked = parse(text);
    if (!checked.ok) {
      this.#complain(new ConfigurationError(checked.problems).message);
      return;
    }
    this.#value = checked.value;
    this.#complaint = '';
    if (!isFirst) log?.(`${file} has changed, and was read again`);
  }

  #contents(): string | undefined {
    const { file, readFile = (path) => readFileSync(path, 'utf8') } = this.#options;
    try {
      return readFile(file);
    } catch (error) {
      this.#complain(`${file} cannot be read (${codeOf(error)})`);
      return undefined;
    }
  }

  /** Once for each reason. */
  #complain(why: string): void {
    if (why === this.#complaint) return;
    this.#complaint = why;
    const { log = (line) => process.emitWarning(line) } = this.#options;
    log(`${why}\neverything is left as it was`);
  }
}
