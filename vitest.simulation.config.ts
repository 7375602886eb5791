import { availableParallelism } from 'node:os';
import usual from './vitest.config.ts';

/** Random shows at length, a share of the seeds in each process: SEED, SEEDS, TODAY. */
const { SEED, SEEDS = SEED ? '1' : '4' } = process.env;
const SHARDS = String(Math.min(Number(SEEDS), 4, availableParallelism()));
const STARTED_AT = String(Date.now());

export default {
  test: {
    projects: Array.from({ length: Number(SHARDS) }, (_, shard) => ({
      test: {
        ...usual.test,
        // A hundred shows of hours are one test.
        testTimeout: 3_600_000,
        name: `share-${shard + 1}`,
        include: ['test/simulation/random-shows/at-length.test.ts'],
        exclude: ['node_modules/**'],
        env: { SHARDS, SHARD: String(shard), STARTED_AT },
      },
    })),
  },
};
