import { formatDuration } from './time.ts';

/** From here on a skew between two clocks is worth a warning. */
export const noticeableSkewMs = 2_000;

/** `20m ahead of`; undefined while the clocks agree. Positive: the clock is ahead. */
export function skewTextOf(skewMs: number): string | undefined {
  if (Math.abs(skewMs) < noticeableSkewMs) return undefined;
  const by = formatDuration(Math.round(Math.abs(skewMs) / 1000) * 1000);
  return `${by} ${skewMs > 0 ? 'ahead of' : 'behind'}`;
}
