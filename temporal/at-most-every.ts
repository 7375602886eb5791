/** The work, done at most once in this time, and once for all callers meanwhile; a failure is an outcome too. */
export function atMostEvery<T>(
  ms: number,
  work: () => Promise<T>,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  let freshUntil = Number.POSITIVE_INFINITY;
  return () => {
    if (outcome && now() < freshUntil) return outcome;
    freshUntil = Number.POSITIVE_INFINITY;
    outcome = work().finally(() => {
      freshUntil = now() + ms;
    });
    return outcome;
  };
}
