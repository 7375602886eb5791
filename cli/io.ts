import { fchmodSync, fstatSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  AdvisedError,
  InvalidPlanError,
  NoSuchEventError,
  NoSuchScheduleError,
  RefusedError,
} from '../client/errors.ts';
import { ConfigurationError } from '../domain/configuration/checked.ts';
import { printable, printableJson } from '../domain/text.ts';

/** `usage`: the caller can correct it. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Wrong usage, plan or configuration: the caller can correct it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command failed and has printed its result already. */
export class FailedResult extends Error {
  override readonly name = 'FailedResult';
}

/**
 * Prints a line for people, on stderr, so that stdout has only the answer or one JSON document. Text from outside (a
 * reason, a title, a vendor's answer) cannot control the terminal.
 */
export const say = (line: string): void => {
  process.stderr.write(`${printable(line)}\n`);
};

/** Prints the answer on stdout: the document as JSON, or the text. */
export function answer(json: boolean | undefined, document: unknown, text: () => string): void {
  process.stdout.write(json ? `${printableJson(JSON.stringify(document, null, 2))}\n` : `${printable(text())}\n`);
}

/** Makes an output file that the shell has just created readable for its owner only; called before a secret is printed. */
export function keepOutputPrivate(): void {
  const { fd } = process.stdout;
  const output = fstatSync(fd);
  if (output.isFile() && output.size === 0) fchmodSync(fd, 0o600);
}

/** The exit code for a thrown error. */
export function exitCodeOf(error: unknown): number {
  const callersFault =
    error instanceof UsageError ||
    error instanceof ConfigurationError ||
    error instanceof InvalidPlanError ||
    error instanceof NoSuchEventError ||
    error instanceof NoSuchScheduleError;
  return callersFault ? exitCodes.usage : exitCodes.failed;
}

/** Prints an error, as a line or as JSON. */
export function report(error: unknown, json: boolean | undefined): void {
  if (error instanceof FailedResult) return;
  const message = messageOf(error);
  const advice = error instanceof AdvisedError ? error.advice : undefined;
  if (json) {
    const problems =
      error instanceof InvalidPlanError || error instanceof ConfigurationError ? error.problems : undefined;
    const name = error instanceof Error ? error.name : 'Error';
    answer(true, { error: { name, message, advice, problems } }, () => '');
  } else {
    say(`showcaller: ${message}${advice === undefined ? '' : `; ${advice}`}`);
  }
  if (!(error instanceof RefusedError) && process.env.SHOWCALLER_DEBUG) say(inspect(error));
}

/** The message; of an error of Temporal's client with the server's reason, which is in its cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const why = cause instanceof Error && 'details' in cause ? cause.details : undefined;
  return error.name === 'ServiceError' && typeof why === 'string' ? `${error.message}: ${why}` : error.message;
}
