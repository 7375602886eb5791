import { defineConfig } from 'vitest/config';

/** What needs no Temporal server, no machine that is idle, and no time: `npm test`. */
export default defineConfig({
  test: {
    include: ['test/{unit,contract,simulation,guards}/**/*.test.ts'],
    exclude: ['test/simulation/*/at-length.test.ts', 'node_modules/**'],
    // Threads crash the native bridge of the Temporal SDK.
    pool: 'forks',
    maxWorkers: 4,
    globalSetup: ['test/simulation/bundle-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
