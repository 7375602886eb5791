import type { Client, WorkflowHandle } from '@temporalio/client';
import { until } from '../../../support/until.ts';

/** What a scene needs: a client, and a worker on the queue. */
export interface ProbeParts {
  client: Client;
  taskQueue: string;
  /** A prefix of workflow ids. */
  id: string;
}

/** Plays with one workflow of the probe and gives its outcome in words; the histories of all its runs are compared. */
export type ProbeScene = (parts: ProbeParts) => Promise<unknown>;

const start = ({ client, taskQueue, id }: ProbeParts, type: string, args: unknown[] = []): Promise<WorkflowHandle> =>
  client.workflow.start(type, { workflowId: id, taskQueue, args });

const result = async (parts: ProbeParts, type: string, args?: unknown[]) =>
  (await start(parts, type, args)).result().catch((error: Error) => `${error.name} < ${(error.cause as Error)?.name}`);

export const probeScenes: Readonly<Record<string, ProbeScene>> = {
  'local activities': (parts) => result(parts, 'localActivities', [parts.id]),
  'a local activity longer than a workflow task': (parts) => result(parts, 'longLocalActivity', [12_000]),
  'a cancelled local activity': (parts) => result(parts, 'cancelledLocalActivity'),
  patches: (parts) => result(parts, 'patches'),
  'continuing as new': (parts) => result(parts, 'countsDown', [3]),
  children: (parts) => result(parts, 'children'),
  'signals and cancellations of others': (parts) => result(parts, 'pokesAndCancels'),
  'a memo, and an update that outlives its run': async (parts) => {
    const handle = await start(parts, 'remembers');
    const update = handle.executeUpdate('slow', { args: [60_000] }).catch((error: Error) => error.message);
    const outcome = [await handle.result(), await update];
    const { memo } = await handle.describe();
    return [...outcome, memo];
  },
  'a terminated run': async (parts) => {
    const handle = await start(parts, 'sleeps', [60_000]);
    await until(async () => (await handle.describe()).historyLength > 4);
    await handle.terminate('enough');
    return handle.result().catch((error: Error) => (error.cause as Error).message);
  },
};
