// Vitest looks each line of a stack up in source maps when the stack is read. For stacks that no person reads that took a
// tenth of the time.

/** Reads stacks as Node has them, of the code as it runs. */
export function withPlainStacks<T>(work: () => T): T {
  const { prepareStackTrace } = Error;
  Object.assign(Error, { prepareStackTrace: undefined });
  try {
    return work();
  } finally {
    Object.assign(Error, { prepareStackTrace });
  }
}

/** agent-base reads a stack for each request, to see whether Node's https is in it: it wants nothing but the files. */
export function readStacksOfAgentsPlainly(): void {
  const { prepareStackTrace: usual } = Error;
  if (!usual || usual.name === preparedPlainly) return;
  Error.prepareStackTrace = Object.defineProperty(
    (error: Error, frames: NodeJS.CallSite[]): unknown =>
      frames[0]?.getFileName()?.includes('/agent-base/')
        ? [error, ...frames.map((frame) => `    at ${frame.getFileName()}:`)].join('\n')
        : usual(error, frames),
    'name',
    { value: preparedPlainly },
  );
}

const preparedPlainly = 'preparedPlainly';
