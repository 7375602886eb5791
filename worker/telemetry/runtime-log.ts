import type { LogEntry } from '@temporalio/worker';
import { eventIdOf } from '../../domain/ids.ts';
import { redact } from '../../domain/redact.ts';
import { printableJson } from '../../domain/text.ts';

/** One JSON line: people pipe it, machines read it, and it steers no terminal. */
export function lineOf({ level, timestampNanos, message, meta }: LogEntry, secrets: readonly string[]): string {
  const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  // Before JSON escapes what a secret consists of.
  const plainly = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? Number(value) : typeof value === 'string' ? redact(value, secrets) : value;
  return printableJson(JSON.stringify({ at, level, message, ...fieldsOf(meta ?? {}) }, plainly));
}

/** Gives the fields of workflows, activities and the SDK the same names, and drops its task tokens. */
function fieldsOf(meta: Readonly<Record<string | symbol, unknown>>): Record<string, unknown> {
  const { error, taskToken, workflowRunId, workflowId, runId, ...rest } = meta as Record<string, unknown>;
  const eventId = typeof workflowId === 'string' ? eventIdOf(workflowId) : undefined;
  const run = { eventId, workflowId, runId: runId ?? workflowRunId };
  return { ...run, ...rest, ...(error instanceof Error && { error: error.message, errorType: typeOf(error) }) };
}

/** The kind of failure where there is one. */
const typeOf = (error: Error): unknown => ('type' in error ? error.type : error.name);
