import { defineConfig } from 'vitest/config';
import { hangsAfterMs } from './test/support/hangs.ts';
import { SlowestFirst } from './test/support/slowest-first.ts';

/** What needs no Temporal server, no machine that is idle, and no time: `npm test`. */
export default defineConfig({
  test: {
    include: ['test/{unit,contract,simulation,guards}/**/*.test.ts'],
    exclude: ['test/**/*at-length.test.ts', 'node_modules/**'],
    // Threads crash the native bridge of the Temporal SDK.
    pool: 'forks',
    // Loading the same modules again for each file would take half of the time.
    isolate: false,
    maxWorkers: 4,
    sequence: { sequencer: SlowestFirst },
    setupFiles: ['test/support/stack-setup.ts', 'test/support/async-setup.ts'],
    // Simulated shows make and drop millions of small things: with more room for new ones there is less to clear away.
    execArgv: ['--max-semi-space-size=64'],
    globalSetup: ['test/simulation/bundle-setup.ts'],
    testTimeout: hangsAfterMs,
    hookTimeout: hangsAfterMs,
  },
});
