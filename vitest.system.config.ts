import usual from './vitest.config.ts';

/** A real Temporal server, real media, processes, crashes, a browser, and the contract, wrong clocks, races, fixed faults, maintenance and dead vendors at length: `npm run test:system`. */
export default {
  ...usual,
  test: {
    ...usual.test,
    include: [
      'test/system/**/*.test.ts',
      'test/contract/**/*at-length.test.ts',
      'test/simulation/{workflows/clocks,workflows/races-in-both-orders,faults/fixed,faults/maintenance,faults/wrong-clocks,legs/on-simulators}-at-length.test.ts',
    ],
    exclude: ['test/system/long/**', 'node_modules/**'],
    // These files install runtimes, catch signals and change the environment of their process.
    isolate: true,
    setupFiles: ['test/support/stack-setup.ts'],
    globalSetup: ['test/support/global-setup.ts'],
  },
};
