import type { Client, WorkflowHandle } from '@temporalio/client';
import { until } from '../../../support/until.ts';

/** What a scene needs: a client, and a worker on the queue. */
export interface ProbeStage {
  client: Client;
  taskQueue: string;
  /** A prefix of workflow ids. */
  id: string;
}

/** Plays with one workflow of the probe and gives its outcome in words; the histories of all its runs are compared. */
export type ProbeScene = (stage: ProbeStage) => Promise<unknown>;

const start = ({ client, taskQueue, id }: ProbeStage, type: string, args: unknown[] = []): Promise<WorkflowHandle> =>
  client.workflow.start(type, { workflowId: id, taskQueue, args });

const result = async (stage: ProbeStage, type: string, args?: unknown[]) =>
  (await start(stage, type, args)).result().catch((error: Error) => `${error.name} < ${(error.cause as Error)?.name}`);

export const probeScenes: Readonly<Record<string, ProbeScene>> = {
  'local activities': (stage) => result(stage, 'localActivities', [stage.id]),
  'a local activity longer than a workflow task': (stage) => result(stage, 'longLocalActivity', [12_000]),
  'a cancelled local activity': (stage) => result(stage, 'cancelledLocalActivity'),
  patches: (stage) => result(stage, 'patches'),
  'continuing as new': (stage) => result(stage, 'countsDown', [3]),
  children: (stage) => result(stage, 'children'),
  'signals and cancellations of others': (stage) => result(stage, 'pokesAndCancels'),
  'a memo, and an update that outlives its run': async (stage) => {
    const handle = await start(stage, 'remembers');
    const update = handle.executeUpdate('slow', { args: [60_000] }).catch((error: Error) => error.message);
    const outcome = [await handle.result(), await update];
    const { memo } = await handle.describe();
    return [...outcome, memo];
  },
  'a terminated run': async (stage) => {
    const handle = await start(stage, 'sleeps', [60_000]);
    await until(async () => (await handle.describe()).historyLength > 4);
    await handle.terminate('enough');
    return handle.result().catch((error: Error) => (error.cause as Error).message);
  },
};
