import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** Calls `warn` while a step does not come to an end: after this long, and then less and less often. */
export async function warnIfSlow<T>(
  { afterMs, step, warn }: { afterMs: number; step: string; warn: (tookMs: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  const scope = new CancellationScope();
  const watching = scope.run(async () => {
    let tookMs = 0;
    for (let ms = afterMs; ; ms *= 2) {
      await sleep(ms, { summary: `warn if ${step} takes so long` });
      tookMs += ms;
      warn(tookMs);
    }
  });
  watching.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  try {
    return await work();
  } finally {
    scope.cancel();
  }
}
