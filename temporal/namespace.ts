import type { ConnectionLike } from '@temporalio/client';

/** Rejects unless Temporal answers for the namespace within the time. */
export async function checkNamespace(connection: ConnectionLike, namespace: string, timeoutMs: number): Promise<void> {
  await connection.withDeadline(Date.now() + timeoutMs, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
}
