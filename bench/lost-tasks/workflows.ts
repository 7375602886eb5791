import { continueAsNew, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { FlowActivities } from './flow-worker.ts';

export interface Flown {
  steps: number;
  lost: number;
}

const hands = 2;
const betweenMs = 80;
/** The tasks of a run stay at one worker: the next run begins at any. */
const stepsOfARun = 5;
/** A step that was lost ends by it. */
const startToCloseTimeout = '5s';

const { step } = proxyActivities<FlowActivities>({
  startToCloseTimeout,
  retry: { maximumAttempts: 1 },
  allowEagerDispatch: false,
});

/** Steps through the task queue, until a signal. */
export async function flow(flown: Flown): Promise<Flown> {
  let isStopped = false;
  let { steps, lost } = flown;
  setHandler(defineSignal('stop'), () => {
    isStopped = true;
  });
  const work = async () => {
    for (let n = 0; n < stepsOfARun && !isStopped; n += 1) {
      steps += 1;
      await step().catch(() => {
        lost += 1;
      });
      await sleep(betweenMs);
    }
  };
  await Promise.all(Array.from({ length: hands }, work));
  if (isStopped) return { steps, lost };
  return continueAsNew<typeof flow>({ steps, lost });
}
