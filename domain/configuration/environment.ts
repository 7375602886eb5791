import type { Problem } from '../errors.ts';

/** Variables of a process. An empty one counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text file; throws when it cannot be read. */
export type ReadFile = (path: string) => string;

/** What a process is configured by. */
export interface ConfigSources {
  env: Environment;
  readFile: ReadFile;
  /** Of the command line, by property name; they win over variables. */
  flags?: Readonly<Record<string, unknown>>;
}

/** A secret is set by its variable, or by a file that the same variable with `_FILE` names. */
export const fileVariableOf = (variable: string): string => `${variable}_FILE`;

/** What a variable or its file says, and which of the two said it; `value` is absent when neither is set. */
export type SecretText = { from: string; value?: string } | { problem: Problem };

/** A setting that may stand in a file of its own, whose last line break does not count. Never quotes a value. */
export function secretText(variable: string, { env, readFile }: Pick<ConfigSources, 'env' | 'readFile'>): SecretText {
  const inFile = fileVariableOf(variable);
  const value = env[variable];
  const path = env[inFile];
  if (value && path) return { problem: { path: inFile, message: `and ${variable} are both set: set one of them` } };
  if (value) return { from: variable, value };
  return path ? namedFile(inFile, path, readFile) : { from: variable };
}

/** The text of a file that a variable names. */
export function namedFile(variable: string, path: string, readFile: ReadFile): SecretText {
  const problem = (message: string): SecretText => ({ problem: { path: variable, message } });
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return problem(`names a file that cannot be read (${codeOf(error)})`);
  }
  const value = text.replace(/\r?\n$/, '');
  return value === '' ? problem('names a file that is empty') : { from: variable, value };
}

/** The system's code; the text of such an error repeats the path. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
