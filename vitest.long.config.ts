import { defineConfig, mergeConfig } from 'vitest/config';
import usual from './vitest.config.ts';

const long = mergeConfig(
  usual,
  defineConfig({ test: { testTimeout: 1_200_000, hookTimeout: 3_600_000, fileParallelism: false } }),
);

/** What takes minutes: run before a release, not on every change. */
export default {
  ...long,
  test: {
    ...long.test,
    include: [
      'test/system/long/**/*.test.ts',
      'test/simulation/legs/at-length.test.ts',
      'test/simulation/legs/on-all-simulators-at-length.test.ts',
      'test/simulation/model/at-length.test.ts',
      'test/simulation/random-shows/mutants-at-length.test.ts',
      'test/simulation/workflows/races-at-length.test.ts',
    ],
    exclude: ['node_modules/**'],
    isolate: true,
    setupFiles: ['test/support/stack-setup.ts'],
    globalSetup: ['test/support/global-setup.ts'],
  },
};
