interface DatedHeaders {
  'retry-after'?: string | undefined;
  date?: string | undefined;
}

/**
 * How long an answer asks to wait, milliseconds: seconds, or a date, which is read by the clock that wrote it. Undefined
 * where it does not say, or the time is past.
 */
export function retryAfterMs({ 'retry-after': after, date }: DatedHeaders): number | undefined {
  if (after === undefined) return undefined;
  if (/^\d+$/.test(after.trim())) return Number(after) * 1000 || undefined;
  const sentAt = date === undefined ? Number.NaN : Date.parse(date);
  const ms = Date.parse(after) - (Number.isNaN(sentAt) ? Date.now() : sentAt);
  return ms > 0 ? ms : undefined;
}
