/** A longer timer of Node's fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** What the work gives, or undefined where it takes longer: it goes on then, and is not waited for. Leaves no timer behind. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.min(ms, longestTimerMs));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, at most until it is ended. Leaves neither a timer nor a listener behind. */
export function pause(ms: number, ended?: AbortSignal): Promise<void> {
  if (ended?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      ended?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    ended?.addEventListener('abort', wake, { once: true });
  });
}
