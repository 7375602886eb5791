import usual from './vitest.config.ts';

/** Random faults at length: SEED, SCENARIOS, AT_ONCE. */
export default {
  ...usual,
  test: { ...usual.test, include: ['test/simulation/faults/at-length.test.ts'], exclude: ['node_modules/**'] },
};
