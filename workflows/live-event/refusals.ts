import { ApplicationFailure } from '@temporalio/workflow';
import type { By, ToLeg } from '../../domain/actions.ts';
import { parseInstant } from '../../domain/time.ts';

/** Refuses an operator's action; in a validator, without a trace in the history. */
export function refuse(why: string): never {
  throw ApplicationFailure.nonRetryable(why, 'refused');
}

export function refuseIf(why: string | undefined): void {
  if (why !== undefined) refuse(why);
}

const maxTextLength = 500;

/** Who acts on the run of one leg. */
export function checkBy(action: (By & ToLeg) | undefined): void {
  checkWho(action);
  if (action?.leg !== undefined) refuse('the event has no legs: leave the leg out');
}

export function checkWho(action: By | undefined): void {
  const text = (value: unknown) => typeof value === 'string' && value.trim() !== '' && value.length <= maxTextLength;
  if (!action || typeof action !== 'object') refuse('the action needs { by, reason }');
  if (!text(action.by)) refuse(`by must say who acts, in at most ${maxTextLength} characters`);
  if (!text(action.reason)) refuse(`reason must say why, in at most ${maxTextLength} characters`);
}

export function instantOf(text: unknown, name: string): number {
  const instant = typeof text === 'string' ? parseInstant(text) : undefined;
  if (instant === undefined) refuse(`${name} must be an ISO 8601 instant with an offset, such as 2026-12-01T18:00:00Z`);
  return instant;
}
