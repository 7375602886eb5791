import { describe, expect, it } from 'vitest';
import { failedSeeds, seedsToPlay } from './seeds.ts';

// A day of which no seed has failed yet.
const noon = Date.UTC(2036, 10, 28, 12);

describe('the seeds that are played', () => {
  it('are five hundred others each day, the same all day, and all that ever failed', () => {
    const today = seedsToPlay({ TODAY: '1' }, noon);
    expect(today).toHaveLength(500 + failedSeeds.length);
    expect(today).toEqual(expect.arrayContaining([...failedSeeds]));
    expect(seedsToPlay({ TODAY: '1' }, noon + 3_600_000)).toEqual(today);
    const tomorrow = seedsToPlay({ TODAY: '1' }, noon + 86_400_000);
    expect(tomorrow.filter((seed) => today.includes(seed))).toEqual([...failedSeeds]);
  });

  it('are one to repeat it, some from it on, or ten thousand', () => {
    expect(seedsToPlay({ SEED: '33' }, noon)).toEqual([33]);
    expect(seedsToPlay({ SEED: '33', SEEDS: '3' }, noon)).toEqual([33, 34, 35]);
    expect(seedsToPlay({}, noon)).toHaveLength(10_000);
  });
});
