/**
 * A reader that has seen enough (`| head`) is no failure: a command that only prints ends then. One that is to be stopped in order holds
 * processes or channels: it goes on, and nothing reads what it prints.
 */
export function endWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (process.listenerCount('SIGTERM') === 0) process.exit();
  });
}

/** Resolves at the first SIGINT or SIGTERM; the second, whichever it is, ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      for (const one of signals) process.off(one, stop).once(one, () => process.exit(130));
      resolve(signal);
    };
    for (const one of signals) process.once(one, stop);
  });
}
