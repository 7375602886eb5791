import { fchmodSync, fstatSync } from 'node:fs';
import { inspect } from 'node:util';
import { InvalidPlanError, NoSuchEventError, NoSuchScheduleError, RefusedError } from '../client/errors.ts';
import { ConfigurationError } from '../domain/configuration/checked.ts';
import { printable, printableJson } from '../domain/text.ts';

/** Exit codes: whose fault it was. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Wrong usage, wrong plan, wrong configuration: the caller's to mend. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A result that is an answer but not a success; already printed. */
export class FailedResult extends Error {
  override readonly name = 'FailedResult';
}

/**
 * People's lines go to stderr, so that stdout holds one JSON document or the answer alone. Whatever others wrote, a reason,
 * a title, a vendor's words, cannot steer the terminal.
 */
export const say = (line: string): void => {
  process.stderr.write(`${printable(line)}\n`);
};

/** The answer: JSON when asked for, else text. */
export function answer(json: boolean | undefined, document: unknown, text: () => string): void {
  process.stdout.write(json ? `${printableJson(JSON.stringify(document, null, 2))}\n` : `${printable(text())}\n`);
}

/** Before a secret is printed: a file that the shell has just made for it is for its owner alone. */
export function keepOutputPrivate(): void {
  const { fd } = process.stdout;
  const output = fstatSync(fd);
  if (output.isFile() && output.size === 0) fchmodSync(fd, 0o600);
}

/** What a thrown error means for the shell. */
export function exitCodeOf(error: unknown): number {
  const callersFault =
    error instanceof UsageError ||
    error instanceof ConfigurationError ||
    error instanceof InvalidPlanError ||
    error instanceof NoSuchEventError ||
    error instanceof NoSuchScheduleError;
  return callersFault ? exitCodes.usage : exitCodes.failed;
}

/** One problem, for people or for machines. */
export function report(error: unknown, json: boolean | undefined): void {
  if (error instanceof FailedResult) return;
  const message = messageOf(error);
  if (json) {
    const problems =
      error instanceof InvalidPlanError || error instanceof ConfigurationError ? error.problems : undefined;
    const name = error instanceof Error ? error.name : 'Error';
    answer(true, { error: { name, message, problems } }, () => '');
  } else {
    say(`showcaller: ${message}`);
  }
  if (!(error instanceof RefusedError) && process.env.SHOWCALLER_DEBUG) say(inspect(error));
}

/** Temporal's client says what failed; why is in the words of the server, one level below. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const why = cause instanceof Error && 'details' in cause ? cause.details : undefined;
  return error.name === 'ServiceError' && typeof why === 'string' ? `${error.message}: ${why}` : error.message;
}
