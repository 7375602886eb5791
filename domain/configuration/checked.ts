import type { Problem } from '../errors.ts';

/** A value that was read and holds, or everything that is wrong with it. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export const accepted = <T>(value: T): Checked<T> => ({ ok: true, value });
export const refused = (...problems: Problem[]): Checked<never> => ({ ok: false, problems });

/** The value, unless there are problems. */
export const unlessProblems = <T>(problems: Problem[], value: () => T): Checked<T> =>
  problems.length > 0 ? refused(...problems) : accepted(value());

/** All parts, or the problems of all of them. */
export function together<T extends object>(parts: { [K in keyof T]: Checked<T[K]> }): Checked<T> {
  const entries = Object.entries(parts) as [string, Checked<unknown>][];
  const problems = entries.flatMap(([, part]) => (part.ok ? [] : part.problems));
  return unlessProblems(
    problems,
    () => Object.fromEntries(entries.map(([key, part]) => [key, part.ok && part.value])) as T,
  );
}

/** A configuration that no process can start with: everything that is wrong with it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly Problem[];
  /** The message, a line for each problem. */
  readonly lines: readonly string[];

  constructor(problems: readonly Problem[], what = 'the configuration') {
    const lines = problems.map(
      ({ path, given, message }) => `  ${path ? `${path}: ` : ''}${message}${given ? ` (given ${given})` : ''}`,
    );
    const all = [`${what} has ${problems.length} problem${problems.length === 1 ? '' : 's'}`, ...lines];
    super(all.join('\n'));
    this.problems = problems;
    this.lines = all;
  }
}

/** @throws ConfigurationError with everything that is wrong. */
export function orThrow<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw new ConfigurationError(checked.problems);
}
