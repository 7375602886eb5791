import type { UpdateDefinition } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import type { Accepted, By } from '../../domain/actions.ts';
import type { JsonObject } from '../../domain/json.ts';
import { refuse, refuseIf } from './refusals.ts';
import type { Run } from './run.ts';

/** What a run does when an operator asks for it. */
export interface Handling<T extends By> {
  handler: (action: T) => Accepted | Promise<Accepted>;
  /** Refuses it; leaves no trace in the history. */
  validator: (action: T) => void;
}

export function handle<T extends By>(
  update: UpdateDefinition<Accepted, [T]>,
  { handler, validator }: Handling<T>,
): void {
  setHandler(update, handler, { validator });
}

interface Done {
  action: string;
  by: By;
  details?: JsonObject;
  effect: string;
}

/** Keeps what was accepted in the audit, and lets the run go on with it. */
export function accept(run: Run, { action, by: { by, reason }, details = {}, effect }: Done): Accepted {
  run.status.audit.push({ at: Date.now(), action, by, reason, details });
  run.interrupts.wake();
  run.show();
  return { accepted: true, effect };
}

export const notBeingStopped = (run: Run): void => refuseIf(whyBeingStopped(run));

export function whyBeingStopped({ interrupts: { isCancelled, stopRequested } }: Run): string | undefined {
  if (isCancelled) return 'the show is being cancelled';
  return stopRequested && `the show is being stopped: ${stopRequested.detail}`;
}

export function needsPlan(run: { plan?: object }): void {
  if (!run.plan) refuse('the plan is still being checked; try again in a moment');
}
