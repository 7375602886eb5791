import { spread } from '../sample.ts';
import type { Sampled, Track } from '../track.ts';
import type { Look } from './seen.ts';

/** Bits per second that no picture and no sound is below. */
const leastRate = 2_000;
/** A segment that cannot be parsed may have this share of the bit rate of the others, or of the declared one. */
const shareOfOthers = 0.1;
const shareOfDeclared = 0.05;
/** A whole recording is never this far below what is declared, however still the picture. */
const leastShareOfDeclared = 0.01;

/** A segment of MPEG-TS that has less than this share of the bit rate of the others is read whole, up to so many of them. */
const thinShare = 0.5;
const mostThin = 60;

/** Segments of which only the ends were read, and that have few bytes for their time. */
export function thinOnes({ sample }: Track, looks: readonly Look[]): Sampled[] {
  const rateOf = (i: number) => (looks[i]?.bytes ?? 0) / Math.max(1, sample[i]?.durationMs ?? 0);
  const middle = sample.map((_, i) => rateOf(i)).sort((a, b) => a - b)[sample.length >> 1] ?? 0;
  const thin = sample.filter((_, i) => looks[i]?.streams !== undefined && rateOf(i) < thinShare * middle);
  return spread(thin, mostThin);
}

/** Bytes must fit the time that they are said to last. */
export function rateProblems({ sample, bandwidth = 0 }: Track, looks: readonly Look[]): string[] {
  const rates = sample.flatMap(({ index, durationMs }, i) => {
    const { bytes, unseen, problem } = looks[i] ?? {};
    if (bytes === undefined || problem !== undefined || durationMs < 1_000) return [];
    return [{ index, durationMs, bytes, rate: (bytes * 8_000) / durationMs, isSeen: unseen === undefined }];
  });
  const middle = rates.map(({ rate }) => rate).sort((a, b) => a - b)[rates.length >> 1] ?? 0;
  const leastUnseen = Math.max(leastRate, shareOfOthers * middle, shareOfDeclared * bandwidth);
  const problems = rates
    .filter(({ rate, isSeen }) => rate < (isSeen ? leastRate : leastUnseen))
    .map(({ index, bytes, durationMs }) => `segment ${index} has ${bytes} bytes for ${durationMs / 1000} s`);
  const bits = rates.reduce((sum, { bytes }) => sum + 8 * bytes, 0);
  const ms = rates.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const mean = ms === 0 ? 0 : (bits * 1000) / ms;
  if (ms > 0 && mean < leastShareOfDeclared * bandwidth) {
    problems.push(`${Math.round(mean / 1000)} kbit/s on average, declared are ${Math.round(bandwidth / 1000)}`);
  }
  return problems;
}
