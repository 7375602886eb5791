/** Does `work` on all, so many at once, and gives what it gave, in order. After a failure nothing further is begun. */
export async function inParallel<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => R | Promise<R>,
): Promise<R[]> {
  const waiting = all.entries();
  const results: R[] = [];
  let hasFailed = false;
  const hand = async (): Promise<void> => {
    for (const [at, one] of waiting) {
      if (hasFailed) return;
      try {
        results[at] = await work(one);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, hand));
  return results;
}

/** The same work, of which so many are under way at once: others wait for their turn. */
export function inTurns<T, R>(atOnce: number, work: (one: T) => Promise<R>): (one: T) => Promise<R> {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (one) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work(one);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
