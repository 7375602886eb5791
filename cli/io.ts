import { fchmodSync, fstatSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  AdvisedError,
  InvalidCursorError,
  InvalidPlanError,
  NoAddressError,
  NoSuchEventError,
  NoSuchScheduleError,
  RefusedError,
} from '../client/errors.ts';
import { ConfigurationError } from '../domain/configuration/checked.ts';
import { printable, printableJson } from '../domain/text.ts';
import { type TimeTexts, timesOf } from './times.ts';

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
 * Prints lines for people, on stderr, so that stdout has only the answer or one JSON document. Text from outside (a
 * reason, a title, a vendor's answer) cannot control the terminal, and makes no line of its own.
 */
export const say = (...lines: string[]): void => {
  process.stderr.write(textOf(lines));
};

/** Prints the answer on stdout: the document as JSON, or lines for people. */
export function answer(json: boolean | undefined, document: unknown, lines: () => string | readonly string[]): void {
  process.stdout.write(json ? `${printableJson(JSON.stringify(document, null, 2))}\n` : textOf([lines()].flat()));
}

/** Prints lines of an answer that were made printable before they were painted. */
export const show = (lines: readonly string[]): void => {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
};

const textOf = (lines: readonly string[]): string => lines.map((line) => `${printable(line)}\n`).join('');

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
    error instanceof InvalidCursorError ||
    error instanceof NoAddressError ||
    error instanceof NoSuchEventError ||
    error instanceof NoSuchScheduleError;
  return callersFault ? exitCodes.usage : exitCodes.failed;
}

/** Prints an error, as a line or as JSON. The instants of a refusal are shown in this clock; other messages repeat what was given. */
export function report(error: unknown, json: boolean | undefined, times: TimeTexts = timesOf({ utc: true })): void {
  if (error instanceof FailedResult) return;
  const message = messageOf(error);
  const shown = error instanceof RefusedError ? times.inTexts(message) : message;
  const advice = error instanceof AdvisedError ? error.advice : undefined;
  if (json) {
    const problems = hasProblems(error) ? error.problems : undefined;
    const name = error instanceof Error ? error.name : 'Error';
    answer(true, { error: { name, message, advice, problems } }, () => '');
  } else {
    const [first = '', ...others] = hasProblems(error) ? error.lines : [shown];
    say(`showcaller: ${first}${advice === undefined ? '' : `; ${advice}`}`, ...others);
  }
  // Indented: lines of a message from outside begin nowhere where ours do.
  if (!(error instanceof RefusedError) && process.env.SHOWCALLER_DEBUG)
    say(
      ...inspect(error)
        .split('\n')
        .map((line) => `    ${line}`),
    );
}

const hasProblems = (error: unknown): error is InvalidPlanError | ConfigurationError =>
  error instanceof InvalidPlanError || error instanceof ConfigurationError;

/** The message; of an error of Temporal's client with the server's reason, which is in its cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const why = cause instanceof Error && 'details' in cause ? cause.details : undefined;
  return error.name === 'ServiceError' && typeof why === 'string' ? `${error.message}: ${why}` : error.message;
}
