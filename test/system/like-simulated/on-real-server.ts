import { describe } from 'vitest';

/** Runs files of tests that were written for virtual time on the real Temporal server. */
export function onRealServer(files: Readonly<Record<string, () => Promise<unknown>>>): void {
  // Read by test/simulation/environment.ts; each file of this tier has a process of its own.
  process.env.REAL_SERVER = '1';
  describe.each(Object.entries(files))('%s', async (_name, load) => {
    await load();
  });
}
