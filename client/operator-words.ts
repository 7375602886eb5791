import type { WorkflowHandle } from '@temporalio/client';
import type { By } from '../domain/actions.ts';
import { eventKeyOf, vodRetryIdOf } from '../domain/ids.ts';
import { isPlainLine, plainLineRule } from '../domain/text.ts';
import { RefusedError } from './errors.ts';

/** Checks the operator's name and reason, which reports, logs and terminals show. @throws RefusedError */
export function checkWords({ by, reason }: By): void {
  for (const [name, text] of Object.entries({ by, reason }))
    if (!isPlainLine(text)) throw new RefusedError(`${name} ${plainLineRule}`);
}

export const retryIdOf = ({ workflowId }: WorkflowHandle): string => vodRetryIdOf(eventKeyOf(workflowId) ?? workflowId);

export const isUnknownUpdate = (error: unknown): boolean =>
  error instanceof RefusedError && error.message.includes('No registered handler for update');
