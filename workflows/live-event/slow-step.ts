import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { formatDuration } from '../../domain/time.ts';
import type { Run } from './run.ts';

/** Runs a step; while it takes long, an event with subscribers gets a warning: first early, then less and less often. */
export function warnIfSlow<T>(run: Run, step: string, work: () => Promise<T>): Promise<T> {
  const { outbox } = run;
  // Without another promise in between: the order of commands depends on it.
  return outbox ? withWarnings(run, step, outbox.slowStepMs, work) : work();
}

async function withWarnings<T>(run: Run, step: string, afterMs: number, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const warning = scope.run(async () => {
    let tookMs = 0;
    for (let ms = afterMs; ; ms *= 2) {
      await sleep(ms, { summary: `warn if ${step} takes so long` });
      tookMs += ms;
      const took = formatDuration(tookMs);
      run.warn('step-slow', `${step} has been tried for ${took}: the pending steps say why it does not succeed`, {
        step,
        tookMs,
      });
      run.show();
    }
  });
  warning.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  try {
    return await work();
  } finally {
    scope.cancel();
  }
}
