import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, Payloads, ProtoDuration } from './events.ts';

export const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value) ?? {};

export const fromPayload = (payload: Payload | null | undefined): unknown =>
  payload ? defaultPayloadConverter.fromPayload(payload) : undefined;

export const fromPayloads = (payloads: Payloads | null | undefined): unknown[] =>
  (payloads?.payloads ?? []).map(fromPayload);

const decoder = new TextDecoder();

/** Search attributes as JSON, sorted by name. Dates can be left out, as they are others each time. */
export function searchAttributesOf(
  fields: Readonly<Record<string, Payload>>,
  withDates = true,
): Record<string, unknown> {
  const values = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { data }]) => [name, data && data.length > 0 ? JSON.parse(decoder.decode(data)) : null] as const);
  return Object.fromEntries(values.map(([name, value]) => [name, !withDates && isDate(value) ? 'a date' : value]));
}

const isDate = (value: unknown): boolean => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);

export const millis = (duration: ProtoDuration): number =>
  duration ? Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1e6 : 0;

export const durationOf = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: Math.round((ms % 1000) * 1e6) });
