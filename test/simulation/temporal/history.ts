import type proto from '@temporalio/proto';
import type { HistoryEvent, UserMetadata } from './events.ts';
import { millis } from './payloads.ts';
import { temporal, timestamp } from './sdk-internals.ts';

const attributesFieldOf = (type: string): string => `${type[0]?.toLowerCase()}${type.slice(1)}EventAttributes`;
const enumNameOf = (type: string): string => `EVENT_TYPE_${type.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()}`;

/** As Temporal has it, to be replayed by the real Core. */
export function toProto(events: readonly HistoryEvent[]): proto.temporal.api.history.v1.History {
  return temporal.api.history.v1.History.fromObject({
    events: events.map(({ id, type, at, attributes, userMetadata }) => ({
      eventId: id,
      eventTime: timestamp(at),
      eventType: enumNameOf(type),
      [attributesFieldOf(type)]: attributes,
      ...(userMetadata && { userMetadata }),
    })),
  });
}

/** A history that Temporal gave. */
export const fromProto = (history: proto.temporal.api.history.v1.IHistory): HistoryEvent[] =>
  (history.events ?? []).map(eventFromProto);

function eventFromProto(event: proto.temporal.api.history.v1.IHistoryEvent): HistoryEvent {
  const attributes = Object.entries(event).find(([name, value]) => name.endsWith('EventAttributes') && value != null);
  if (!attributes) throw new Error(`event ${event.eventId} has no attributes`);
  const [field, value] = attributes;
  const type = field.replace(/EventAttributes$/, '');
  return {
    id: Number(event.eventId),
    type: `${type[0]?.toUpperCase()}${type.slice(1)}`,
    at: millis(event.eventTime),
    attributes: plain(value),
    ...(event.userMetadata && { userMetadata: event.userMetadata as UserMetadata }),
  } as HistoryEvent;
}

const isEventId = (name: string): boolean => /EventId$/.test(name);

/** Without nulls, and event ids as numbers, all the way down. */
function plain(value: unknown, name = ''): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (isEventId(name)) return Number(value);
  if (Array.isArray(value)) return value.map((one) => plain(one));
  if ('low' in value) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, plain(one, key)]));
}
