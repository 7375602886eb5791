import { randomUUID } from 'node:crypto';
import type { JsonObject } from './fields.ts';

/** An event of the service, before it is put into an envelope. */
export interface LiveMessage {
  /** Without `Microsoft.Media.` */
  type: string;
  liveEvent: string;
  /** Epoch milliseconds. */
  at: number;
  data: JsonObject;
}

/** The page of the schemas contradicts itself: its examples spell some things otherwise than its tables. */
export type Spelling = 'example' | 'table';
export type EventSchema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

/** One event, ready to be sent, and sent again as it is. */
export interface GridEvent {
  message: LiveMessage;
  id: string;
}

export const gridEvent = (message: LiveMessage): GridEvent => ({ message, id: randomUUID() });

/** documented(https://learn.microsoft.com/azure/media-services/latest/monitoring/media-services-event-schemas) */
export function inEnvelope(event: GridEvent, topic: string, schema: EventSchema, spelling: Spelling): JsonObject {
  const { message, id } = event;
  const type = `Microsoft.Media.${message.type}`;
  const subject = spelling === 'example' ? `liveEvent/${message.liveEvent}` : `/LiveEvents/${message.liveEvent}`;
  const data = spelling === 'example' ? message.data : asInTables(message.data);
  const time = spelling === 'example' ? withoutZ(message.at) : `${withoutZ(message.at)}Z`;
  if (schema === 'CloudEventSchemaV1_0') return { specversion: '1.0', id, source: topic, type, subject, time, data };
  return { topic, subject, eventType: type, eventTime: time, id, data, dataVersion: '1.0', metadataVersion: '1' };
}

/** Seven digits of a second, and no `Z` in the examples. */
const withoutZ = (at: number): string => new Date(at).toISOString().replace('Z', '0000');

function asInTables(data: JsonObject): JsonObject {
  const { nonincreasingCount, encoderPort, duration: _onlyInTheExample, ...rest } = data;
  return {
    ...rest,
    ...(nonincreasingCount !== undefined && { nonIncreasingCount: nonincreasingCount }),
    ...(encoderPort !== undefined && { encoderPort: String(encoderPort) }),
  };
}
