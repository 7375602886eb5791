import { Worker } from '@temporalio/worker';
import { keepPromiseHooksAway } from '../sdk-internals.ts';

type Histories = Parameters<typeof Worker.runReplayHistories>[1];

/** Replays histories in the real Core, in this thread: what went wrong, by the workflow's id. */
export async function refusedByCore(code: string, histories: Histories): Promise<Record<string, string>> {
  keepPromiseHooksAway();
  const refused: Record<string, string> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, histories)) {
    if (error) refused[workflowId] = `${error.name}: ${error.message}`;
  }
  return refused;
}
