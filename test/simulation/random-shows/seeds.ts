import failed from './failed-seeds.json' with { type: 'json' };

/** What is to be played, as the environment says it. */
export interface SeedOptions {
  /** The first seed. Alone, it is the only one. */
  SEED?: string;
  SEEDS?: string;
  /** Anything: the seeds of this day, and all that ever failed. */
  TODAY?: string;
}

const usualCount = 10_000;
const aDay = 500;
const dayMs = 86_400_000;

/** Every seed that ever failed, with what was wrong; a change of the scenarios makes other shows of them. */
export const failedSeeds: readonly number[] = Object.keys(failed).map(Number);

/** The seeds to play. Without a word from the environment: ten thousand random ones. */
export function seedsToPlay({ SEED, SEEDS, TODAY }: SeedOptions, now: number): number[] {
  if (TODAY) return [...failedSeeds, ...row(Math.floor(now / dayMs) * aDay, aDay)];
  if (SEED !== undefined) return row(Number(SEED), Number(SEEDS ?? 1));
  return row(Math.floor(now / 1000), Number(SEEDS ?? usualCount));
}

const row = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
