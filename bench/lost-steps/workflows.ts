import { defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { FlowActivities } from './flow-worker.ts';

const hands = 6;
const betweenMs = 80;
/** A step that was lost ends by it. */
const startToCloseTimeout = '5s';

const { step } = proxyActivities<FlowActivities>({
  startToCloseTimeout,
  retry: { maximumAttempts: 1 },
  allowEagerDispatch: false,
});

/** Steps through the task queue, until a signal. */
export async function flow(): Promise<{ steps: number; lost: number }> {
  let isStopped = false;
  let [steps, lost] = [0, 0];
  setHandler(defineSignal('stop'), () => {
    isStopped = true;
  });
  const work = async () => {
    while (!isStopped) {
      steps += 1;
      await step().catch(() => {
        lost += 1;
      });
      await sleep(betweenMs);
    }
  };
  await Promise.all(Array.from({ length: hands }, work));
  return { steps, lost };
}
